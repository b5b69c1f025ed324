using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>Scores entities as answers to questions, a block of questions and a range of entities at a time.</summary>
/// <param name="entityCount">How many entities it scores.</param>
/// <param name="relationCount">How many relations it knows.</param>
/// <param name="open">
/// Readies a block of questions. It and what it returns are called from several threads at once, but each block from one only.
/// </param>
public sealed class FactScorer(int entityCount, int relationCount, Func<FactQuestions, RangeScorer> open)
{
    /// <summary>The number of entities.</summary>
    public int EntityCount => entityCount;

    /// <summary>The number of relations.</summary>
    public int RelationCount => relationCount;

    /// <summary>
    /// Scores by dot products, <c>question · entity</c>, each summed in the order of the dimensions with fused multiply-adds, so that
    /// scores are the same bits on every machine.
    /// </summary>
    /// <param name="entities">A row per entity, <c>[N, d]</c>; held, not copied.</param>
    /// <param name="relationCount">The number of relations.</param>
    /// <param name="vector">Makes the vector of a question.</param>
    /// <exception cref="PigeonException">PG0232: the tensor isn't a matrix with rows that fit in a span.</exception>
    public static FactScorer DotProduct(Tensor entities, int relationCount, QuestionVector vector)
    {
        int count = RequireMatrix(entities, "entities");
        return new(count, relationCount, questions => new DotProducts(entities, questions, vector).Score);
    }

    /// <summary>
    /// DistMult (Yang et al. 2015): <c>score(h, r, t) = Σ_k h_k · r_k · t_k</c>, the same for both ends.
    /// </summary>
    /// <param name="entities">A row per entity, <c>[N, d]</c>; held, not copied.</param>
    /// <param name="relations">A row per relation, <c>[R, d]</c>; held, not copied.</param>
    /// <exception cref="PigeonException">PG0232: a tensor isn't a matrix, or the two differ in width.</exception>
    public static FactScorer DistMult(Tensor entities, Tensor relations)
    {
        RequireMatrix(entities, "entities");
        int relationCount = RequireMatrix(relations, "relations");
        if (entities.Shape[1] != relations.Shape[1])
        {
            throw new PigeonException("PG0232", $"entities have {entities.Shape[1]} dimensions and relations {relations.Shape[1]}",
                remedy: "DistMult multiplies them one by one");
        }

        return DotProduct(entities, relationCount, (_, known, relation, vector) =>
        {
            var entityRow = entities.Slice((long)known * vector.Length, vector.Length);
            var relationRow = relations.Slice((long)relation * vector.Length, vector.Length);
            for (int k = 0; k < vector.Length; k++)
            {
                vector[k] = entityRow[k] * relationRow[k];
            }
        });
    }

    /// <summary>Readies a block of questions.</summary>
    public RangeScorer Open(FactQuestions questions) => open(questions);

    private static int RequireMatrix(Tensor tensor, string what)
    {
        const int widest = 1 << 16;
        return tensor.Shape is [>= 0 and <= int.MaxValue, >= 0 and <= widest]
            ? (int)tensor.Shape[0]
            : throw new PigeonException("PG0232",
                $"{what} of shape {TensorShape.Format(tensor.Shape.AsSpan())} are not rows of at most {widest} numbers",
                remedy: "give one row each");
    }
}
