using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Tests;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;
using static Pigeon.Models.QuerySchema;

namespace Pigeon.Models.Tests;

public class EpiGnnTests
{
    private static readonly EpiGnnOptions Small = new(Facets: 2, FacetWidth: 3, EpiGnnPooling.Min, Rounds: 2);

    public static TheoryData<EpiGnnPooling> Poolings => [EpiGnnPooling.Min, EpiGnnPooling.Product];

    [Theory]
    [InlineData(8, 4, 8, 1824)]
    [InlineData(8, 8, 4, 544)]
    [InlineData(20, 8, 8, 4416)]
    [InlineData(20, 16, 8, 8832)]
    public void Parameters_are_as_many_as_published(int relations, int facets, int width, int expected)
    {
        var options = new EpiGnnOptions(facets, width, EpiGnnPooling.Min);
        Assert.Equal(expected, options.ParameterCount(relations));
        Assert.Equal(expected, EpiGnn.BuildLoss(options).Values.OfType<Operator.Weight>()
            .Sum(w => (w.Type.Space == EdgeTypes ? (long)relations : 1) * w.Type.Row.Width));
    }

    [Fact]
    public void Identity_composes_to_the_other_argument()
    {
        var p = new ProgramBuilder("identity");
        Value tensor = EpiGnn.CompositionTensor(p, Small);
        Value x = p.Input("x", Nodes, 2, 3);
        Value e = p.Input("e", Nodes, 2, 3);
        p.Return("left", EpiGnn.Compose(tensor, e, x));
        p.Return("right", EpiGnn.Compose(tensor, x, e));
        Program program = p.Build();
        GraphBinding graph = Batch(1).Bind([0, 1]);
        var arguments = Differential.Arguments(program, graph, 1);
        for (int i = 0; i < arguments["e"].Length; i++)
        {
            arguments["e"].Span[i] = i % 3 == 0 ? 1 : 0;
        }

        var results = Differential.Reference(program, graph, arguments);
        double[] expected = Differential.Doubles(arguments)["x"];
        Assert.InRange(Reference.RelativeError(results["left"], expected), 0, 1e-12);
        Assert.InRange(Reference.RelativeError(results["right"], expected), 0, 1e-12);
    }

    [Fact]
    public void Composition_of_every_two_elements_is_a_distribution()
    {
        var p = new ProgramBuilder("tensor");
        p.Return("a", EpiGnn.CompositionTensor(p, Small));
        Program program = p.Build();
        GraphBinding graph = Batch(1).Bind([0]);
        double[] a = Differential.Reference(program, graph, Differential.Arguments(program, graph, 4))["a"];
        for (int f = 0; f < 2; f++)
        {
            for (int pair = 0; pair < 9; pair++)
            {
                Assert.Equal(1, Enumerable.Range(0, 3).Sum(result => a[(f * 27) + (result * 9) + pair]), 1e-12);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Poolings))]
    public void States_are_distributions_after_every_round(EpiGnnPooling pooling)
    {
        const int d = 8;
        var options = new EpiGnnOptions(4, d, pooling);
        var p = new ProgramBuilder("states");
        Value tensor = EpiGnn.CompositionTensor(p, options);
        Value relations = Nn.Softmax(p.Weight(EpiGnn.Relations, EdgeTypes, 4, d), 1);
        for (int rounds = 1; rounds <= options.Rounds; rounds += 4)
        {
            p.Return($"forward{rounds}", EpiGnn.States(p, options with { Rounds = rounds }, EpiGnn.MessageWeights(tensor, relations), Src, Dst, Head));
            p.Return($"backward{rounds}", EpiGnn.States(p, options with { Rounds = rounds }, EpiGnn.ReverseWeights(tensor, relations), Dst, Src, Tail));
        }

        Program program = p.Build();
        GraphBinding graph = Batch(7).Bind([.. Enumerable.Range(0, 40)]);
        var arguments = Differential.Arguments(program, graph, 2);
        var numbers = arguments.ToDictionary(argument => argument.Key, argument => argument.Value.Span.ToArray());
        foreach (float[] states in Evaluator<float>.Run(program, graph, numbers).Values)
        {
            Assert.All(states.Chunk(d), facet => Assert.Equal(1, facet.Sum(x => (double)x), 1e-6));
            Assert.DoesNotContain(states, x => x < 0);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Derived_weights_equal_the_composition_edge_by_edge(bool forward)
    {
        var options = new EpiGnnOptions(4, 8, EpiGnnPooling.Min);
        var p = new ProgramBuilder("messages");
        Value tensor = EpiGnn.CompositionTensor(p, options);
        Value relations = Nn.Softmax(p.Weight(EpiGnn.Relations, EdgeTypes, 4, 8), 1);
        Value x = Nn.Softmax(p.Input("x", Nodes, 4, 8), 1);
        p.Return("derived", forward
            ? x.At(Src).Linear(EpiGnn.MessageWeights(tensor, relations), EType)
            : x.At(Dst).Linear(EpiGnn.ReverseWeights(tensor, relations), EType));
        p.Return("bilinear", forward
            ? EpiGnn.Compose(tensor, x.At(Src), relations.At(EType))
            : EpiGnn.Compose(tensor, relations.At(EType), x.At(Dst)));
        Program program = p.Build();
        GraphBinding graph = Batch(3).Bind([.. Enumerable.Range(0, 30)]);
        var results = Differential.Compiled(ProgramCompiler.Compile(program, new() { Cache = null }), graph, Differential.Arguments(program, graph, 2));
        Assert.InRange(Differential.Error(results["derived"], Reference.Wide(results["bilinear"])), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Poolings))]
    public void Gradient_equals_central_differences(EpiGnnPooling pooling)
    {
        foreach (EpiGnnLeft left in Enum.GetValues<EpiGnnLeft>())
        {
            Program program = EpiGnn.Build(Small with { Pooling = pooling, Left = left });
            Assert.InRange(Gradients.Error(program, Batch(5).Bind([0, 1, 2, 3]), seed: 2), 0, 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Poolings))]
    public void Every_plan_of_the_training_step_agrees(EpiGnnPooling pooling)
    {
        TrainingStep step = TrainingStep.Create(EpiGnn.BuildLoss(Small with { Pooling = pooling }), "loss", new Optimiser.Sgd());
        GraphBinding graph = Batch(6).Bind([.. Enumerable.Range(0, 9)], new Random(1).Next);
        Plans.AssertAgree(step.Program, graph, seed: 3);
    }

    [Theory]
    [MemberData(nameof(Poolings))]
    public void Node_without_edges_into_it_is_uniform_and_the_start_stays(EpiGnnPooling pooling)
    {
        var options = new EpiGnnOptions(2, 3, pooling, Rounds: 2);
        var p = new ProgramBuilder("states");
        Value weights = EpiGnn.MessageWeights(EpiGnn.CompositionTensor(p, options), Nn.Softmax(p.Weight(EpiGnn.Relations, EdgeTypes, 2, 3), 1));
        p.Return("y", EpiGnn.States(p, options, weights, Src, Dst, Head));
        Program program = p.Build();
        GraphBinding graph = new QueryBatch(Set([new(3, [0], [1], [0], 0, 1, 1)])).Bind([0]);
        var arguments = Differential.Arguments(program, graph, 1);
        float[] y = Differential.Compiled(ProgramCompiler.Compile(program, new() { Cache = null }), graph, arguments)["y"];
        Assert.Equal([1, 0, 0, 1, 0, 0], y[..6]);
        Assert.All(y[12..], x => Assert.Equal(1f / 3, x, 1e-6f));
    }

    [Fact]
    public void One_pass_with_the_table_of_Rcc8_is_the_directional_closure()
    {
        // One facet, whose element 0 is the identity EQ; each relation one-hot, the tensor the table divided by the size of its sets.
        int[] order = [7, 0, 1, 2, 3, 4, 5, 6];
        const int d = 8;
        var options = new EpiGnnOptions(1, d, EpiGnnPooling.Min);
        var p = new ProgramBuilder("algebra");
        Value weights = EpiGnn.MessageWeights(p.Input("tensor", IndexSpace.One, 1, d, d, d), p.Input("relations", EdgeTypes, 1, d));
        p.Return("y", EpiGnn.States(p, options, weights, Src, Dst, Head));
        Program program = p.Build();
        double[] tensor = new double[d * d * d];
        double[] relations = new double[d * d];
        for (int i = 0; i < d; i++)
        {
            relations[(order[i] * d) + i] = 1;
            for (int j = 0; j < d; j++)
            {
                int set = Rcc8.Compose((byte)(1 << order[i]), (byte)(1 << order[j]));
                for (int result = 0; result < d; result++)
                {
                    tensor[(result * d * d) + (i * d) + j] = (set >> order[result] & 1) / (double)int.PopCount(set);
                }
            }
        }

        RelationQuery[] queries = [.. Enumerable.Range(0, 60).Select(seed => QuestionOf(new Random(seed), d))];
        double[] y = Evaluator<double>.Run(program, new QueryBatch(Set(queries, d)).Bind([.. Enumerable.Range(0, queries.Length)]),
            new Dictionary<string, double[]> { ["tensor"] = tensor, ["relations"] = relations })["y"];
        int node = 0;
        foreach (RelationQuery query in queries)
        {
            foreach (byte expected in Closure(query, options.Rounds))
            {
                int support = Enumerable.Range(0, d).Sum(i => y[(node * d) + i] > 1e-9 ? 1 << order[i] : 0);

                // A contradiction leaves nothing, and nothing plus the least number is uniform.
                Assert.Equal(expected == 0 ? Rcc8.Any : expected, support);
                node++;
            }
        }
    }

    [Fact]
    public void Options_that_cannot_be_are_refused() =>
        Assert.Equal("PG0404", Assert.Throws<PigeonException>(() => EpiGnn.Build(Small with { FacetWidth = 1 })).Diagnostic.Id);

    /// <summary>The sets of relations to the head, after rounds that each take the sets of the round before.</summary>
    private static byte[] Closure(RelationQuery query, int rounds)
    {
        byte[] sets = [.. Enumerable.Repeat(Rcc8.Any, query.NodeCount)];
        sets[query.Head] = Rcc8.Equal;
        for (int round = 0; round < rounds; round++)
        {
            byte[] next = [.. Enumerable.Repeat(Rcc8.Any, query.NodeCount)];
            for (int e = 0; e < query.Types.Length; e++)
            {
                // A contradiction becomes uniform, as in the model.
                byte from = sets[query.Sources[e]] == 0 ? Rcc8.Any : sets[query.Sources[e]];
                next[query.Destinations[e]] &= Rcc8.Compose(from, (byte)(1 << query.Types[e]));
            }

            next[query.Head] = Rcc8.Equal;
            sets = next;
        }

        return sets;
    }

    private static QueryBatch Batch(int seed)
    {
        var random = new Random(seed);
        return new(Set([.. Enumerable.Range(0, 40).Select(_ => QuestionOf(random, 3))]));
    }

    private static QuerySet Set(RelationQuery[] queries, int relations = 3) =>
        new("test", [.. Enumerable.Range(0, relations).Select(r => $"r{r}")], [.. queries]);

    /// <summary>A random graph, some of whose nodes have no edges.</summary>
    private static RelationQuery QuestionOf(Random random, int relations)
    {
        int nodes = random.Next(2, 7);
        int edges = random.Next(1, 10);
        int[] Draw(int limit) => [.. Enumerable.Range(0, edges).Select(_ => random.Next(limit))];
        int head = random.Next(nodes);
        return new(nodes, [.. Draw(nodes)], [.. Draw(nodes)], [.. Draw(relations)], head, (head + random.Next(1, nodes)) % nodes,
            random.Next(relations));
    }
}
