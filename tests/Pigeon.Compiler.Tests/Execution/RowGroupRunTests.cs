using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Traversals that take rows in groups, on graphs with rows of every number of neighbours that a group can have.</summary>
public sealed class RowGroupRunTests
{
    private const int LeastShared = 64;

    /// <summary>Several windows of rows, the second without a neighbour; hubs, one of which threads share.</summary>
    private static readonly int[] Neighbours = [.. Enumerable.Range(0, (3 * RowGroups.Window) + 100).Select(node => node / RowGroups.Window == 1 ? 0 : node switch
    {
        7 => 300,
        8 => RowGroups.Neighbours,
        9 => RowGroups.Neighbours + 1,
        _ => node % 97 == 0 ? node % 61 : node % 5,
    })];

    /// <summary>Edges by node, so that a row's neighbours are behind each other, and not.</summary>
    private static readonly GraphBinding[] Graphs = [Graph(1), Graph(5)];

    /// <summary>Lanes of a vector, and widths of rows that groups have.</summary>
    public static TheoryData<int, int> Shapes => new() { { 16, 1 }, { 16, 4 }, { 8, 1 }, { 4, 1 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_softmax_and_every_reduction_are_those_of_the_evaluator(int lanes, int width)
    {
        var p = new ProgramBuilder("reductions");
        Value scale = p.Input("scale", IndexSpace.One, width).At(new Map.Unit(Edges));
        Value logits = Nn.LeakyRelu((p.Input("x", Edges, width) * scale) + p.Input("t", Nodes, width).At(Src) + p.Input("u", Nodes, width).At(Dst), 0.25);
        Value weights = (logits - logits.Reduce(Dst, ReduceKind.Max).At(Dst)).Unary(UnaryFunction.Exp);
        p.Return("softmax", weights / weights.Sum(Dst).At(Dst));
        p.Return("logits", logits);
        foreach (ReduceKind kind in new[] { ReduceKind.Mean, ReduceKind.Max, ReduceKind.Min })
        {
            p.Return($"{kind}", weights.Reduce(Dst, kind));
        }

        p.Return("product", (weights * 0.01 + 1).Reduce(Dst, ReduceKind.Prod));
        Check(p.Build(), lanes);
    }

    /// <summary>What is computed for a row before and after its loops.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Rows_of_their_own_are_those_of_the_evaluator(int lanes, int width)
    {
        var p = new ProgramBuilder("rows");
        Value shift = p.Input("t", Nodes, width).Unary(UnaryFunction.Abs);
        Value sum = (p.Input("x", Edges, width) - shift.At(Dst)).Unary(UnaryFunction.Exp).Sum(Dst);
        p.Return("shift", shift);
        p.Return("log", (sum + 1).Unary(UnaryFunction.Sqrt) * shift);
        Check(p.Build(), lanes);
    }

    /// <summary>
    /// Logits take the memory of what they are computed from, by a function that gives other numbers when it is taken twice: what is read of a row's last
    /// neighbour once the row has ended is none of it.
    /// </summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Values_in_the_place_of_others_are_those_of_the_evaluator(int lanes, int width)
    {
        var p = new ProgramBuilder("places");
        Value raw = p.Input("x", Edges, 3).Linear(p.Weight("w", IndexSpace.One, 3, width), new Map.Unit(Edges));
        Value logits = Nn.LeakyRelu(raw - raw.Reduce(Dst, ReduceKind.Max).At(Dst), 0.25);
        Value weights = (logits - logits.Reduce(Dst, ReduceKind.Max).At(Dst)).Unary(UnaryFunction.Exp);
        p.Return("least", logits.Reduce(Dst, ReduceKind.Min));
        p.Return("softmax", weights / weights.Sum(Dst).At(Dst));
        p.Return("sum", logits.Sum(new Map.Unit(Edges)));
        Check(p.Build(), lanes, inPlace: true);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(4)]
    public void A_plan_for_wider_vectors_takes_rows_one_by_one(int lanes)
    {
        var p = new ProgramBuilder("narrow");
        p.Return("sum", p.Input("x", Edges, 4).Unary(UnaryFunction.Exp).Sum(Dst));
        Program program = p.Build();
        Plan plan = ProgramCompiler.Plan(program, new() { Lanes = 16, Graph = Graphs[0] });
        Assert.Contains(plan.Kernels.Items, kernel => kernel.InGroups);
        CSharpSource source = CSharpEmitter.Emit(plan, lanes);
        Assert.DoesNotContain("RowGroups", source.Source.Split("namespace")[1], StringComparison.Ordinal);
        GeneratedProgram kernels = GeneratedImage.Load(CSharpCompiler.Compile(source, null, out _), $"{CSharpEmitter.Namespace}.{source.ClassName}");
        Dictionary<string, Tensor> arguments = Differential.Arguments(program, Graphs[0], seed: 1);
        double[] expected = Differential.Reference(program, Graphs[0], arguments)["sum"];
        Assert.Null(SoftmaxPrograms.Fault(Differential.Loaded(kernels, Graphs[0], arguments)["sum"], expected));
        Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
    }

    private static void Check(Program program, int lanes, bool inPlace = false)
    {
        foreach (GraphBinding graph in Graphs)
        {
            CompileOptions options = new() { Lanes = lanes, Graph = graph };
            Plan plan = ProgramCompiler.Plan(program, options);
            Assert.Contains(plan.Kernels.Items, kernel => kernel.InGroups);
            CSharpSource source = CSharpEmitter.Emit(plan, lanes, shares: true);
            Assert.Contains("RowGroups.Sort(", source.Source, StringComparison.Ordinal);
            Assert.Equal(inPlace, source.Signature.Buffers.Any(buffer => buffer.Role == BufferRole.View));
            GeneratedProgram kernels = GeneratedImage.Load(CSharpCompiler.Compile(source, null, out _), $"{CSharpEmitter.Namespace}.{source.ClassName}");
            Dictionary<string, Tensor> arguments = Differential.Arguments(program, graph, seed: 1);
            IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
            var one = Differential.Loaded(kernels, graph, arguments, leastShared: int.MaxValue);
            foreach (int threads in new[] { 1, 3 })
            {
                var actual = Differential.Loaded(kernels, graph, arguments, threads, LeastShared);
                var unshared = Differential.Loaded(kernels, graph, arguments, threads, int.MaxValue);
                foreach ((string output, double[] values) in expected)
                {
                    string? fault = SoftmaxPrograms.Fault(actual[output], values);
                    Assert.True(fault is null, $"{lanes} lanes, {threads} threads: {output}: {fault}");
                    Assert.Equal(one[output], unshared[output]);
                }
            }

            Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
        }
    }

    private static GraphBinding Graph(int step)
    {
        int[] destinations = [.. Neighbours.SelectMany((count, node) => Enumerable.Repeat(node, count))];
        int[] edges = [.. Enumerable.Range(0, destinations.Length)];
        return HeteroGraph.Create(Neighbours.Length, ["r"], [.. edges.Select(e => (int)((long)e * 7919 % Neighbours.Length))],
            [.. edges.Select(e => destinations[(int)((long)e * step % edges.Length)])], new int[edges.Length]).Binding;
    }
}
