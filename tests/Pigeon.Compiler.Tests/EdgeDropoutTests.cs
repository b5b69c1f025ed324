using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

public sealed class EdgeDropoutTests
{
    private const double Rate = 0.4;
    private static readonly HeteroGraph Graph = RandomGraphs.Create(6);

    [Fact]
    public void A_row_is_dropped_whole_or_scaled()
    {
        (double[] y, _) = Run(seed: 3);
        double[] rows = [.. y.Chunk(6).Select(row => Assert.Single(row.Distinct()))];
        Assert.All(rows, row => Assert.Contains(row, (double[])[0, 1 / (1 - Rate)]));
        Assert.Equal(2, rows.Distinct().Count());
    }

    [Fact]
    public void Backward_has_the_mask_of_forward()
    {
        (double[] y, double[] gradient) = Run(seed: 3);
        Assert.Equal(y, gradient);
    }

    [Fact]
    public void The_mask_depends_on_the_seed_alone()
    {
        Assert.Equal(Run(seed: 3).Y, Run(seed: 3).Y);
        Assert.NotEqual(Run(seed: 3).Y, Run(seed: 4).Y);
    }

    [Fact]
    public void Nothing_is_drawn_where_nothing_is_dropped()
    {
        var p = new ProgramBuilder("all");
        Value x = p.Input("x", HeteroSchema.Edges, 2);
        Assert.Equal(x.Id, Nn.EdgeDropout(x, 0, p.Input("seed", IndexSpace.One, 2), 0).Id);
        Assert.Throws<ArgumentOutOfRangeException>(() => Nn.EdgeDropout(x, 1, x, 0));
    }

    [Fact]
    public void Kernels_drop_what_the_evaluator_drops_when_sums_go_first()
    {
        var p = new ProgramBuilder("layer");
        Value messages = p.Input("x", HeteroSchema.Nodes, 2, 3).At(HeteroSchema.Src).Linear(p.Weight("w", HeteroSchema.EdgeTypes, 2, 3, 4), HeteroSchema.EType);
        Value dropped = Nn.EdgeDropout(messages, Rate, p.Input("seed", IndexSpace.One, 2), 0);
        p.Return("loss", Losses.Sum(dropped.Reduce(HeteroSchema.DestinationPair, ReduceKind.Mean).Sum(
            new Map.Component((IndexSpace.Distinct)HeteroSchema.DestinationPair.To, 1)).Unary(UnaryFunction.Tanh)));
        Program program = Differentiate.Run(p.Build(), "loss");
        var arguments = Differential.Arguments(program, Graph.Binding, 1);
        arguments["seed"] = Tensor.From([7, 9], 1, 2);
        var expected = Differential.Reference(program, Graph.Binding, arguments);
        var actual = Differential.Compiled(ProgramCompiler.Compile(program, new() { Cache = null, Graph = Graph.Binding }), Graph.Binding, arguments, 2);
        Assert.All(actual, output => Assert.InRange(Differential.Error(output.Value, expected[output.Key]), 0, 1e-5));
    }

    /// <summary>Rows of ones after dropout, and the gradient of their sum, which is the mask again.</summary>
    private static (double[] Y, double[] Gradient) Run(float seed)
    {
        var p = new ProgramBuilder("dropout");
        Value x = p.Input("x", HeteroSchema.Edges, 2, 3);
        Value y = Nn.EdgeDropout(x, Rate, p.Input("seed", IndexSpace.One, 2), 5);
        p.Return("y", y);
        p.Return("loss", Losses.Sum(y));
        Program program = Differentiate.Run(p.Build(), "loss", ["x"]);
        double[] ones = [.. Enumerable.Repeat(1.0, Graph.EdgeCount * 6)];
        var outputs = Evaluator<double>.Run(program, Graph.Binding, new Dictionary<string, double[]> { ["x"] = ones, ["seed"] = [seed, 1] });
        return (outputs["y"], outputs["grad.x"]);
    }
}
