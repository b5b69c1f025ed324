using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Laws that hold between the results on a graph and on a changed graph, whatever the results are.</summary>
public sealed class MetamorphicTests
{
    private const int Width = 6;
    private const double Tolerance = 1e-5;

    private static readonly Dictionary<string, Lazy<Layer>> Compiled = new()
    {
        ["rgcn"] = new(() => new(Layers.Rgcn(Width, Width))),
        ["rgcn-sum"] = new(() => new(Layers.Rgcn(Width, Width, exact: true))),
        ["rgat"] = new(() => new(Layers.Rgat(Width, 3, 2))),
        ["hgt"] = new(() => new(Layers.Hgt(3, 2))),
    };

    public static TheoryData<string> All => [.. Compiled.Keys];

    public static TheoryData<string> WithoutMeans => ["rgcn-sum", "rgat", "hgt"];

    public static TheoryData<string> Averages => ["rgcn", "rgat", "hgt"];

    [Theory]
    [MemberData(nameof(All))]
    public void Permuted_nodes_give_permuted_rows(string layer)
    {
        foreach (EdgeList graph in Graphs())
        {
            int[] moved = Shuffled(graph.NodeType.Length, 7);
            int[] nodeType = new int[moved.Length];
            for (int v = 0; v < moved.Length; v++)
            {
                nodeType[moved[v]] = graph.NodeType[v];
            }

            float[][] x = Features(graph);
            float[][] movedX = [.. Enumerable.Range(0, moved.Length).Select(v => x[Array.IndexOf(moved, v)])];
            float[][] y = Run(layer, graph, x);
            float[][] movedY = Run(layer, graph with
            {
                NodeType = nodeType,
                Edges = [.. graph.Edges.Select(e => e with { Source = moved[e.Source], Destination = moved[e.Destination] })],
            }, movedX);
            Same(y, [.. moved.Select(v => movedY[v])]);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Order_of_edges_does_not_matter(string layer)
    {
        foreach (EdgeList graph in Graphs())
        {
            int[] order = Shuffled(graph.Edges.Length, 8);
            Same(Run(layer, graph), Run(layer, graph with { Edges = [.. order.Select(e => graph.Edges[e])] }));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Numbers_of_relations_do_not_matter(string layer)
    {
        foreach (EdgeList graph in Graphs())
        {
            int[] renamed = Shuffled(graph.Relations.Length, 9);
            int[] relations = [.. Enumerable.Range(0, renamed.Length).Select(r => graph.Relations[Array.IndexOf(renamed, r)])];
            Same(Run(layer, graph), Run(layer, graph with
            {
                Relations = relations,
                Edges = [.. graph.Edges.Select(e => e with { Type = renamed[e.Type] })],
            }));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Isolated_node_changes_no_other(string layer)
    {
        foreach (EdgeList graph in Graphs())
        {
            float[][] y = Run(layer, graph);
            float[][] more = Run(layer, graph with { NodeType = [.. graph.NodeType, 0] }, [.. Features(graph), new float[Width]]);
            Same(y, more[..^1]);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Disjoint_union_gives_both_results(string layer)
    {
        foreach (EdgeList graph in Graphs())
        {
            int n = graph.NodeType.Length;
            float[][] x = Features(graph);
            float[][] other = [.. x.Reverse()];
            float[][] both = Run(layer, graph with
            {
                NodeType = [.. graph.NodeType, .. graph.NodeType],
                Edges = [.. graph.Edges, .. graph.Edges.Select(e => e with { Source = e.Source + n, Destination = e.Destination + n })],
            }, [.. x, .. other]);
            Same(Run(layer, graph, x), both[..n]);
            Same(Run(layer, graph, other), both[n..]);
        }
    }

    [Theory]
    [MemberData(nameof(WithoutMeans))]
    public void Relation_may_be_split_where_weights_are_tied(string layer)
    {
        foreach (EdgeList graph in Graphs())
        {
            int extra = graph.Relations.Length;
            Same(Run(layer, graph), Run(layer, graph with
            {
                Relations = [.. graph.Relations, graph.Relations[0]],
                Edges = [.. graph.Edges.Select((e, i) => e.Type == 0 && i % 2 == 0 ? e with { Type = extra } : e)],
            }));
        }
    }

    [Theory]
    [MemberData(nameof(Averages))]
    public void Doubled_edges_change_no_average(string layer)
    {
        foreach (EdgeList graph in Graphs())
        {
            Same(Run(layer, graph), Run(layer, graph with { Edges = [.. graph.Edges, .. graph.Edges] }));
        }
    }

    /// <summary>Tensors of types depend on <see cref="EdgeList.Relations"/>, the tag of each relation, not on its number.</summary>
    private static float[][] Run(string name, EdgeList graph, float[][]? features = null)
    {
        Layer layer = Compiled[name].Value;
        HeteroGraph bound = HeteroGraph.Create(["a", "b"], [.. graph.Relations.Select((_, r) => new EdgeType($"r{r}"))], graph.NodeType,
            [.. graph.Edges.Select(e => e.Source)], [.. graph.Edges.Select(e => e.Destination)], [.. graph.Edges.Select(e => e.Type)]);
        features ??= Features(graph);
        var arguments = new Dictionary<string, Tensor>();
        for (int i = 0; i < layer.Program.Values.Length; i++)
        {
            int[] row = [.. layer.Program.Types[i].Row.Extents];
            int width = (int)layer.Program.Types[i].Row.Width;
            switch (layer.Program.Values[i])
            {
                case Operator.Input input:
                    arguments[input.Name] = Tensor.From([.. features.SelectMany(x => x)], [features.Length, width]);
                    break;
                case Operator.Weight weight:
                    int[] tags = weight.Type.Space == HeteroSchema.EdgeTypes ? graph.Relations
                        : [.. Enumerable.Range(0, bound.Binding.SizeOf(weight.Type.Space))];
                    IEnumerable<float> numbers = tags.SelectMany(tag => Numbers(width, (tag * 100) + i));
                    arguments[weight.Name] = Tensor.From([.. numbers], [tags.Length, .. row.Select(e => (long)e)]);
                    break;
            }
        }

        lock (layer)
        {
            float[] y = Differential.Loaded(layer.Kernels, bound.Binding, arguments, threads: 2)["y"];
            return [.. y.Chunk(y.Length / features.Length)];
        }
    }

    private static void Same(float[][] expected, float[][] actual) => Assert.InRange(
        Differential.Error([.. actual.SelectMany(row => row)], [.. expected.SelectMany(row => row).Select(x => (double)x)]), 0, Tolerance);

    private static IEnumerable<EdgeList> Graphs()
    {
        foreach (int seed in new[] { 1, 2, 4, 5 })
        {
            HeteroGraph graph = RandomGraphs.Create(seed);
            yield return new([.. graph.NodeType.ToArray().Select(t => t % 2)], [.. Enumerable.Range(0, graph.EdgeTypes.Length)],
                [.. Enumerable.Range(0, graph.EdgeCount).Select(e => (graph.Source[e], graph.Destination[e], graph.EdgeTypeOf[e]))]);
        }
    }

    private static float[][] Features(EdgeList graph) =>
        [.. Enumerable.Range(0, graph.NodeType.Length).Select(v => Numbers(Width, 10_000 + v))];

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private static int[] Shuffled(int count, int seed)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new Random(seed).Shuffle(order);
        return order;
    }

    private sealed class Layer(Program program)
    {
        public Program Program => program;

        public GeneratedProgram Kernels { get; } = ProgramCompiler.Compile(program, new() { Cache = null }).Load();
    }

    /// <param name="NodeType">The type of each node, 0 or 1.</param>
    /// <param name="Relations">For each relation the number that its weights depend on.</param>
    /// <param name="Edges">The edges.</param>
    private sealed record EdgeList(int[] NodeType, int[] Relations, (int Source, int Destination, int Type)[] Edges);
}
