using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Weight gradients that sum their rows over neighbours before they multiply them, of types with no row, one, and so many that threads share them.</summary>
public sealed class GradientStepsRunTests
{
    /// <summary>Nodes of the types.</summary>
    private static readonly int[] Rows = [0, 1, 400, 0, 2, 90, 1, 0];

    /// <summary>Neighbours of a node: means of so many integers are exact.</summary>
    private static readonly int[] Neighbours = [0, 1, 4, 2, 8, 0];

    private static readonly int[] Lanes = [16, 8, 4];

    private static readonly GraphBinding[] Graphs = [Graph(1), Graph(5)];

    /// <summary>What tells the forms of gradients apart, for 16, 8 and 4 lanes; see <c>OuterForm</c>.</summary>
    private static readonly Dictionary<(int K, int N), string[]> Forms = new()
    {
        [(64, 1)] = ["thin", "thin", "packed"],
        [(64, 64)] = ["direct", "direct", "packed"],
        [(37, 29)] = ["direct", "direct", "direct"],
        [(256, 40)] = ["packed", "packed", "packed"],
    };

    public static TheoryData<SummedRows, int, int, ElementType> Gradients
    {
        get
        {
            var data = new TheoryData<SummedRows, int, int, ElementType> { { SummedRows.Blocks, 64, 1, ElementType.F32 } };
            foreach ((int k, int n) in Forms.Keys)
            {
                data.Add(SummedRows.Left, k, n, ElementType.F32);
                data.Add(SummedRows.Right, k, n, ElementType.F32);
                data.Add(SummedRows.Both, k, n, ElementType.F32);
                data.Add(SummedRows.Both, k, n, ElementType.BF16);
            }

            data.Add(SummedRows.Right, 64, 64, ElementType.BF16);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Gradients))]
    public void Gradients_are_exact(SummedRows rows, int k, int n, ElementType storage)
    {
        Program program = GradientPrograms.Create(rows, k, n);
        for (int i = 0; i < Lanes.Length; i++)
        {
            CompiledProgram compiled = Compile(program, Lanes[i], storage);
            if (storage == ElementType.F32)
            {
                Assert.Equal(Forms[(k, n)][i], FormOf(compiled.Source.Source));
            }
            else
            {
                Assert.Contains(ElementType.BF16, compiled.Plan.Elements);
            }

            Check(program, compiled);
        }
    }

    /// <summary>Rows that are two matrix rows, of one sum and of a sum for each.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_of_matrices_are_exact(bool blocks)
    {
        var p = new ProgramBuilder("matrices");
        Value x = p.Input("x", HeteroSchema.Nodes, 2, 7);
        Value y = p.Input("y", HeteroSchema.Nodes, 2, 37).At(HeteroSchema.Src).Sum(HeteroSchema.Dst);
        p.Return("gradient", p.Add(new Operator.OuterSum(x.Id, y.Id, HeteroSchema.NType, blocks)));
        Program program = p.Build();
        Assert.All(Lanes, lanes => Check(program, Compile(program, lanes, ElementType.F32)));
    }

    /// <summary>Three types of as many nodes, and as many threads.</summary>
    [Theory]
    [InlineData(64, 1)]
    [InlineData(64, 64)]
    [InlineData(256, 40)]
    public void Types_that_no_threads_share_have_the_same_bits_for_any_number_of_threads(int k, int n)
    {
        const int types = 3, ofType = 50, neighbours = 4;
        const int nodes = types * ofType;
        int[] edges = [.. Enumerable.Range(0, nodes * neighbours)];
        GraphBinding graph = HeteroGraph.Create(["a", "b", "c"], [new EdgeType("r")], [.. Enumerable.Range(0, nodes).Select(i => i % types)],
            [.. edges.Select(e => e * 7 % nodes)], [.. edges.Select(e => e % nodes)], new int[edges.Length]).Binding;
        Program program = GradientPrograms.Create(SummedRows.Both, k, n);
        GeneratedProgram kernels = Compile(program, lanes: 8, ElementType.F32).Load();
        var arguments = Differential.Arguments(program, graph, seed: 2);
        float[] one = Differential.Loaded(kernels, graph, arguments)["gradient"];
        Assert.Equal(one, Differential.Loaded(kernels, graph, arguments, types)["gradient"]);
        Assert.InRange(Differential.Error(one, Differential.Reference(program, graph, arguments)["gradient"]), 0, 1e-5);
        Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
    }

    private static void Check(Program program, CompiledProgram compiled)
    {
        GeneratedProgram kernels = compiled.Load();
        foreach (GraphBinding graph in Graphs)
        {
            var arguments = Differential.Arguments(program, graph, seed: 1, integers: true);
            double[] expected = Differential.Reference(program, graph, arguments)["gradient"];
            foreach (int threads in new[] { 1, 3 })
            {
                string? difference = Differential.Difference(Differential.Loaded(kernels, graph, arguments, threads)["gradient"], expected);
                Assert.True(difference is null, $"{threads} threads: {difference}\n{compiled.Plan}");
            }

            Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
        }
    }

    private static CompiledProgram Compile(Program program, int lanes, ElementType storage)
    {
        CompiledProgram compiled = ProgramCompiler.Compile(program,
            new() { Graph = Graphs[0], Lanes = lanes, Storage = storage, Rewrites = RewriteFamilies.None, Cache = null });
        Assert.NotEmpty(Assert.Single(compiled.Plan.Kernels).Before);
        return compiled;
    }

    private static string FormOf(string source) =>
        source.Contains("float** left", StringComparison.Ordinal) ? "direct" : source.Contains("float* left", StringComparison.Ordinal) ? "packed" : "thin";

    /// <summary>Nodes in the order of their types, and not; edges not in the order of their nodes.</summary>
    private static GraphBinding Graph(int step)
    {
        int[] types = [.. Rows.SelectMany((count, type) => Enumerable.Repeat(type, count))];
        int[] destinations = [.. types.SelectMany((_, node) => Enumerable.Repeat(node, Neighbours[node % Neighbours.Length]))];
        int[] edges = [.. Enumerable.Range(0, destinations.Length)];
        return HeteroGraph.Create([.. Rows.Select((_, type) => $"n{type}")], [new EdgeType("r")], [.. types.Select((_, node) => types[node * step % types.Length])],
            [.. edges.Select(e => e * 7 % types.Length)], [.. edges.Select(e => destinations[e * 11 % edges.Length])], new int[edges.Length]).Binding;
    }
}
