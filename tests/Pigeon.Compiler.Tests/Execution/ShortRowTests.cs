using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Loops over neighbours whose short rows are computed in blocks, at every number of neighbours that a block can end with.</summary>
public sealed class ShortRowTests
{
    private const int LeastShared = 8;

    /// <summary>Neighbours of a node: none, fewer than a block, blocks and one more, hubs; the last nodes have none.</summary>
    private static readonly int[] Neighbours = [0, 1, 2, 3, 4, 5, 0, 7, 8, 9, 15, 16, 17, 33, 400, 250, 0, 1, 0];

    /// <summary>Edges by node, so that a loop's neighbours are behind each other, and not; and no edges.</summary>
    private static readonly GraphBinding[] Graphs = [Graph(Neighbours, 1), Graph(Neighbours, 5), Graph([0, 0], 1)];

    /// <summary>Lanes of a vector, and widths of rows of which at least two fit in it.</summary>
    public static TheoryData<int, int> Shapes => new() { { 16, 1 }, { 16, 4 }, { 16, 8 }, { 8, 1 }, { 8, 4 }, { 4, 1 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Softmax_is_that_of_the_evaluator_whatever_its_logits(int lanes, int heads)
    {
        Program program = SoftmaxPrograms.Create(heads, 16, computed: true);
        GeneratedProgram kernels = Load(program, lanes);
        foreach (GraphBinding graph in Graphs)
        {
            foreach ((string logits, Func<Random, float> next) in SoftmaxPrograms.Logits)
            {
                Check(program, kernels, graph, SoftmaxPrograms.Arguments(program, graph, seed: 1, next), logits);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_reduction_and_what_is_stored_are_those_of_the_evaluator(int lanes, int width)
    {
        Program program = EveryReduction(width);
        GeneratedProgram kernels = Load(program, lanes);
        Assert.All(Graphs, graph => Check(program, kernels, graph, Differential.Arguments(program, graph, seed: 2), "of reductions"));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Rows_that_no_threads_share_are_the_same_bits_for_any_number_of_threads(int lanes, int width)
    {
        Program program = EveryReduction(width);
        GeneratedProgram kernels = Load(program, lanes);
        var arguments = Differential.Arguments(program, Graphs[1], seed: 3);
        var one = Differential.Loaded(kernels, Graphs[1], arguments);
        foreach (int threads in new[] { 2, 3 })
        {
            var actual = Differential.Loaded(kernels, Graphs[1], arguments, threads, leastShared: int.MaxValue);
            Assert.All(one, output => Assert.Equal(output.Value, actual[output.Key]));
        }

        Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
    }

    /// <summary>Logits are dots, which are stored for one neighbour after the other, so that blocks of them wait for a batch of rows.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Rows_whose_blocks_wait_for_stores_are_taken_in_batches(int lanes, int heads)
    {
        const int width = 5;
        var p = new ProgramBuilder("dots");
        Value logits = Nn.Dot(p.Input("x", Nodes, heads, width).At(Src), p.Input("y", Nodes, heads, width).At(Dst)).Reshape(heads);
        Value max = logits.Reduce(Dst, ReduceKind.Max);
        Value weights = (logits - max.At(Dst)).Unary(UnaryFunction.Exp);
        p.Return("max", max * 2);
        p.Return("softmax", weights / weights.Sum(Dst).At(Dst));
        Program program = p.Build();
        string source = CSharpEmitter.Emit(PlanOf(program, lanes), lanes, shares: true).Source;
        Assert.Contains("RowBatches.End(", source, StringComparison.Ordinal);
        Assert.Contains("(p - near)", source, StringComparison.Ordinal);
        GeneratedProgram kernels = Load(program, lanes);
        Assert.All(Graphs, graph => Check(program, kernels, graph, Differential.Arguments(program, graph, seed: 6), "of dots"));
    }

    /// <summary>Sums in their rows, as registers hold no more.</summary>
    [Fact]
    public void A_loop_has_more_sums_than_registers()
    {
        var p = new ProgramBuilder("sums");
        Value x = p.Input("x", Edges, 1);
        for (int n = 0; n < 30; n++)
        {
            p.Return($"y{n}", (x * n).Unary(UnaryFunction.Exp).Reduce(Dst, n % 2 == 0 ? ReduceKind.Mean : ReduceKind.Max));
        }

        Program program = p.Build();
        GeneratedProgram kernels = Load(program, lanes: 8);
        Assert.All(Graphs, graph => Check(program, kernels, graph, Differential.Arguments(program, graph, seed: 4), "of 30 sums"));
    }

    [Fact]
    public void A_plan_for_wider_vectors_runs_with_narrow_ones()
    {
        Program program = EveryReduction(width: 8);
        CSharpSource source = CSharpEmitter.Emit(PlanOf(program, lanes: 16), lanes: 4);
        GeneratedProgram kernels = GeneratedImage.Load(CSharpCompiler.Compile(source, null, out _), $"{CSharpEmitter.Namespace}.{source.ClassName}");
        Check(program, kernels, Graphs[0], Differential.Arguments(program, Graphs[0], seed: 5), "for 16 lanes");
    }

    private static void Check(Program program, GeneratedProgram kernels, GraphBinding graph, Dictionary<string, Tensor> arguments, string name)
    {
        IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
        foreach (int threads in new[] { 1, 3 })
        {
            var actual = Differential.Loaded(kernels, graph, arguments, threads, LeastShared);
            foreach ((string output, double[] values) in expected)
            {
                string? fault = SoftmaxPrograms.Fault(actual[output], values);
                Assert.True(fault is null, $"{name}, {graph.SizeOf(Edges)} edges, {threads} threads: {output}: {fault}");
            }
        }

        Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
    }

    private static GeneratedProgram Load(Program program, int lanes)
    {
        Plan plan = PlanOf(program, lanes);
        CSharpSource source = CSharpEmitter.Emit(plan, lanes, shares: true);
        Assert.Contains(source.Signature.Kernels.Where((_, k) => plan.Kernels[k].Steps.Any(step => step.InBlocks)), kernel => kernel.Shares);
        return GeneratedImage.Load(CSharpCompiler.Compile(source, null, out _), $"{CSharpEmitter.Namespace}.{source.ClassName}");
    }

    private static Plan PlanOf(Program program, int lanes) => ProgramCompiler.Plan(program, new() { Lanes = lanes });

    /// <summary>Softmax with its weights returned, and every reduction of them. Logits are computed in the first loop, so that they are near in the second.</summary>
    private static Program EveryReduction(int width)
    {
        var p = new ProgramBuilder("reductions");
        Value x = p.Input("x", Edges, width);
        Value logits = x * x + p.Input("t", Nodes, width).At(Src);
        Value weights = (logits - logits.Reduce(Dst, ReduceKind.Max).At(Dst)).Unary(UnaryFunction.Exp);
        p.Return("softmax", weights / weights.Sum(Dst).At(Dst));
        foreach (ReduceKind kind in new[] { ReduceKind.Mean, ReduceKind.Max, ReduceKind.Min })
        {
            p.Return($"{kind}", weights.Reduce(Dst, kind));
        }

        p.Return("product", (weights * 0.01 + 1).Reduce(Dst, ReduceKind.Prod));
        return p.Build();
    }

    private static GraphBinding Graph(int[] neighbours, int step)
    {
        int[] destinations = [.. neighbours.SelectMany((count, node) => Enumerable.Repeat(node, count))];
        int[] edges = [.. Enumerable.Range(0, destinations.Length)];
        return HeteroGraph.Create(neighbours.Length, ["r"], [.. edges.Select(e => e * 7 % neighbours.Length)],
            [.. edges.Select(e => destinations[e * step % edges.Length])], new int[edges.Length]).Binding;
    }
}
