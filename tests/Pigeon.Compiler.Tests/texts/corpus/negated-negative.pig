# Became --2f.
program negated_negative
  %0 = input x : Nodes[1]
  %1 = pointwise {$0 - neg(-2)} %0 : Nodes[1]
  return y = %1
