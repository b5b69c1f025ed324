using System.Numerics;
using System.Runtime.InteropServices;

namespace Pigeon.Runtime;

/// <summary>
/// Multiplies a block of question vectors with rows of entities. Vectors run across the questions: a lane sums one question's product
/// with one entity in the order of the dimensions, so the sum doesn't depend on the vector width or the range of entities.
/// </summary>
internal sealed class DotProducts
{
    private static readonly int Tile = 2 * Vector<float>.Count;

    private readonly Tensor entities;
    private readonly int width;

    /// <summary>The question vectors, a tile of questions after the other, each <c>[d, questions of the tile]</c>.</summary>
    private readonly float[] packed;

    public DotProducts(Tensor entities, FactQuestions questions, QuestionVector vector)
    {
        this.entities = entities;
        width = (int)entities.Shape[1];
        packed = new float[FactQuestions.Count * width];
        float[] row = new float[width];
        for (int q = 0; q < FactQuestions.Count; q++)
        {
            vector(questions.Missing, questions.Known.Span[q], questions.Relations.Span[q], row);
            int start = (q / Tile * Tile * width) + (q % Tile);
            for (int k = 0; k < width; k++)
            {
                packed[start + (k * Tile)] = row[k];
            }
        }
    }

    /// <summary>Implements <see cref="RangeScorer"/>.</summary>
    public void Score(int firstEntity, Span<float> scores)
    {
        const int rows = 4;
        int count = scores.Length / FactQuestions.Count;
        ReadOnlySpan<float> block = entities.Slice((long)firstEntity * width, count * width);
        for (int q = 0; q < FactQuestions.Count; q += Tile)
        {
            var tile = MemoryMarshal.Cast<float, Vector<float>>(packed.AsSpan(q * width, Tile * width));
            int e = 0;
            for (; e + rows <= count; e += rows)
            {
                ScoreFour(tile, block.Slice(e * width, rows * width), scores.Slice(e * FactQuestions.Count, rows * FactQuestions.Count), q);
            }

            for (; e < count; e++)
            {
                ScoreOne(tile, block.Slice(e * width, width), scores.Slice((e * FactQuestions.Count) + q, Tile));
            }
        }
    }

    /// <summary>Four entities at once: eight sums in flight keep the multipliers busy.</summary>
    private static void ScoreFour(ReadOnlySpan<Vector<float>> tile, ReadOnlySpan<float> rows, Span<float> scores, int column)
    {
        int width = rows.Length / 4;
        var row0 = rows[..width];
        var row1 = rows.Slice(width, width);
        var row2 = rows.Slice(2 * width, width);
        var row3 = rows.Slice(3 * width, width);
        Vector<float> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default, a3 = default, b3 = default;
        for (int k = 0; k < row0.Length; k++)
        {
            var a = tile[2 * k];
            var b = tile[(2 * k) + 1];
            var x0 = new Vector<float>(row0[k]);
            a0 = Vector.FusedMultiplyAdd(a, x0, a0);
            b0 = Vector.FusedMultiplyAdd(b, x0, b0);
            var x1 = new Vector<float>(row1[k]);
            a1 = Vector.FusedMultiplyAdd(a, x1, a1);
            b1 = Vector.FusedMultiplyAdd(b, x1, b1);
            var x2 = new Vector<float>(row2[k]);
            a2 = Vector.FusedMultiplyAdd(a, x2, a2);
            b2 = Vector.FusedMultiplyAdd(b, x2, b2);
            var x3 = new Vector<float>(row3[k]);
            a3 = Vector.FusedMultiplyAdd(a, x3, a3);
            b3 = Vector.FusedMultiplyAdd(b, x3, b3);
        }

        Store(a0, b0, scores[column..]);
        Store(a1, b1, scores[(FactQuestions.Count + column)..]);
        Store(a2, b2, scores[((2 * FactQuestions.Count) + column)..]);
        Store(a3, b3, scores[((3 * FactQuestions.Count) + column)..]);
    }

    private static void ScoreOne(ReadOnlySpan<Vector<float>> tile, ReadOnlySpan<float> row, Span<float> scores)
    {
        Vector<float> a = default, b = default;
        for (int k = 0; k < row.Length; k++)
        {
            var x = new Vector<float>(row[k]);
            a = Vector.FusedMultiplyAdd(tile[2 * k], x, a);
            b = Vector.FusedMultiplyAdd(tile[(2 * k) + 1], x, b);
        }

        Store(a, b, scores);
    }

    private static void Store(Vector<float> a, Vector<float> b, Span<float> scores)
    {
        a.CopyTo(scores);
        b.CopyTo(scores[Vector<float>.Count..]);
    }
}
