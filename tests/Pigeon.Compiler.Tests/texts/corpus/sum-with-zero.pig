# -0 + 0 is +0, so the sum with a constant 0 is not its other term.
program sum_with_zero
  %0 = input x : Nodes[3]
  %1 = pointwise {neg(abs($0)) + 0} %0 : Nodes[3]
  %2 = constant 0 : Nodes[3]
  %3 = pointwise {$0 * $1} %0, %2 : Nodes[3]
  %4 = pointwise {$0 + $1} %3, %2 : Nodes[3]
  return y = %1, z = %4
