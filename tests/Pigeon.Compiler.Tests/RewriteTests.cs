using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

public class RewriteTests
{
    /// <summary>The edge types as a space of fixed size: there are never more.</summary>
    private static readonly Map FixedType = new Map.Stored("etype", Edges, new IndexSpace.Range(200));

    private static readonly Dictionary<string, Action<ProgramBuilder>> Programs = new()
    {
        ["sum of typed linear"] = p => p.Return("y", X(p).At(Src).Linear(W(p, 5, 4), EType).Sum(Dst)),
        ["mean per relation"] = p => p.Return("y", X(p).At(Src).Linear(W(p, 5, 4), EType).Reduce(DestinationPair, ReduceKind.Mean)
            .Sum(new Map.Component((IndexSpace.Distinct)DestinationPair.To, 1))),
        ["factor of target and type"] = p => p.Return("y", (X(p).At(Src).Linear(W(p, 5, 4), EType) * X(p, "z").Slice(0, 1, 1).At(Dst)
            * p.Input("c", EdgeTypes, 1).At(EType)).Sum(Dst)),
        ["factor of target"] = p => p.Return("y", (p.Input("c", Nodes, 1).At(Dst) * X(p).At(Src).Linear(W(p, 5, 4), EType)).Sum(Dst)),
        ["gradient of rows"] = p => p.Return("y", p.Add(new Operator.TypedLinear((X(p).At(Dst) * p.Input("c", DestinationPair.To, 1).At(DestinationPair)).Id,
            W(p, 4, 5).Id, EType, Transposed: true)).Sum(Src)),
        ["weight gradient with a factor"] = p => p.Return("y", p.Add(new Operator.OuterSum(X(p, "z").At(Src).Id,
            (X(p).At(Dst) * p.Input("c", DestinationPair.To, 1).At(DestinationPair)).Id, EType))),
        ["given norm"] = p => p.Return("y", (X(p).At(Src).Linear(W(p, 5, 4), EType) * p.Input("c", Edges, 1)).Sum(Dst)),
        ["blocks with a factor for each"] = p => p.Return("y",
            (X(p).Slice(0, 0, 4).Reshape(2, 2).At(Src).Linear(p.Weight("w", EdgeTypes, 2, 2, 3), EType) * p.Input("c", Edges, 2, 1)).Sum(Dst)),
        ["weight for each head"] = p => p.Return("y", (X(p).At(Src).Linear(W(p, 5, 6), EType).Reshape(2, 3) * p.Input("c", Edges, 2, 1)).Sum(Dst)),
        ["weight for all heads"] = p => p.Return("y", (p.Input("c", Edges, 1, 1) * X(p).At(Src).Linear(W(p, 5, 6), EType).Reshape(2, 3)).Sum(Dst)),
        ["product of weighed rows"] = p => p.Return("y", p.Add(new Operator.TypedLinear((X(p).At(Dst) * p.Input("c", Edges, 1)).Id,
            W(p, 4, 5).Id, EType, Transposed: true)).Sum(Src)),
        ["product of weighed blocks"] = p => p.Return("y", (p.Input("c", Edges, 2, 1) * p.Input("x", Nodes, 2, 2).At(Dst))
            .Linear(p.Weight("w", EdgeTypes, 2, 2, 3), EType).Sum(Src)),
        ["weighed weight gradient"] = p => p.Return("y", p.Add(new Operator.OuterSum(X(p).At(Src).Id,
            (p.Input("z", Nodes, 4).At(Dst) * p.Input("c", Edges, 1)).Id, EType))),
        ["weighed weight gradient of one head"] = p => p.Return("y", p.Add(new Operator.OuterSum(X(p).At(Src).Id,
            (p.Input("z", Nodes, 1, 4).At(Dst) * p.Input("c", Edges, 1, 1)).Reshape(4).Id, EType))),
        ["weighed weight gradient of heads"] = p => p.Return("y", p.Add(new Operator.OuterSum(X(p).At(Src).Id,
            (p.Input("z", Nodes, 2, 3).At(Dst) * p.Input("c", Edges, 2, 1)).Reshape(6).Id, EType))),
        ["weighed weight gradient of blocks"] = p => p.Return("y", p.Add(new Operator.OuterSum(p.Input("x", Nodes, 2, 2).At(Src).Id,
            (p.Input("z", Nodes, 2, 3).At(Dst) * p.Input("c", Edges, 2, 1)).Id, EType, Blocks: true))),
        ["dot of rows"] = p => p.Return("y", Nn.Dot(p.Input("z", Nodes, 4).At(Dst), X(p).At(Src).Linear(W(p, 5, 4), EType))),
        ["dot of heads"] = p => p.Return("y", Nn.Dot(X(p).At(Src).Linear(W(p, 5, 6), EType).Reshape(2, 3), p.Input("z", Nodes, 2, 3).At(Dst))),
        ["dot of one head"] = p => p.Return("y", Nn.Dot(p.Input("z", Nodes, 1, 4).At(Dst), X(p).At(Src).Linear(W(p, 5, 4), EType).Reshape(1, 4))),
        ["dot of blocks"] = p => p.Return("y", Nn.Dot(p.Input("z", Nodes, 2, 3).At(Dst),
            p.Input("x", Nodes, 2, 2).At(Src).Linear(p.Weight("w", EdgeTypes, 2, 2, 3), EType))),
        ["dot of heads with a bias"] = p => p.Return("y", Nn.Dot(p.Input("z", Nodes, 2, 3).At(Dst),
            (X(p).At(Src).Linear(W(p, 5, 6), EType) + p.Input("b", EdgeTypes, 6).At(EType)).Reshape(2, 3))),
        ["weight for each head with a bias"] = p => p.Return("y",
            ((p.Input("b", EdgeTypes, 6).At(EType) + X(p).At(Src).Linear(W(p, 5, 6), EType)).Reshape(2, 3) * p.Input("c", Edges, 2, 1)).Sum(Dst)),
        ["weighed sums of types by pairs"] = p => p.Return("y",
            (p.Input("z", Nodes, 2, 3).At(Dst) * p.Input("c", Edges, 2, 1)).Sum(SourcePair).Sum(new Map.Component((IndexSpace.Distinct)SourcePair.To, 0))),
        ["attention scores"] = p => p.Return("y", X(p).At(Src).Linear(W(p, 5, 4), EType).Linear(p.Weight("q", IndexSpace.One, 4, 2))
            + X(p, "z").At(Dst).Linear(W(p, 5, 4, "v"), EType).Linear(p.Weight("k", IndexSpace.One, 4, 2))),
        ["node linear on edges"] = p => p.Return("y", X(p).At(Src).Linear(p.Weight("w", IndexSpace.One, 5, 4))),
        ["rows of gathered values"] = p => p.Return("y", (X(p).At(Src) * 2 + X(p, "z").At(Src)).RowReduce(ReduceKind.Sum, 0).Reshape()),
        ["weight gradient"] = p => p.Return("y", p.Add(new Operator.OuterSum(X(p).At(Src).Id, p.Input("z", Edges, 4).Id, EType))),
        ["weight gradient of a mean"] = p => p.Return("y", p.Add(new Operator.OuterSum(X(p).At(Src).Id,
            (p.Input("z", DestinationPair.To, 4) * (1 / Nn.Count(p, DestinationPair).Binary(BinaryFunction.Max, 1))).At(DestinationPair).Id, EType))),
        ["weight gradient of one slice"] = p => p.Return("y",
            p.Add(new Operator.OuterSum(p.Input("z", Edges, 4).Id, X(p).At(Src).Id, new Map.Unit(Edges)))),
        ["weight gradient of two gathers"] = p => p.Return("y",
            p.Add(new Operator.OuterSum(X(p, "z").At(Dst).Id, X(p).At(Src).Id, EType))),
        ["types of a fixed number"] = p => p.Return("y", X(p).At(Src).Linear(p.Weight("w", FixedType.To, 5, 4), FixedType).Sum(Dst)),
        ["weight gradient of types of a fixed number"] = p => p.Return("y",
            p.Add(new Operator.OuterSum(X(p).At(Src).Id, X(p, "z").At(Dst).Id, FixedType))),
        ["weight gradient left of a product"] = p => p.Return("y", p.Add(new Operator.OuterSum(X(p).At(Src).Linear(W(p, 5, 4), EType).Id,
            p.Input("z", Edges, 2).Id, new Map.Unit(Edges)))),
        ["weight gradient right of a product"] = p => p.Return("y", p.Add(new Operator.OuterSum(X(p).At(Src).Id,
            p.Input("z", Edges, 2).Linear(p.Weight("q", IndexSpace.One, 2, 4)).Id, EType))),
        ["weight gradient of a term"] = p => p.Return("y", p.Add(new Operator.OuterSum(X(p).At(Src).Id,
            (p.Input("z", Edges, 2).Linear(p.Weight("q", IndexSpace.One, 2, 4)) + p.Input("u", Edges, 4)).Id, EType))),
        ["term of a sum"] = p => p.Return("y", (p.Input("z", Edges, 4) +
            p.Input("u", Edges, 2).Linear(p.Weight("q", IndexSpace.One, 2, 4))).Sum(SourcePair)),
        ["one column"] = p => p.Return("y", X(p).At(Src).Linear(W(p, 5, 1), EType)),
        ["product of gathered rows, gathered"] = p => p.Return("y", (X(p) * p.Input("c", NodeTypes, 1).At(NType)).At(Src) * p.Input("z", Edges, 5)),
        ["softmax"] = p => p.Return("y", (X(p).At(Src).Reshape(1, 5) * Nn.EdgeSoftmax(p.Input("l", Edges, 2), Dst).Reshape(2, 1)).Sum(Dst)),
        ["softmax of one head"] = p => p.Return("y", (X(p).At(Src).Linear(W(p, 5, 6), EType).Reshape(1, 6) * Nn.EdgeSoftmax(p.Input("l", Edges, 1), Dst).Reshape(1, 1)).Sum(Dst)),
        ["softmax of heads"] = p => p.Return("y", (X(p).At(Src).Linear(W(p, 5, 6), EType).Reshape(2, 3) * Nn.EdgeSoftmax(p.Input("l", Edges, 2), Dst).Reshape(2, 1)).Sum(Dst)),
        ["softmax of scores"] = p => p.Return("y", (X(p).At(Src).Linear(W(p, 5, 6), EType).Reshape(2, 3) * Nn.EdgeSoftmax(Scores(p, 2), Dst).Reshape(2, 1)).Sum(Dst)),
        ["softmax, by pairs"] = p => p.Return("y", Nn.EdgeSoftmax(Scores(p, 2), Dst)),
        ["softmax of products"] = p => p.Return("y", (Nn.EdgeSoftmax(p.Input("l", Edges, 1), Dst) * X(p).At(Src).Linear(W(p, 5, 4), EType)).Sum(Dst)),
        ["sum of linears"] = p => p.Return("y", X(p).Linear(p.Weight("v", NodeTypes, 5, 4), NType) + X(p, "z").Linear(p.Weight("w", NodeTypes, 5, 4), NType)
            + X(p, "u").Linear(p.Weight("t", NodeTypes, 5, 4), NType)),
        ["sum of linears of matrices"] = p => p.Return("y", p.Input("x", Nodes, 3, 2).Linear(p.Weight("v", IndexSpace.One, 2, 4))
            + p.Input("z", Nodes, 3, 5).Linear(p.Weight("w", IndexSpace.One, 5, 4))),
        ["transposed weight"] = p => p.Return("y", p.Add(new Operator.TypedLinear(X(p).At(Src).Id, W(p, 4, 5).Id, EType, Transposed: true)).Sum(Dst)),
    };

    public static TheoryData<string> Names => [.. Programs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_rewrite_means_the_same(string name)
    {
        Program program = Build(name);
        int applied = 0;
        foreach ((Rewrite rule, Program rewritten) in PlanSearch.Neighbours(program))
        {
            AssertSame(program, rewritten, rule.Name);

            // And once more, so that rules meet each other's results.
            foreach ((Rewrite second, Program twice) in PlanSearch.Neighbours(rewritten))
            {
                AssertSame(program, twice, $"{rule.Name}, {second.Name}");
            }

            applied++;
        }

        Assert.True(applied > 0, "no rule fits");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Chosen_plan_agrees_bit_for_bit(string name)
    {
        Program program = Build(name);
        for (int seed = 1; seed < 4; seed++)
        {
            HeteroGraph graph = RandomGraphs.Create(seed);
            CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Cache = null, Graph = graph.Binding });
            var arguments = Differential.Arguments(program, graph.Binding, seed, integers: true);
            var expected = Differential.Reference(program, graph.Binding, arguments);
            var actual = Differential.Compiled(compiled, graph.Binding, arguments, threads: 2);

            // A mean divides, and softmax too, so sums of them are exact only up to rounding.
            if (name.Contains("mean", StringComparison.Ordinal) || name.Contains("softmax", StringComparison.Ordinal))
            {
                Assert.True(Differential.Error(actual["y"], expected["y"]) < 1e-6);
            }
            else
            {
                Assert.Equal(Array.ConvertAll(expected["y"], v => (float)v), actual["y"]);
            }
        }
    }

    [Theory]
    [InlineData("sum of typed linear", "reduce.sum via(firsts(etype, dst, src), dst)")]
    [InlineData("mean per relation", "gather via(firsts(etype, dst, src), pair(etype, dst))")]
    [InlineData("factor of target", "gather via(firsts(etype, dst, src), dst)")]
    [InlineData("gradient of rows", "reduce.sum via(seconds(etype, dst, src), src)")]
    [InlineData("weight gradient of two gathers", "outer via(either(etype, dst, src), etype)")]
    [InlineData("weight gradient with a factor", "outer via(either(etype, dst, src), etype)")]
    public void Either_side_is_chosen_for_each_type(string name, string expected)
    {
        Program rewritten = Assert.Single(PlanSearch.Neighbours(Build(name)), next => next.Rule == EitherSide.Sum || next.Rule == EitherSide.WeightGradient).Program;
        Assert.True(rewritten.ToString().Contains(expected, StringComparison.Ordinal), rewritten.ToString());
        Assert.Equal(rewritten.ToString(), ProgramParser.Parse(rewritten.ToString()).ToString());
        for (int seed = 1; seed < 12; seed++)
        {
            AssertGradient(rewritten, RandomGraphs.Create(seed));
        }
    }

    [Theory]
    [InlineData("given norm", "reduce.sum via(bysecond(etype, dst, src), dst)")]
    [InlineData("blocks with a factor for each", "gather via(byfirst(etype, dst, src), id(Edges))")]
    [InlineData("weight for each head", "transpose [1, 0, 2]")]
    [InlineData("weight for all heads", "linear first(via(byfirst(etype, dst, src), etype), via(byfirst(etype, dst, src), dst))")]
    [InlineData("product of weighed rows", "linear first(via(bysecond(etype, dst, src), etype), via(bysecond(etype, dst, src), src))")]
    [InlineData("product of weighed blocks", "linear first(via(byfirst(etype, dst, src), etype), via(byfirst(etype, dst, src), dst))")]
    [InlineData("weighed weight gradient", "outer first(via(byfirst(etype, dst, src), etype), via(byfirst(etype, dst, src), dst))")]
    [InlineData("weighed weight gradient of one head", "outer first(via(bysecond(etype, dst, src), etype), via(bysecond(etype, dst, src), src))")]
    [InlineData("weighed weight gradient of heads", "outer blocks first(via(byfirst(etype, dst, src), etype), via(byfirst(etype, dst, src), dst))")]
    [InlineData("weighed weight gradient of blocks", "outer blocks first(via(byfirst(etype, dst, src), etype), via(byfirst(etype, dst, src), dst))")]
    [InlineData("dot of rows", "reduce.sum via(byfirst(etype, dst, src), id(Edges))")]
    [InlineData("dot of heads", "reduce.sum via(byfirst(etype, dst, src), id(Edges))")]
    [InlineData("dot of one head", "reduce.sum via(bysecond(etype, dst, src), id(Edges))")]
    [InlineData("dot of blocks", "reduce.sum via(bysecond(etype, dst, src), id(Edges))")]
    [InlineData("dot of heads with a bias", "gather first(via(bysecond(etype, dst, src), etype), via(bysecond(etype, dst, src), src))")]
    [InlineData("weight for each head with a bias", "gather first(via(byfirst(etype, dst, src), etype), via(byfirst(etype, dst, src), dst))")]
    [InlineData("weighed sums of types by pairs", "reduce.sum first(via(bysecond(etype, dst, src), etype), via(bysecond(etype, dst, src), src))")]
    public void Elements_with_weights_are_parted_by_side(string name, string expected)
    {
        Program rewritten = Assert.Single(PlanSearch.Neighbours(Build(name)),
            next => next.Rule == WeighedSides.Sum || next.Rule == WeighedSides.WeightGradient || next.Rule == WeighedSides.Dot ||
                next.Rule == WeighedSides.TypeSum).Program;
        Assert.True(rewritten.ToString().Contains(expected, StringComparison.Ordinal), rewritten.ToString());
        Assert.Equal(rewritten.ToString(), ProgramParser.Parse(rewritten.ToString()).ToString());
        for (int seed = 1; seed < 8; seed++)
        {
            AssertGradient(rewritten, RandomGraphs.Create(seed));
        }
    }

    [Fact]
    public void Weighed_sum_of_products()
    {
        Program rewritten = Assert.Single(PlanSearch.Neighbours(Build("given norm")), next => next.Rule == WeighedSides.Sum).Program;
        string text = rewritten.ToString().Replace("(etype, dst, src)", "", StringComparison.Ordinal);
        Assert.Contains("""
              %3 = gather second(via(bysecond, etype), via(bysecond, src)) %0 : distinct(via(bysecond, etype), via(bysecond, src))[5]
              %4 = linear first(via(bysecond, etype), via(bysecond, src)) %3, %1 : distinct(via(bysecond, etype), via(bysecond, src))[4]
              %5 = gather pair(via(bysecond, etype), via(bysecond, src)) %4 : bysecond[4]
              %6 = gather via(bysecond, id(Edges)) %2 : bysecond[1]
              %7 = pointwise {$0 * $1} %5, %6 : bysecond[4]
              %8 = reduce.sum via(bysecond, dst) %7 : Nodes[4]
              %9 = gather via(byfirst, src) %0 : byfirst[5]
              %10 = gather via(byfirst, id(Edges)) %2 : byfirst[1]
              %11 = pointwise {$0 * $1} %9, %10 : byfirst[5]
              %12 = reduce.sum pair(via(byfirst, etype), via(byfirst, dst)) %11 : distinct(via(byfirst, etype), via(byfirst, dst))[5]
              %13 = linear first(via(byfirst, etype), via(byfirst, dst)) %12, %1 : distinct(via(byfirst, etype), via(byfirst, dst))[4]
              %14 = reduce.sum second(via(byfirst, etype), via(byfirst, dst)) %13 : Nodes[4]
              %15 = pointwise {$0 + $1} %8, %14 : Nodes[4]
            """, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_follow_from_type_and_target_stay_at_the_ways()
    {
        foreach (string name in new[] { "factor of target", "weight gradient with a factor", "sum of typed linear", "weight gradient of two gathers" })
        {
            Assert.DoesNotContain(PlanSearch.Neighbours(Build(name)), next => next.Rule == WeighedSides.Sum || next.Rule == WeighedSides.WeightGradient);
        }
    }

    [Fact]
    public void Both_directions_have_their_products_on_the_same_pairs()
    {
        var builder = new ProgramBuilder("step");
        Value y = X(builder).At(Src).Linear(W(builder, 5, 4), EType).Sum(Dst);
        builder.Return("loss", (y * y).RowReduce(ReduceKind.Sum, 0).Sum(new Map.Unit(Nodes)).Reshape());
        Program program = Simplify.Run(Differentiate.Run(builder.Build(), "loss", ["w", "x"]));
        for (int sites = 0; sites < 3; sites++)
        {
            program = PlanSearch.Neighbours(program).First(next => next.Rule == EitherSide.Sum || next.Rule == EitherSide.WeightGradient).Program;
        }

        // The forward pass and the weight gradient share one sum of x, and both gradients one sum of dy.
        string text = program.ToString();
        Assert.Equal(4, text.Split("reduce.sum via(").Length - 1);
        Assert.DoesNotContain(": Edges[", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Either_side_is_for_what_follows_from_ends_and_type()
    {
        // What differs from edge to edge, the edges' own rows, and one type for all.
        foreach (string name in new[] { "given norm", "weight gradient", "weight gradient of one slice", "node linear on edges" })
        {
            Assert.DoesNotContain(PlanSearch.Neighbours(Build(name)), next => next.Rule == EitherSide.Sum || next.Rule == EitherSide.WeightGradient);
        }
    }

    [Fact]
    public void Types_side_by_side_are_one_product()
    {
        Program rewritten = Assert.Single(PlanSearch.Neighbours(Build("types of a fixed number")), next => next.Rule == ConcatenateTypes.Sum).Program;
        string text = rewritten.ToString();
        Assert.Contains("reduce.sum index(dst, etype)", text, StringComparison.Ordinal);
        Assert.Contains(" : Nodes[1000]", text, StringComparison.Ordinal);
        Assert.Contains(" : one[1000, 4]", text, StringComparison.Ordinal);
        Assert.Contains("linear unit(Nodes)", text, StringComparison.Ordinal);
        Assert.InRange(Gradients.Error(rewritten, RandomGraphs.Create(2).Binding, seed: 1), 0, 1e-6);
    }

    [Theory]
    [InlineData("weight gradient of a mean", "reduce.mean pair(etype, dst)")]
    [InlineData("weight gradient with a factor", "reduce.sum pair(etype, dst)")]
    public void Weight_gradients_take_the_sums_of_the_left(string name, string expected)
    {
        Program rewritten = Assert.Single(PlanSearch.Neighbours(Build(name)), next => next.Rule == AggregateFirst.WeightGradientOfSums).Program;
        Assert.Contains(expected, rewritten.ToString(), StringComparison.Ordinal);
        Assert.Contains("outer first(etype, dst)", rewritten.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("softmax of one head")]
    [InlineData("softmax of heads")]
    [InlineData("softmax of products")]
    public void Softmax_by_pairs_forgives_logits_of_minus_infinity(string name)
    {
        Program rewritten = Assert.Single(PlanSearch.Neighbours(Build(name)), next => next.Rule == SoftmaxByPairs.Rule).Program;
        HeteroGraph graph = RandomGraphs.Create(3);
        var arguments = Differential.Arguments(rewritten, graph.Binding, seed: 1);
        Span<float> logits = arguments["l"].Span;
        for (int edge = 0; edge < logits.Length; edge += 3)
        {
            logits[edge] = float.NegativeInfinity;
        }

        double[] expected = Differential.Reference(Build(name), graph.Binding, arguments)["y"];
        double[] actual = Differential.Reference(rewritten, graph.Binding, arguments)["y"];
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(double.IsNaN(expected[i]) || Math.Abs(expected[i] - actual[i]) < 1e-9, $"{i}: {actual[i]}, not {expected[i]}");
        }

        Assert.Contains(expected, value => !double.IsNaN(value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Gradients_of_a_softmax_go_by_pairs(int heads)
    {
        var p = new ProgramBuilder("attention");
        Value y = (X(p).At(Src).Linear(W(p, 5, 3 * heads), EType).Reshape(heads, 3) *
            Nn.EdgeSoftmax(Nn.LeakyRelu(Scores(p, heads), 0.2), Dst).Reshape(heads, 1)).Sum(Dst).Reshape(3 * heads);
        p.Return("loss", (y * y).RowReduce(ReduceKind.Sum, 0).Reshape().Sum(new Map.Unit(Nodes)));
        Program author = Simplify.Run(Differentiate.Run(p.Build(), "loss", ["x", "s", "t", "w", "k", "q"]));
        Program program = author;
        foreach (Rewrite[] group in new Rewrite[][] { [DotsLast.Rule, NormaliseLast.Rule], [SoftmaxByPairs.Numerators], [SoftmaxByPairs.Sum, SoftmaxByPairs.Factors] })
        {
            Assert.All(group, rule => Assert.Contains(PlanSearch.Neighbours(program), next => next.Rule == rule));
            while (PlanSearch.Neighbours(program).Where(next => group.Contains(next.Rule)).Select(next => next.Program).FirstOrDefault() is { } rewritten)
            {
                program = rewritten;
            }
        }

        // Neither the maxima nor a sum goes from edges to targets.
        Assert.DoesNotContain("reduce.max dst", program.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(program.Values, value => value is Operator.Reduce { Map: var map, X: var x } && map == Dst && program.Types[x].Row.Width < 5);
        for (int seed = 1; seed < 4; seed++)
        {
            HeteroGraph graph = RandomGraphs.Create(seed);
            var arguments = Differential.Arguments(author, graph.Binding, seed);
            var expected = Differential.Reference(author, graph.Binding, arguments);
            var actual = Differential.Reference(program, graph.Binding, arguments);
            foreach ((string name, double[] values) in expected)
            {
                double scale = 1 + values.Max(Math.Abs);
                Assert.All(values.Zip(actual[name]), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * scale));
            }
        }
    }

    [Fact]
    public void Types_of_any_number_stay()
    {
        Assert.DoesNotContain(PlanSearch.Neighbours(Build("sum of typed linear")), next => next.Rule == ConcatenateTypes.Sum);
        Assert.DoesNotContain(PlanSearch.Neighbours(Build("weight gradient of two gathers")), next => next.Rule == ConcatenateTypes.WeightGradient);
    }

    [Fact]
    public void Choice_follows_the_counts_of_the_graph()
    {
        // Two hundred edges of one type: from two sources to many nodes, or from many nodes to two.
        int[] few = [.. Enumerable.Range(0, 200).Select(i => i % 2)];
        int[] many = [.. Enumerable.Range(0, 200)];
        HeteroGraph fanOut = HeteroGraph.Create(200, ["r"], few, many, new int[200]);
        HeteroGraph both = HeteroGraph.Create(200, ["r", "s"], [.. few, .. many], [.. many, .. few], [.. new int[200], .. Enumerable.Repeat(1, 200)]);
        HeteroGraph fanIn = HeteroGraph.Create(200, ["r"], many, few, new int[200]);
        var builder = new ProgramBuilder("wide");
        builder.Return("y", builder.Input("x", Nodes, 64).At(Src).Linear(W(builder, 64, 64), EType).Sum(Dst));
        Program program = builder.Build();

        Assert.Contains("linear first(etype, src)", Chosen(program, fanOut).ToString(), StringComparison.Ordinal);
        Assert.Contains("linear via(either(etype, dst, src), etype)", Chosen(program, both).ToString(), StringComparison.Ordinal);
        Assert.Contains("linear first(etype, dst)", Chosen(program, fanIn).ToString(), StringComparison.Ordinal);

        // With a weight for each edge too.
        var weighed = new ProgramBuilder("weighed");
        weighed.Return("y", (weighed.Input("x", Nodes, 64).At(Src).Linear(W(weighed, 64, 64), EType) * weighed.Input("c", Edges, 1)).Sum(Dst));
        Assert.Contains("linear first(via(byfirst(etype, dst, src), etype)", Chosen(weighed.Build(), both).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_pays_returns_the_same_program()
    {
        var builder = new ProgramBuilder("plain");
        builder.Return("y", X(builder).Linear(builder.Weight("w", IndexSpace.One, 5, 4)));
        Program program = builder.Build();
        Assert.Same(program, Chosen(program, RandomGraphs.Create(1)));
    }

    private static Program Chosen(Program program, HeteroGraph graph) =>
        ChooseRewrites.Run(Simplify.Run(program), new() { Graph = graph.Binding });

    private static void AssertSame(Program expected, Program actual, string rule)
    {
        for (int seed = 1; seed < 4; seed++)
        {
            HeteroGraph graph = RandomGraphs.Create(seed);
            var arguments = Differential.Arguments(expected, graph.Binding, seed, integers: true);
            var before = Differential.Reference(expected, graph.Binding, arguments);
            var after = Differential.Reference(actual, graph.Binding, arguments);
            for (int i = 0; i < before["y"].Length; i++)
            {
                Assert.True(Math.Abs(before["y"][i] - after["y"][i]) < 1e-9, $"{rule} changes the result\n{actual}");
            }
        }
    }

    private static void AssertGradient(Program program, HeteroGraph graph) => Assert.InRange(Gradients.Error(program, graph.Binding, seed: 1), 0, 1e-6);

    private static Program Build(string name)
    {
        var builder = new ProgramBuilder("rewrite");
        Programs[name](builder);
        return Simplify.Run(builder.Build());
    }

    private static Value X(ProgramBuilder p, string name = "x") => p.Input(name, Nodes, 5);

    private static Value W(ProgramBuilder p, int k, int n, string name = "w") => p.Weight(name, EdgeTypes, k, n);

    /// <summary>Logits of edges that depend on type and source, and on type and target.</summary>
    private static Value Scores(ProgramBuilder p, int heads) =>
        X(p, "s").At(Src).Linear(W(p, 5, heads, "k"), EType) + X(p, "t").At(Dst).Linear(W(p, 5, heads, "q"), EType);
}
