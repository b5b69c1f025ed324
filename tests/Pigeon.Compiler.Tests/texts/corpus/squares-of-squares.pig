# Each level doubled the expression that the next one held.
program squares_of_squares
  %0 = input x : Nodes[2]
  %1 = pointwise {max(min($0 * $0, 1), $0)} %0 : Nodes[2]
  %2 = pointwise {max(min($0 * $0, 1), $0)} %1 : Nodes[2]
  %3 = pointwise {max(min($0 * $0, 1), $0)} %2 : Nodes[2]
  %4 = pointwise {max(min($0 * $0, 1), $0)} %3 : Nodes[2]
  %5 = pointwise {max(min($0 * $0, 1), $0)} %4 : Nodes[2]
  %6 = pointwise {max(min($0 * $0, 1), $0)} %5 : Nodes[2]
  %7 = pointwise {max(min($0 * $0, 1), $0)} %6 : Nodes[2]
  %8 = pointwise {max(min($0 * $0, 1), $0)} %7 : Nodes[2]
  %9 = pointwise {max(min($0 * $0, 1), $0)} %8 : Nodes[2]
  %10 = pointwise {max(min($0 * $0, 1), $0)} %9 : Nodes[2]
  %11 = pointwise {max(min($0 * $0, 1), $0)} %10 : Nodes[2]
  %12 = pointwise {max(min($0 * $0, 1), $0)} %11 : Nodes[2]
  return y = %12
