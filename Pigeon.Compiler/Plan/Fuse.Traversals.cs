using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <content>Traversals that become the first steps of others.</content>
public static partial class Fuse
{
    private sealed partial class Planner
    {
        /// <summary>Of more neighbours the rows of several tables drive each other out of the caches, and the loops are long beside what is saved.</summary>
        private const double MostNeighbours = 16;

        /// <summary>
        /// A traversal that only one later traversal reads, each row at its own, becomes its first steps, along whatever maps: what it computes is never in
        /// memory. That pays where rows have few neighbours. Threads share no row of a kernel that walks several maps.
        /// <code>
        /// for each neighbour along ofDst                    for each neighbour along ofDst
        ///   %1 sum= %0[neighbour]                             %1 (scratch) sum= %0[neighbour]
        /// for each neighbour along ofSrc            ⇒       for each neighbour along ofSrc
        ///   %3 (scratch) sum= %2[neighbour]                   %3 (scratch) sum= %2[neighbour]
        /// %4 = %1[row] + %3[row]                            %4 = %1[row] + %3[row]
        /// </code>
        /// </summary>
        private void MoveIntoTraversals()
        {
            if (neighboursOf is null)
            {
                return;
            }

            List<Draft>[] readers = FindReaders();
            foreach (Draft reader in drafts.Where(d => d.Contraction is null).ToArray())
            {
                for (int k = drafts.IndexOf(reader) - 1; k >= 0; k--)
                {
                    Draft traversal = drafts[k];
                    IEnumerable<Map> walked = traversal.Before.Concat(reader.Before).Select(s => s.Loop).OfType<Map>().Distinct();
                    if (Feeds(traversal, reader, readers) && walked.Sum(neighboursOf) <= MostNeighbours)
                    {
                        Prepend(traversal, reader);
                        readers = FindReaders();
                    }
                }
            }
        }
    }
}
