using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Rows with so many neighbours that threads share them.</summary>
[Collection(nameof(Alone))]
public sealed class SharedRowTests
{
    private const double Tolerance = 1e-4;
    private static readonly CompileOptions Options = new() { Cache = null, Threads = 4 };

    /// <summary>The layers of the models, with sums that are exact and with softmax.</summary>
    private static readonly Dictionary<string, Program> Programs = new()
    {
        ["rgcn"] = Layers.Rgcn(5, 19, exact: true),
        ["rgcn means"] = Layers.Rgcn(16, 8),
        ["rgat"] = Layers.Rgat(5, 4, 3, exact: true),
        ["rgat softmax"] = Layers.Rgat(6, 8, 2),
        ["hgt"] = Layers.Hgt(4, 2, exact: true),
        ["hgt softmax"] = Layers.Hgt(8, 2),
        ["rgat gradients"] = Gradient(Layers.Rgat(5, 4, 2)),
        ["rgcn gradients"] = Gradient(Layers.Rgcn(4, 6)),
        ["hgt gradients"] = Gradient(Layers.Hgt(4, 2)),
        ["every reduction"] = EveryReduction(),
        ["two loops of one buffer"] = TwoLoops(),
        ["sum before a product"] = SumBeforeProduct(),
        ["sum before a product and its gradient"] = SumBeforeProduct(isReadAgain: true),
    };

    public static TheoryData<string> Names => [.. Programs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Shared_rows_equal_the_reference_and_are_the_same_bits_again(string name)
    {
        Program program = Programs[name];
        CompiledProgram compiled = ProgramCompiler.Compile(program, Options with { Graph = Star(7) });
        Assert.Contains(compiled.Source.Signature.Kernels, kernel => kernel.Shares);
        GeneratedProgram loaded = compiled.Load();
        foreach (GraphBinding graph in new[] { Star(7), Hubs(), RandomGraphs.Create(11).Binding })
        {
            var arguments = Differential.Arguments(program, graph, seed: 1);
            IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
            foreach (int threads in new[] { 1, 2, 3, 4 })
            {
                var actual = Differential.Loaded(loaded, graph, arguments, threads, leastShared: 8);
                var again = Differential.Loaded(loaded, graph, arguments, threads, leastShared: 8);
                foreach ((string output, double[] values) in expected)
                {
                    double error = Differential.Error(actual[output], values);
                    Assert.True(error <= Tolerance, $"{threads} threads: {output}: error {error}\n{compiled.Plan}");
                    Assert.Equal(actual[output], again[output]);
                }
            }

            foreach (Tensor tensor in arguments.Values)
            {
                tensor.Dispose();
            }
        }
    }

    [Fact]
    public void Rows_of_a_product_that_sums_before_are_shared()
    {
        CompiledProgram compiled = ProgramCompiler.Compile(Programs["sum before a product"], Options);
        Assert.Contains(compiled.Source.Signature.Kernels, kernel => kernel.Shares && kernel.Order >= 0);
    }

    [Fact]
    public void Rows_that_a_weight_gradient_reads_too_are_stored_where_they_are_multiplied()
    {
        Plan plan = Fuse.Run(Programs["sum before a product and its gradient"]);
        Kernel product = Assert.Single(plan.Kernels, kernel => kernel.Contraction is { Kind: ContractionKind.Linear });
        Assert.NotEmpty(product.Before);
        Assert.Equal(Storage.Buffer, plan.Storage[product.Contraction!.X.Value]);
        Assert.Equal(2, plan.Kernels.Count);
    }

    [Theory]
    [InlineData("rgcn")]
    [InlineData("rgat")]
    [InlineData("every reduction")]
    [InlineData("sum before a product")]
    [InlineData("sum before a product and its gradient")]
    public void Sums_of_integers_are_the_same_bits_for_any_number_of_threads(string name)
    {
        GeneratedProgram loaded = ProgramCompiler.Compile(Programs[name], Options).Load();
        foreach (GraphBinding graph in new[] { Star(7), Hubs() })
        {
            var arguments = Differential.Arguments(Programs[name], graph, seed: 2, integers: true, bound: 1);
            var one = Differential.Loaded(loaded, graph, arguments);
            foreach (int threads in new[] { 2, 3, 4 })
            {
                var actual = Differential.Loaded(loaded, graph, arguments, threads, leastShared: 8);
                Assert.All(one, output => Assert.Equal(output.Value, actual[output.Key]));
            }
        }
    }

    [Fact]
    public void Code_for_one_thread_shares_nothing()
    {
        CompiledProgram one = ProgramCompiler.Compile(Programs["rgat"], Options with { Threads = 1 });
        Assert.DoesNotContain("Shared", one.Source.Source);
        Assert.DoesNotContain(one.Source.Signature.Kernels, kernel => kernel.Shares);
        Assert.Contains("LaunchShared(", ProgramCompiler.Compile(Programs["rgat"], Options).Source.Source);
    }

    [Fact]
    public void Loops_whose_maximum_rises_are_not_shared()
    {
        Plan plan = SoftmaxPrograms.Online(SoftmaxPrograms.Create(1, 8, computed: true));
        Assert.All(CSharpEmitter.Emit(plan, 8, shares: true).Signature.Kernels.Where((_, i) => plan.Kernels[i].Steps.Any(s => s.IsOnline)),
            kernel => Assert.False(kernel.Shares));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Memory_is_as_estimated_and_running_allocates_nothing(int threads)
    {
        GraphBinding graph = Star(7);
        CompiledProgram compiled = ProgramCompiler.Compile(Programs["rgat softmax"], Options);
        using var executable = new Executable(compiled.Load(), graph, threads, leastShared: 8);
        Assert.Equal(MemoryEstimate.Of(compiled.Source.Signature, graph, threads).Total, executable.TotalBytes);
        foreach ((string name, Tensor tensor) in Differential.Arguments(Programs["rgat softmax"], graph, seed: 3))
        {
            executable.Set(name, tensor);
        }

        executable.Run();
        (long least, long ofCaller) = (long.MaxValue, 0);
        for (int run = 0; run < 200; run++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            long mine = GC.GetAllocatedBytesForCurrentThread();
            executable.Run();
            ofCaller += GC.GetAllocatedBytesForCurrentThread() - mine;
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // A thread that waits so long that it parks may allocate, and so may the test's host: not in every run.
        Assert.Equal((0, 0), (ofCaller, least));
    }

    private static Program Gradient(Program program)
    {
        Program scalar = Gradients.WithLoss(program);
        return Differentiate.Run(scalar, "loss", Gradients.NamesOf(scalar));
    }

    private static Program EveryReduction()
    {
        var p = new ProgramBuilder("reductions");
        Value x = p.Input("x", Nodes, 3, 17);
        foreach (ReduceKind kind in new[] { ReduceKind.Sum, ReduceKind.Mean, ReduceKind.Max, ReduceKind.Min })
        {
            Value y = x.At(Src) + x.At(Dst);
            p.Return($"{kind} of a node", y.Reduce(Dst, kind) * x);
            p.Return($"{kind} of a type", y.Reduce(EType, kind));
            p.Return($"{kind} of all", x.Reduce(new Map.Unit(Nodes), kind));
        }

        // Products of ones and signs.
        p.Return("product", p.Input("s", Edges, 2).Unary(UnaryFunction.Cos).Unary(UnaryFunction.Round).Reduce(Dst, ReduceKind.Prod));
        p.Return("wide", p.Input("wide", Nodes, 400).At(Src).Sum(Dst));
        return p.Build();
    }

    private static Program SumBeforeProduct(bool isReadAgain = false)
    {
        var p = new ProgramBuilder("product");
        Value sum = p.Input("x", Nodes, 12).At(Src).Sum(Dst);
        if (isReadAgain)
        {
            p.Return("y", sum.Linear(p.Weight("w", NodeTypes, 12, 20), NType));
            p.Return("gradient", p.Add(new Operator.OuterSum(sum.Id, p.Input("dy", Nodes, 20).Id, NType)));
            return p.Build();
        }

        p.Return("y", sum.Linear(p.Weight("w", NodeTypes, 12, 20), NType) + p.Weight("bias", IndexSpace.One, 20));
        p.Return("narrow", p.Input("z", Nodes, 33).At(Dst).Sum(Src).Linear(p.Weight("v", NodeTypes, 33, 2), NType));
        return p.Build();
    }

    private static Program TwoLoops()
    {
        var p = new ProgramBuilder("loops");
        Value a = p.Input("a", Edges, 3);
        Value square = a * a + a;
        p.Return("y", (square * square.Reduce(Dst, ReduceKind.Max).At(Dst)).Sum(Dst));
        return p.Build();
    }

    /// <summary>Most edges end at the last node or begin at the first; every third node has none.</summary>
    private static GraphBinding Star(int nodes)
    {
        int[] edges = [.. Enumerable.Range(0, 400)];
        return HeteroGraph.Create(["n", "m"], [new EdgeType("r"), new EdgeType("s"), new EdgeType("none")], [.. Enumerable.Range(0, nodes).Select(n => n % 2)],
            [.. edges.Select(e => e % 4 == 0 ? 0 : Joined(e * 5))], [.. edges.Select(e => e % 8 < 7 ? nodes - 1 : Joined(e))],
            [.. edges.Select(e => e % 5 == 0 ? 1 : 0)]).Binding;

        int Joined(int n) => n % nodes / 3 * 3;
    }

    /// <summary>Several rows that are shared, so that one thread has shares of two.</summary>
    private static GraphBinding Hubs()
    {
        int[] edges = [.. Enumerable.Range(0, 600)];
        return HeteroGraph.Create(["n"], [new EdgeType("r"), new EdgeType("s")], new int[12], [.. edges.Select(e => e % 12)],
            [.. edges.Select(e => e < 220 ? 2 : e < 400 ? 5 : e < 550 ? 9 : e % 12)], [.. edges.Select(e => e % 2)]).Binding;
    }
}
