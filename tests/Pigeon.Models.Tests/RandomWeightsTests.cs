using Pigeon.Compiler;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class RandomWeightsTests
{
    private const ulong Seed = 3;
    private static readonly HeteroGraph Graph = RandomGraph.Create((0, 1, 0), (1, 2, 1));
    private static readonly Program Program = Hgt.Build(new HgtOptions { Widths = [6, 8, 8], Heads = 2 });

    [Fact]
    public void Every_weight_and_input_has_its_numbers()
    {
        foreach ((var values, int count) in new[]
        {
            (RandomWeights.Create(Program, Graph.Binding, Seed), Program.Values.OfType<Operator.Weight>().Count()),
            (RandomWeights.CreateInputs(Program, Graph.Binding, Seed), Program.Values.OfType<Operator.Input>().Count()),
        })
        {
            Assert.Equal(count, values.Count);
            Assert.All(values.Values, numbers => Assert.All(numbers, number => Assert.True(float.IsFinite(number))));
        }

        Assert.Equal(6 * 24, RandomWeights.Create(Program, Graph.Binding, Seed)["layer0.kqv_lin.weight"].Length);
    }

    [Fact]
    public void Numbers_depend_on_seed_and_name_only()
    {
        var first = RandomWeights.Create(Program, Graph.Binding, Seed);
        var other = RandomWeights.Create(Hgt.Build(new HgtOptions { Widths = [6, 8, 8, 8], Heads = 2 }), Graph.Binding, Seed);
        Assert.Equal(first["layer1.k_rel.weight"], other["layer1.k_rel.weight"]);
        Assert.NotEqual(first["layer1.k_rel.weight"], first["layer1.v_rel.weight"]);
        Assert.NotEqual(first["layer1.p_rel"], RandomWeights.Create(Program, Graph.Binding, Seed + 1)["layer1.p_rel"]);
    }

    [Fact]
    public void Weights_are_as_large_as_Glorot_says()
    {
        float[] weight = RandomWeights.Create(Program, Graph.Binding, Seed)["layer0.kqv_lin.weight"];
        double bound = Math.Sqrt(6.0 / (6 + 24));
        Assert.InRange(weight.Max(Math.Abs), 0.9 * bound, bound);
    }

    [Fact]
    public void Integers_are_small_and_of_both_signs()
    {
        foreach (var values in new[]
        {
            RandomWeights.CreateIntegers(Program, Graph.Binding, Seed, 3),
            RandomWeights.CreateIntegerInputs(Program, Graph.Binding, Seed, 3),
        })
        {
            float[] all = [.. values.Values.SelectMany(numbers => numbers)];
            Assert.All(all, number => Assert.Equal(MathF.Round(number), number));
            Assert.Equal((-3f, 3f), (all.Min(), all.Max()));
        }
    }
}
