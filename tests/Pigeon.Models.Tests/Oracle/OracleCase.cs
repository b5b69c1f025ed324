using System.Globalization;
using System.Text.Json;
using Pigeon.Runtime;

namespace Pigeon.Models.Tests;

/// <summary>A fixture of <c>tests/oracle</c>, read as <c>pigeon run</c> reads its files.</summary>
internal sealed class OracleCase
{
    private static readonly string Fixtures = Path.Combine(Repository.Root, "tests", "oracle", "fixtures");
    private readonly string folder;

    public OracleCase(string name)
    {
        folder = Path.Combine(Fixtures, name);
        using JsonDocument options = JsonDocument.Parse(File.ReadAllText(PathOf("options.json")));
        Model = options.RootElement.GetProperty("model").GetString()!;
        Set = options.RootElement.GetProperty("set").EnumerateObject().ToDictionary(option => option.Name, option => $"{option.Value}");
        using Tensor x = NpyFile.Read(PathOf("x.npy"));
        X = x.Span.ToArray();
        using Tensor y = NpyFile.Read(PathOf("y.npy"));
        Y = y.Span.ToArray();
        Graph = ReadGraph((int)x.Shape[0]);
    }

    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Fixtures).Select(path => Path.GetFileName(path)!).Order();

    public string Model { get; }

    public IReadOnlyDictionary<string, string> Set { get; }

    public HeteroGraph Graph { get; }

    public float[] X { get; }

    public float[] Y { get; }

    public string PathOf(string file) => Path.Combine(folder, file);

    /// <summary>Types are named by their numbers; edge types without edges are not in the file, so not in the graph either.</summary>
    private HeteroGraph ReadGraph(int nodes)
    {
        int[][] edges = [.. File.ReadLines(PathOf("graph.csv")).Skip(1).Select(line => line.Split(',').Select(Number).ToArray())];
        string types = PathOf("node_types.csv");
        int[] nodeType = File.Exists(types) ? [.. File.ReadLines(types).Select(Number)] : new int[nodes];
        return HeteroGraph.Create(Numbers(nodeType), [.. Numbers(edges.Select(e => e[2])).Select(name => new EdgeType(name))], nodeType,
            [.. edges.Select(e => e[0])], [.. edges.Select(e => e[1])], [.. edges.Select(e => e[2])]);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string[] Numbers(IEnumerable<int> types) =>
        [.. Enumerable.Range(0, types.DefaultIfEmpty(-1).Max() + 1).Select(type => $"{type}")];
}
