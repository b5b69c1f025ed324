using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Products with slices that run in blocks of rows and columns, and weight gradients of several slabs and bunches.</summary>
public sealed class WideProductTests
{
    private const int Nodes0 = 60;

    /// <summary>The edges of each relation: none, too few to pack a slice for, part of a block, and several blocks and bunches.</summary>
    private static readonly int[] Counts = [0, 1, 3, 4, 47, 170, 0, 333];

    [Theory]
    [InlineData(16, 1)]
    [InlineData(8, 1)]
    [InlineData(8, 3)]
    [InlineData(4, 2)]
    public void Wide_products_are_exact_at_every_width(int lanes, int threads)
    {
        var p = new ProgramBuilder("wide");
        foreach ((int k, int n) in new[] { (300, 61), (41, 303), (130, 130), (1030, 13) })
        {
            Value x = p.Input($"x{k}", Nodes, k).At(Src);
            Value y = p.Input($"y{k}", Nodes, n).At(Dst);
            p.Return($"product{k}", x.Linear(p.Weight($"w{k}", EdgeTypes, k, n), EType));
            p.Return($"gradient{k}", p.Add(new Operator.OuterSum(x.Id, y.Id, EType)));
        }

        // Steps before and after a product, and blocks of its columns.
        Value sums = p.Input("s", Nodes, 200).At(Src).Sum(Dst);
        p.Return("steps", (sums.Linear(p.Weight("t", NodeTypes, 200, 70), NType) * 0.5) + p.Input("bias", Nodes, 70));
        Value heads = p.Input("h", Nodes, 2, 120).At(Src);
        p.Return("blocks", heads.Linear(p.Weight("v", EdgeTypes, 2, 120, 110), EType));
        p.Return("block gradients", p.Add(new Operator.OuterSum(heads.Id, p.Input("z", Nodes, 2, 110).At(Dst).Id, EType, Blocks: true)));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Threads = threads, Cache = null });
        Assert.Contains("_panel0_rows", compiled.Source.Source, StringComparison.Ordinal);
        foreach (GraphBinding graph in new[] { Graph(), RandomGraphs.Create(5).Binding })
        {
            var arguments = Differential.Arguments(program, graph, seed: 1, integers: true);
            IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
            Dictionary<string, float[]> actual = Differential.Loaded(compiled.Load(), graph, arguments, threads, leastShared: 8);
            Assert.All(expected, e => Assert.Null(Differential.Difference(actual[e.Key], e.Value)));
            Dispose(arguments);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Wide_products_of_narrow_rows_round_what_the_plan_keeps_narrow(int lanes)
    {
        var p = new ProgramBuilder("narrow");
        Value hidden = p.Input("x", Nodes, 300).Linear(p.Weight("first", NodeTypes, 300, 130), NType);
        p.Return("y", hidden.At(Src).Linear(p.Weight("second", EdgeTypes, 130, 129), EType).Sum(Dst));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Storage = ElementType.BF16, FixedWeights = true, Cache = null });
        Assert.Equal(5, compiled.Plan.Elements.Items.Count(element => element == ElementType.BF16));
        var arguments = Differential.Arguments(program, Graph(), seed: 1, integers: true, bound: 1);
        IReadOnlyDictionary<string, double[]> expected = Evaluator<double>.Run(program, Graph(), Differential.Doubles(arguments), compiled.Plan.Stored);
        Assert.Null(Differential.Difference(Differential.Compiled(compiled, Graph(), arguments)["y"], expected["y"]));
        Dispose(arguments);
    }

    private static GraphBinding Graph()
    {
        var random = new Random(3);
        int[] types = [.. Counts.SelectMany((count, type) => Enumerable.Repeat(type, count))];
        return HeteroGraph.Create(Nodes0, [.. Counts.Select((_, type) => $"r{type}")], [.. types.Select(_ => random.Next(Nodes0))],
            [.. types.Select(_ => random.Next(Nodes0))], types).Binding;
    }

    private static void Dispose(Dictionary<string, Tensor> arguments)
    {
        foreach (Tensor tensor in arguments.Values)
        {
            tensor.Dispose();
        }
    }
}
