# The product took its place in the kernel of its rows, before the kernel of its weight; both run once.
program once_kernels_in_order
  map etype : Edges -> EdgeTypes
  map src : Edges -> Nodes
  %0 = constant 2 : Edges[33]
  %1 = constant 1 : distinct(etype, src)[33, 1]
  %2 = linear pair(etype, src) %0, %1 : Edges[1]
  return y0 = %2
