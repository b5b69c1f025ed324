using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>
/// Random numbers for the weights and inputs of a program. They depend on the seed and on the value's name and size only, so
/// the same weight is the same on every machine and in every version of a program.
/// </summary>
public static class RandomWeights
{
    /// <summary>
    /// Weights: uniform numbers in ±√(6 / (k + n)) for slices <c>[…, k, n]</c> (Glorot and Bengio 2010), with k = 1 for slices
    /// <c>[n]</c>.
    /// </summary>
    /// <exception cref="PigeonException">PG02xx: the graph lacks a space. PG0353: the weights don't fit in memory.</exception>
    public static IReadOnlyDictionary<string, float[]> Create(Program program, GraphBinding graph, ulong seed) =>
        Fill(Weights(program), graph, (name, type, shape) => Tensor.Random(shape, Mixed(seed, name), Scale(type.Row)));

    /// <summary>
    /// Weights: integers −<paramref name="bound"/> … <paramref name="bound"/>. Sums of their products are exact in float32.
    /// </summary>
    /// <exception cref="PigeonException">PG02xx: the graph lacks a space. PG0353: the weights don't fit in memory.</exception>
    public static IReadOnlyDictionary<string, float[]> CreateIntegers(Program program, GraphBinding graph, ulong seed, int bound = 2) =>
        Fill(Weights(program), graph, (name, _, shape) => Tensor.RandomIntegers(shape, Mixed(seed, name), -bound, bound));

    /// <summary>Inputs: uniform numbers in ±1.</summary>
    /// <exception cref="PigeonException">PG02xx: the graph lacks a space. PG0353: the inputs don't fit in memory.</exception>
    public static IReadOnlyDictionary<string, float[]> CreateInputs(Program program, GraphBinding graph, ulong seed) =>
        Fill(Inputs(program), graph, (name, _, shape) => Tensor.Random(shape, Mixed(seed, name)));

    /// <summary>Inputs: integers −<paramref name="bound"/> … <paramref name="bound"/>.</summary>
    /// <exception cref="PigeonException">PG02xx: the graph lacks a space. PG0353: the inputs don't fit in memory.</exception>
    public static IReadOnlyDictionary<string, float[]> CreateIntegerInputs(
        Program program, GraphBinding graph, ulong seed, int bound = 2) =>
        Fill(Inputs(program), graph, (name, _, shape) => Tensor.RandomIntegers(shape, Mixed(seed, name), -bound, bound));

    /// <summary>The numbers of <see cref="Create"/> and <see cref="CreateInputs"/> as tensors, one after the other; they belong to the caller.</summary>
    /// <exception cref="PigeonException">PG02xx: the graph lacks a space. PG0353: the numbers don't fit in memory.</exception>
    public static IEnumerable<KeyValuePair<string, Tensor>> CreateTensors(Program program, GraphBinding graph, ulong seed) =>
        Weights(program).Select(w => KeyValuePair.Create(w.Name, Tensor.Random(ShapeOf(w.Type, graph), Mixed(seed, w.Name), Scale(w.Type.Row))))
            .Concat(Inputs(program).Select(x => KeyValuePair.Create(x.Name, Tensor.Random(ShapeOf(x.Type, graph), Mixed(seed, x.Name)))));

    private static ImmutableArray<long> ShapeOf(RowType type, GraphBinding graph) =>
        [graph.SizeOf(type.Space), .. type.Row.Extents.Items.Select(extent => (long)extent)];

    private static IEnumerable<(string Name, RowType Type)> Weights(Program program) =>
        program.Values.OfType<Operator.Weight>().Select(weight => (weight.Name, weight.Type));

    private static IEnumerable<(string Name, RowType Type)> Inputs(Program program) =>
        program.Values.OfType<Operator.Input>().Select(input => (input.Name, input.Type));

    private static Dictionary<string, float[]> Fill(IEnumerable<(string Name, RowType Type)> values, GraphBinding graph,
        Func<string, RowType, ImmutableArray<long>, Tensor> create)
    {
        var numbers = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach ((string name, RowType type) in values)
        {
            using Tensor tensor = create(name, type, [graph.SizeOf(type.Space), type.Row.Width]);
            numbers.Add(name, tensor.Span.ToArray());
        }

        return numbers;
    }

    private static float Scale(Shape row)
    {
        int n = row.Rank >= 1 ? row[^1] : 1;
        int k = row.Rank >= 2 ? row[^2] : 1;
        return (float)Math.Sqrt(6.0 / (k + n));
    }

    /// <summary>The seed with the name hashed into it (FNV-1a).</summary>
    internal static ulong Mixed(ulong seed, string name) =>
        name.Aggregate(seed ^ 0xCBF29CE484222325, (hash, c) => unchecked((hash ^ c) * 0x100000001B3));
}
