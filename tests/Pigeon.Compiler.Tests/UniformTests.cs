using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

public class UniformTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Numbers_are_the_same_bits_in_every_plan(int lanes)
    {
        var builder = new ProgramBuilder("uniform");
        Value seed = builder.Input("seed", IndexSpace.One, 2);
        Value u = builder.Uniform(seed, 3, HeteroSchema.Nodes, 2, 19);
        builder.Return("rows", u * 1.0);
        builder.Return("edges", u.At(HeteroSchema.Src) - builder.Uniform(seed, 4, HeteroSchema.Edges, 2, 19));
        builder.Return("transposed", u.Transpose(1, 0) + 0.0);
        Program program = builder.Build();
        foreach (bool fuse in new[] { true, false })
        {
            CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Cache = null, Lanes = lanes, Fuse = fuse });
            HeteroGraph graph = RandomGraphs.Create(5);
            var arguments = new Dictionary<string, Tensor> { ["seed"] = Tensor.From([12345f, 16_000_001f], 1, 2) };
            var expected = Differential.Reference(program, graph.Binding, arguments);
            foreach ((string output, float[] values) in Differential.Compiled(compiled, graph.Binding, arguments, threads: 2))
            {
                Assert.Equal(Array.ConvertAll(expected[output], x => (float)x), values);
            }
        }
    }

    [Fact]
    public void Vectors_carry_into_the_upper_half_of_the_counter()
    {
        ulong key = CounterRandom.Key(1, 2, 3);
        ulong start = uint.MaxValue - 4UL;
        var lanes = CounterRandom.Uniform512(key, start);
        for (int i = 0; i < 16; i++)
        {
            Assert.Equal(CounterRandom.Uniform(key, start + (ulong)i), lanes[i]);
        }
    }

    [Fact]
    public void Numbers_are_uniform_and_streams_are_independent()
    {
        const int count = 200_000;
        ulong a = CounterRandom.Key(0, 1, 0);
        ulong b = CounterRandom.Key(1, 1, 0);
        double mean = 0;
        double product = 0;
        int[] buckets = new int[16];
        for (ulong n = 0; n < count; n++)
        {
            float x = CounterRandom.Uniform(a, n);
            mean += x / count;
            product += (x - 0.5) * (CounterRandom.Uniform(b, n) - 0.5) / count;
            buckets[(int)(x * 16)]++;
        }

        // Five standard deviations of each statistic.
        Assert.InRange(mean, 0.5 - (5 * 0.2887 / Math.Sqrt(count)), 0.5 + (5 * 0.2887 / Math.Sqrt(count)));
        Assert.InRange(product, -5 / 12.0 / Math.Sqrt(count), 5 / 12.0 / Math.Sqrt(count));
        Assert.All(buckets, n => Assert.InRange(n, (count / 16) - (5 * Math.Sqrt(count / 16.0)), (count / 16) + (5 * Math.Sqrt(count / 16.0))));
    }

    [Fact]
    public void Dropout_scales_what_it_keeps_and_forward_and_backward_agree()
    {
        var builder = new ProgramBuilder("dropout");
        Value x = builder.Input("x", HeteroSchema.Edges, 8);
        builder.Return("y", Nn.Dropout(x * x, 0.4, builder.Input("seed", IndexSpace.One, 2), 0));
        Program program = Gradients.WithLoss(builder.Build());
        Program differentiated = Differentiate.Run(program, "loss", ["x"]);
        HeteroGraph graph = RandomGraphs.Create(7);
        var arguments = Differential.Arguments(differentiated, graph.Binding, 1);
        arguments["seed"] = Tensor.From([7f, 9f], 1, 2);
        var reference = Differential.Reference(differentiated, graph.Binding, arguments);
        ReadOnlySpan<float> input = arguments["x"].Span;
        ReadOnlySpan<float> projection = arguments["projection"].Span;
        int kept = 0;
        for (int i = 0; i < input.Length; i++)
        {
            // d(p · keep/0.6 · x²)/dx is 2px/0.6 where the element was kept, and 0 elsewhere.
            double expected = 2 * (double)projection[i] * input[i] / 0.6;
            double gradient = reference["grad.x"][i];
            Assert.True(gradient == 0 || Math.Abs(gradient - expected) < 1e-12);
            kept += gradient == 0 ? 0 : 1;
        }

        Assert.InRange(kept / (double)input.Length, 0.5, 0.7);
        CompiledProgram compiled = ProgramCompiler.Compile(differentiated, new() { Cache = null });
        Assert.True(Differential.Error(Differential.Compiled(compiled, graph.Binding, arguments)["grad.x"], reference["grad.x"]) < 1e-6);
    }

    [Fact]
    public void Normalisations_have_mean_zero_variance_one_and_right_gradients()
    {
        var builder = new ProgramBuilder("norm");
        Value x = builder.Input("x", HeteroSchema.Nodes, 6);
        Value scale = builder.Weight("scale", IndexSpace.One, 6);
        Value shift = builder.Weight("shift", IndexSpace.One, 6);
        builder.Return("y", Nn.LayerNorm(x, scale, shift) + Nn.BatchNorm(x, scale, shift));
        Assert.True(Gradients.Error(builder.Build(), RandomGraphs.Create(2).Binding, 3) < 1e-6);

        var unit = new ProgramBuilder("unit");
        Value z = unit.Input("x", HeteroSchema.Nodes, 6);
        Value batch = Nn.BatchNorm(z, unit.Constant(1, IndexSpace.One, 6), unit.Constant(0, IndexSpace.One, 6), epsilon: 0);
        Map all = new Map.Unit(HeteroSchema.Nodes);
        unit.Return("mean", batch.Reduce(all, ReduceKind.Mean));
        unit.Return("variance", (batch * batch).Reduce(all, ReduceKind.Mean));
        HeteroGraph graph = RandomGraphs.Create(2);
        var result = Differential.Reference(unit.Build(), graph.Binding, Differential.Arguments(unit.Build(), graph.Binding, 1));
        Assert.All(result["mean"], m => Assert.Equal(0, m, 1e-12));
        Assert.All(result["variance"], v => Assert.Equal(1, v, 1e-12));
    }

    [Fact]
    public void Numbers_outside_an_expression_are_refused_by_the_planner()
    {
        var builder = new ProgramBuilder("outside");
        Value u = builder.Uniform(builder.Input("seed", IndexSpace.One, 2), 0, HeteroSchema.Nodes, 3);
        builder.Return("y", u.Linear(builder.Weight("w", IndexSpace.One, 3, 2)));
        Assert.Equal("PG0130", Assert.Throws<PigeonException>(() => ProgramCompiler.Plan(builder.Build())).Diagnostic.Id);
    }
}
