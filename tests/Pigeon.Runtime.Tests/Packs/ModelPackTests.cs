using System.IO.Compression;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Runtime.Tests.Packs;

/// <summary>What was packed is read again, and whatever is no whole pack is refused.</summary>
public sealed class ModelPackTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pigeon-pack").FullName;
    private readonly string path;

    public ModelPackTests()
    {
        path = Path.Combine(folder, "model.pigeon");
        using ModelPack pack = Create();
        pack.Write(path);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_was_packed_is_read_again()
    {
        using ModelPack written = Create();
        using ModelPack read = ModelPack.Open(path);
        AssertSame(written, read);
        written.Write(path + "2");
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(path + "2"));
        Assert.Equal([path, path + "2"], Directory.GetFiles(folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Without_kernels_for_GPUs_it_is_refused_to_a_GPU()
    {
        using ModelPack pack = Create(gpu: false);
        pack.Write(path);
        using ModelPack read = ModelPack.Open(path);
        Assert.Null(read.Gpu);
        Refusal.Of("PG0383", () => read.Bind(null!, null));
    }

    [Fact]
    public void Host_code_that_does_not_load_is_refused()
    {
        using ModelPack read = ModelPack.Open(path);
        Refusal.Of("PG0382", () => read.Bind());
    }

    [Fact]
    public void A_file_that_was_cut_is_refused()
    {
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length += 3)
        {
            File.WriteAllBytes(path, whole[..length]);
            Refusal.Of("PG0380", () => ModelPack.Open(path).Dispose(), path);
        }
    }

    [Fact]
    public void A_changed_byte_is_found_or_means_nothing()
    {
        byte[] whole = File.ReadAllBytes(path);
        using ModelPack written = Create();
        (int refused, int changes) = (0, 0);
        for (int i = 0; i < whole.Length; i += 3, changes++)
        {
            byte[] changed = [.. whole];
            changed[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(path, changed);
            try
            {
                using ModelPack read = ModelPack.Open(path);
                AssertSame(written, read);
            }
            catch (PigeonException e)
            {
                Assert.Contains(e.Diagnostic.Id, (string[])["PG0360", "PG0380", "PG0381"]);
                refused++;
            }
        }

        // What an archive says of times and versions has no meaning here.
        Assert.True(refused > changes * 0.7, $"{refused} of {changes}");
    }

    [Theory]
    [InlineData("format", "\"pigeon pack 2\"", "\"pigeon pack 9\"", "PG0380")]
    [InlineData("contract", "\"contract\":", "\"contract\":7", "PG0380")]
    [InlineData("missing member", "\"lanes\":8,", "", "PG0381")]
    [InlineData("shape", "[2,3]", "[2,4]", "PG0381")]
    [InlineData("negative shape", "[2,3]", "[-2,-3]", "PG0381")]
    [InlineData("huge shape", "[2,3]", "[2147483648,2147483648,2147483648]", "PG0381")]
    [InlineData("nodes", "\"nodes\":3", "\"nodes\":4", "PG0381")]
    [InlineData("part", "\"plan.txt\"", "\"../x\"", "PG0381")]
    [InlineData("signature", "[\"unit\"", "[\"loop\"", "PG0381")]
    [InlineData("no JSON", "{", "[", "PG0381")]
    public void Manifest_that_lies_is_refused(string what, string from, string to, string id)
    {
        Assert.NotEmpty(what);
        string text;
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            using (var reader = new StreamReader(archive.GetEntry("manifest.json")!.Open()))
            {
                text = reader.ReadToEnd();
            }

            Assert.Contains(from, text, StringComparison.Ordinal);
            byte[] changed = System.Text.Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
            Replace(archive, "manifest.json", changed);
            Replace(archive, "manifest.sha256", System.Text.Encoding.ASCII.GetBytes(
                Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(changed))));
        }

        Refusal.Of(id, () => ModelPack.Open(path).Dispose(), path);
    }

    [Fact]
    public void Archive_of_something_else_is_refused()
    {
        File.Delete(path);
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            Replace(archive, "readme.txt", [1, 2, 3]);
        }

        Refusal.Of("PG0380", () => ModelPack.Open(path), path);
    }

    [Fact]
    public void Compressed_parts_are_refused_before_they_are_unpacked()
    {
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            archive.GetEntry("manifest.json")!.Delete();
            using Stream stream = archive.CreateEntry("manifest.json", CompressionLevel.SmallestSize).Open();
            stream.Write(new byte[1 << 20]);
        }

        Refusal.Of("PG0381", () => ModelPack.Open(path), path);
    }

    [Fact]
    public void Missing_file_is_refused() => Refusal.Of("PG0360", () => ModelPack.Open(path + "3"), path + "3");

    private static void Replace(ZipArchive archive, string name, byte[] bytes)
    {
        if (archive.Mode == ZipArchiveMode.Update)
        {
            archive.GetEntry(name)?.Delete();
        }

        using Stream stream = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
        stream.Write(bytes);
    }

    private static ModelPack Create(bool gpu = true)
    {
        var map = new Map.Stored("src", HeteroSchema.Edges, HeteroSchema.Nodes);
        var pair = new Map.Pair(HeteroSchema.EType, map);
        IndexSpace.Either ways = new(HeteroSchema.EType, HeteroSchema.Src, HeteroSchema.Dst, EitherPart.Seconds);
        var sorted = new IndexSpace.Sorted(map);
        IndexSpace[] spaces = [.. Enum.GetValues<EitherPart>().Select(part => ways with { Part = part }), HeteroSchema.Nodes, IndexSpace.One, new IndexSpace.Range(7),
            pair.To, new IndexSpace.Product(HeteroSchema.NodeTypes, HeteroSchema.Nodes), sorted];
        Map[] maps = [new Map.Into(ways), new Map.Via(ways, HeteroSchema.DestinationPair), map, new Map.Identity(HeteroSchema.Nodes), new Map.Unit(HeteroSchema.Edges), pair, new Map.Component((IndexSpace.Distinct)pair.To, 1),
            new Map.Index(HeteroSchema.EType, map), new Map.Composed(HeteroSchema.NType, map), map with { From = sorted }];
        var program = new ProgramSignature("p", [.. spaces], [.. maps.Select(m => new IndexSignature(m)), new(map, maps[4])],
            [new BufferSignature("x", 0, [2, 3], BufferRole.Input, 0, 0), new BufferSignature("y", 0, [], BufferRole.Output, 0, 1, 0)],
            [new KernelSignature("k0", 0, -1, 2, Once: true)], 64);
        var launch = new GpuLaunchSignature("k0", false, GpuGridKind.Tiles, 1, 1, 2, 3, 256, 256, [new("k0", 0, [0], [new(GpuArgumentKind.Buffer, 1, 4), new(GpuArgumentKind.HeavyCount)])]);
        return new()
        {
            Model = "model \u202e \"x\"",
            Plan = "plan p\n",
            Host = [1, 2, 3],
            HostClass = "Pigeon.Generated.p_program",
            Lanes = 8,
            Gpu = gpu ? new(new(program, [new GpuTiling(3, 64, 1, 9)], [launch]), new("p", [7, 8], ".version 8.4")) : null,
            Graph = HeteroGraph.Create(["a", "b\n"], [new EdgeType("r"), new EdgeType("s\"")], [0, 1, 0], [0, 1, 2], [1, 1, 0], [0, 1, 1]),
            Weights = new Dictionary<string, Tensor> { ["w"] = Tensor.Random([2, 3], 1), ["\u202e"] = Tensor.Zeros(0, 5), ["scalar"] = Tensor.Random([], 2) },
        };
    }

    private static void AssertSame(ModelPack expected, ModelPack actual)
    {
        Assert.Equal((expected.Model, expected.Plan, expected.HostClass, expected.Lanes), (actual.Model, actual.Plan, actual.HostClass, actual.Lanes));
        Assert.Equal(expected.Host, actual.Host.AsEnumerable());
        Assert.Equal(expected.Gpu!.Image.Ptx, actual.Gpu!.Image.Ptx);
        Assert.Equal(expected.Gpu.Image.Cubin, actual.Gpu.Image.Cubin.AsEnumerable());
        Assert.Equivalent(expected.Gpu.Signature, actual.Gpu.Signature, strict: true);
        Assert.Equal(expected.Gpu.Signature.Program.Indices, actual.Gpu.Signature.Program.Indices.AsEnumerable());
        Assert.Equal(expected.Gpu.Signature.Program.Spaces, actual.Gpu.Signature.Program.Spaces.AsEnumerable());
        Assert.Equal(GraphHash.Of(expected.Graph), GraphHash.Of(actual.Graph));
        Assert.Equal(expected.Weights.Keys.Order(StringComparer.Ordinal), actual.Weights.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected.Weights, w => Assert.Equal(w.Value.Span.ToArray(), actual.Weights[w.Key].Span.ToArray()));
        Assert.All(expected.Weights, w => Assert.Equal(w.Value.Shape, actual.Weights[w.Key].Shape.AsEnumerable()));
    }
}
