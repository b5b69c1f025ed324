using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <content>Traversals that become the steps before a product.</content>
public static partial class Fuse
{
    private sealed partial class Planner
    {
        /// <summary>
        /// A traversal that only a product after it reads, each row at its own, becomes the product's steps before: what it computes is
        /// there when the tile is finished, and never in memory. So does one that computes the rows that are multiplied, if all others that read
        /// what it computes come after the product: it is stored as it is computed, and not read again for the product. And one whose rows a weight gradient
        /// alone multiplies.
        /// </summary>
        private void MoveIntoProducts()
        {
            List<Draft>[] readers = FindReaders();
            foreach (Draft product in drafts.Where(d => d.Contraction is { Kind: ContractionKind.Linear, Lead: 1 } or { Kind: ContractionKind.OuterSum }).ToArray())
            {
                for (int k = drafts.IndexOf(product) - 1; k >= 0; k--)
                {
                    Draft traversal = drafts[k];
                    if (product.Contraction!.Kind == ContractionKind.OuterSum
                        ? FeedsSum(traversal, product, readers)
                        : Feeds(traversal, product, readers) || (storesBefore && StoresFor(traversal, product, readers)))
                    {
                        Prepend(traversal, product);
                        readers = FindReaders();
                    }
                }
            }
        }

        private void Prepend(Draft traversal, Draft reader)
        {
            reader.Before.InsertRange(0, traversal.Before);
            reader.Values.UnionWith(traversal.Values);
            foreach (int value in traversal.Values)
            {
                homes[value] = reader;
            }

            drafts.Remove(traversal);
        }

        private bool Feeds(Draft traversal, Draft reader, List<Draft>[] readers) =>
            traversal.Contraction is null && traversal.Once == reader.Once && traversal.Rows == reader.Rows &&
            traversal.Before.Any(s => s.Loop is not null) &&
            traversal.Values.All(v => program.Outputs.All(o => o.Value != v) &&
                users[v].All(user => program.Values[user] is not Operator.Regroup) &&
                reader.Contraction?.X.Value != v && reader.Contraction?.Y.Value != v &&
                readers[v].All(d => d == traversal || (d == reader && ReadsAtOwnRow(d, v))));

        private bool StoresFor(Draft traversal, Draft product, List<Draft>[] readers) =>
            traversal.Contraction is null && traversal.Once == product.Once && traversal.Rows == product.Rows &&
            traversal.Before.Any(s => s.Loop is not null) && product.Contraction is { X: { Index.Along: Map.Identity, Value: var x } } &&
            traversal.Values.Contains(x) && !traversal.Values.Contains(product.Contraction.Y.Value) &&
            traversal.Values.All(v => program.Outputs.All(o => o.Value != v) &&
                users[v].All(user => program.Values[user] is not Operator.Regroup) && ReadsAtOwnRow(product, v) &&
                readers[v].All(d => d == traversal || d == product || RunsBefore(product, d)));

        private bool FeedsSum(Draft traversal, Draft product, List<Draft>[] readers) =>
            traversal.Contraction is null && traversal.Once == product.Once && traversal.Rows == product.Rows &&
            traversal.Before.Where(s => s.Loop is not null).ToArray() is [{ Loop: not Map.Unit and var loop }] &&
            neighboursOf is not null && double.IsFinite(neighboursOf(loop!)) &&
            new[] { product.Contraction!.X, product.Contraction.Y }.All(read => !traversal.Values.Contains(read.Value) || read.Index.Along is Map.Identity) &&
            traversal.Values.All(v => program.Outputs.All(o => o.Value != v) &&
                users[v].All(user => program.Values[user] is not Operator.Regroup) && ReadsAtOwnRow(product, v) &&
                readers[v].All(d => d == traversal || d == product));

        private static bool ReadsAtOwnRow(Draft draft, int value) => draft.Before.Concat(draft.After).All(step => step.Stages.All(stage =>
            stage.Arguments.All(a => a.Value != value || (step.Loop is null && a.Index is { OfNeighbour: false, Along: Map.Identity }))));

        /// <summary>For each value, the kernels that read it, each once.</summary>
        private List<Draft>[] FindReaders()
        {
            var readers = new List<Draft>[located.Length];
            for (int v = 0; v < readers.Length; v++)
            {
                readers[v] = [];
            }

            foreach (Draft draft in drafts)
            {
                if (draft.Contraction is { } contraction)
                {
                    Add(contraction.X.Value);
                    Add(contraction.Y.Value);
                }

                AddAll(draft.Before);
                AddAll(draft.After);

                void Add(int value)
                {
                    if (readers[value] is not [.., var last] || last != draft)
                    {
                        readers[value].Add(draft);
                    }
                }

                void AddAll(List<Step> steps)
                {
                    foreach (Step step in steps)
                    {
                        foreach (Stage stage in step.Stages)
                        {
                            foreach (Access access in stage.Arguments)
                            {
                                Add(access.Value);
                            }
                        }
                    }
                }
            }

            return readers;
        }
    }
}
