# Views of gathered constants had no rows to read, and a gathered constant with rows was read at the wrong ones.
program view_of_gathered_constant
  map src : Edges -> Nodes
  %0 = constant 2 : Nodes[4]
  %1 = gather src %0 : Edges[4]
  %2 = slice 0:1:2 %1 : Edges[2]
  %3 = slice 0:0:2 %0 : Nodes[2]
  %4 = input x : Edges[4]
  %5 = pointwise {$0 * $1} %4, %1 : Edges[4]
  return a = %2, b = %3, c = %5
