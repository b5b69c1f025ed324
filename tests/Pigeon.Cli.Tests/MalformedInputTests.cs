using System.Text;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Cli.Tests;

/// <summary>Files that nobody should trust: each is refused with exit code 1 and one line that names the culprit.</summary>
public sealed class MalformedInputTests
{
    /// <summary>What to spoil in a case that runs, and what the message must name.</summary>
    private static readonly Dictionary<string, (Action<TemporaryFolder> Spoil, string Culprit)> Cases = new()
    {
        ["graph: missing"] = (f => File.Delete(f["graph.csv"]), "graph.csv"),
        ["graph: empty"] = (f => File.WriteAllText(f["graph.csv"], ""), "graph.csv:"),
        ["graph: no column type"] = (f => Edges(f, "src,dst,kind", "0,1,0"), "'type'"),
        ["graph: source out of range"] = (f => Edges(f, "src,dst,type", "0,1,0", "99,1,0"), "graph.csv:3: src '99'"),
        ["graph: negative id"] = (f => Edges(f, "src,dst,type", "0,-1,0"), "graph.csv:2: dst '-1'"),
        ["graph: NaN id"] = (f => Edges(f, "src,dst,type", "NaN,1,0"), "graph.csv:2: src 'NaN'"),
        ["graph: NaN type"] = (f => Edges(f, "src,dst,type", "0,1,nan"), "graph.csv:2: type 'nan'"),
        ["graph: fraction"] = (f => Edges(f, "src,dst,type", "0,1.5,0"), "dst '1.5'"),
        ["graph: absurd type"] = (f => Edges(f, "src,dst,type", "0,1,2000000000"), "2000000000"),
        ["graph: ragged row"] = (f => Edges(f, "src,dst,type", "0,1,0", "0,1"), "graph.csv:3"),
        ["graph: not text"] = (f => File.WriteAllBytes(f["graph.csv"], [.. "src,dst,type\n"u8, 0xff, 0xfe, 0x00, 0x0a]), "graph.csv:2"),
        ["graph: more edge types than weights"] = (f => Edges(f, "src,dst,type", "0,1,4"), "5 edge types"),
        ["features: missing"] = (f => File.Delete(f["x.npy"]), "x.npy"),
        ["features: empty"] = (f => File.WriteAllText(f["x.npy"], ""), "x.npy"),
        ["features: not npy"] = (f => File.WriteAllText(f["x.npy"], "0.5 0.5 0.5 0.5"), "x.npy"),
        ["features: float64"] = (f => Header(f, "<f8", "False", "(15, 8)", 15 * 8 * 8), "x.npy"),
        ["features: int64"] = (f => Header(f, "<i8", "False", "(15, 8)", 15 * 8 * 8), "x.npy"),
        ["features: Fortran order"] = (f => Header(f, "<f4", "True", "(15, 8)", 15 * 8 * 4), "x.npy"),
        ["features: one axis"] = (f => Header(f, "<f4", "False", "(120,)", 120 * 4), "x.npy"),
        ["features: too few rows"] = (f => Header(f, "<f4", "False", "(3, 8)", 3 * 8 * 4), "x.npy has 3 rows"),
        ["features: too wide"] = (f => Header(f, "<f4", "False", "(15, 9)", 15 * 9 * 4), "x.npy"),
        ["features: truncated"] = (f => Cut(f["x.npy"], 7), "x.npy"),
        ["features: absurd shape"] = (f => Header(f, "<f4", "False", "(1099511627776, 1099511627776)", 64), "x.npy"),
        ["features: header without end"] = (f => File.WriteAllBytes(f["x.npy"], [0x93, .. "NUMPY"u8, 1, 0, 0xff, 0xff, (byte)'{']), "x.npy"),
        ["weights: missing file"] = (f => File.Delete(f["weights.safetensors"]), "weights.safetensors"),
        ["weights: missing tensor"] = (f => Tensors(f, tensors => tensors.Remove("weight")), "tensor weight"),
        ["weights: extra tensor"] = (f => Tensors(f, tensors => tensors["spare"] = Tensor.Zeros(2)), "tensor spare"),
        ["weights: wrong shape"] = (f => Tensors(f, tensors => tensors["bias"] = Tensor.Zeros(9)), "tensor bias"),
        ["weights: wrong dtype"] = (f => Safetensors(f, """{"weight":{"dtype":"I64","shape":[4,8,8],"data_offsets":[0,2048]}}""", 2048), "weight"),
        ["weights: truncated"] = (f => Cut(f["weights.safetensors"], 5), "weights.safetensors"),
        ["weights: absurd header"] = (f => File.WriteAllBytes(f["weights.safetensors"], [.. BitConverter.GetBytes(ulong.MaxValue), 0x7b]), "weights.safetensors"),
        ["weights: header is no JSON"] = (f => Safetensors(f, "{\"weight\":", 0), "weights.safetensors"),
        ["weights: overlapping tensors"] = (f => Safetensors(f,
            """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12), "weights.safetensors"),
        ["weights: absurd shape"] = (f => Safetensors(f,
            """{"weight":{"dtype":"F32","shape":[4294967296,4294967296,8],"data_offsets":[0,8]}}""", 8), "weight"),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_refuses(string name)
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("rgcn_mean");
        (Action<TemporaryFolder> spoil, string culprit) = Cases[name];
        spoil(folder);
        Run(folder, "rgcn").AssertRefused(culprit);
        Assert.False(File.Exists(folder["out.npy"]));
    }

    [Theory]
    [InlineData("nosuchmodel", "nosuchmodel")]
    [InlineData("rgcn", "wings", "--set", "wings=2")]
    [InlineData("rgcn", "aggr", "--set", "aggr=max")]
    [InlineData("rgcn", "num_bases", "--set", "num_bases=NaN")]
    [InlineData("rgcn", "num_bases", "--set", "num_bases=3")]
    [InlineData("rgcn", "norm", "--set", "aggr=norm")]
    [InlineData("rgat", "tensor", "--set", "heads=2")]
    public void Run_refuses_options_that_do_not_fit(string model, string culprit, params string[] more)
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("rgcn_mean");
        Run(folder, model, more).AssertRefused(culprit);
    }

    [Theory]
    [InlineData("0\n1\n", "x.npy")]
    [InlineData("NaN\n1\n", "t.csv:1")]
    [InlineData("0\n-1\n", "t.csv:2")]
    public void Run_refuses_node_types_that_do_not_fit(string types, string culprit)
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("rgcn_mean");
        File.WriteAllText(folder["t.csv"], types);
        Edges(folder, "src,dst,type", "0,1,0");
        Run(folder, "rgcn", "--node-types", folder["t.csv"]).AssertRefused(culprit);
    }

    [Fact]
    public void Run_refuses_an_edge_type_between_several_pairs_of_node_types_for_HGT()
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("hgt_heterogeneous");
        File.AppendAllText(folder["graph.csv"], "0,1,4\n");
        Run(folder, "hgt", "--node-types", folder["node_types.csv"]).AssertRefused("4");
    }

    [Fact]
    public void Run_refuses_to_go_without_features()
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("rgcn_mean");
        Tool.Run("run", "rgcn", "--graph", folder["graph.csv"], "--weights", folder["weights.safetensors"], "-o", folder["out.npy"])
            .AssertRefused("--features");
    }

    [Fact]
    public void Run_refuses_a_place_that_can_not_be_written()
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("rgcn_mean");
        Tool.Run("run", "rgcn", "--graph", folder["graph.csv"], "--features", folder["x.npy"], "--weights", folder["weights.safetensors"],
            "-o", Path.Combine(folder["nowhere"], "y.npy")).AssertRefused("nowhere");
    }

    [Theory]
    [InlineData("schema.json", "schema.json")]
    [InlineData("nodes.parquet", "nodes.parquet")]
    [InlineData("edges.parquet", "edges.parquet")]
    public void Run_refuses_a_damaged_graph_folder(string file, string culprit)
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("rgcn_mean");
        Assert.Equal(0, Tool.Run("import", "--format", "csv", folder["graph.csv"], "-o", folder["g"]).Code);
        Cut(Path.Combine(folder["g"], file), 9);
        Tool.Run("run", "rgcn", "--graph", folder["g"], "--features", folder["x.npy"], "--weights", folder["weights.safetensors"],
            "-o", folder["out.npy"]).AssertRefused(culprit);
    }

    private static Outcome Run(TemporaryFolder folder, string model, params string[] more) => Tool.Run(["run", model, "--graph", folder["graph.csv"],
        "--features", folder["x.npy"], "--weights", folder["weights.safetensors"], "-o", folder["out.npy"], .. more]);

    private static void Edges(TemporaryFolder folder, params string[] lines) =>
        File.WriteAllText(folder["graph.csv"], string.Join('\n', lines) + "\n");

    private static void Cut(string path, int bytes)
    {
        using FileStream stream = File.OpenWrite(path);
        stream.SetLength(stream.Length - bytes);
    }

    private static void Header(TemporaryFolder folder, string type, string fortranOrder, string shape, int dataBytes)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': {fortranOrder}, 'shape': {shape}, }}".PadRight(117) + "\n";
        File.WriteAllBytes(folder["x.npy"], [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), .. new byte[dataBytes]]);
    }

    private static void Safetensors(TemporaryFolder folder, string header, int dataBytes) => File.WriteAllBytes(folder["weights.safetensors"],
        [.. BitConverter.GetBytes((ulong)header.Length), .. Encoding.ASCII.GetBytes(header), .. new byte[dataBytes]]);

    private static void Tensors(TemporaryFolder folder, Action<Dictionary<string, Tensor>> change)
    {
        var tensors = new Dictionary<string, Tensor>();
        using (SafetensorsFile file = SafetensorsFile.Open(folder["weights.safetensors"]))
        {
            foreach (string name in file.Tensors.Keys)
            {
                tensors[name] = file.Read(name);
            }
        }

        change(tensors);
        SafetensorsFile.Write(folder["weights.safetensors"], tensors);
        foreach (Tensor tensor in tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
