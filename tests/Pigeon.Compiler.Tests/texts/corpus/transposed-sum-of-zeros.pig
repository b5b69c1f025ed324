# The evaluator's dot product of products that are all -0 was -0, where a sum begins at +0.
program transposed_sum_of_zeros
  map etype : Edges -> EdgeTypes
  map src : Edges -> Nodes
  %0 = input v1 : Edges[2]
  %1 = weight v15 : distinct(etype, src)[7, 2]
  %2 = linear transposed pair(etype, src) %0, %1 : Edges[7]
  return y5 = %2
