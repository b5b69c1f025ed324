using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// Reads packs. Sizes are compared with the file's before anything is taken into memory, and every part with its hash before it is used.
/// </summary>
internal static class PackReader
{
    private const long LongestManifest = 1 << 26;

    public static ModelPack Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            using var archive = new ZipArchive(file, ZipArchiveMode.Read);
            return Read(path, file.Length, archive);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new PigeonException(new("PG0360", "it can't be read: " + e.Message, path, "check path and rights"), e);
        }
        catch (InvalidDataException e)
        {
            throw new PigeonException(new("PG0380", $"it is no pack: {e.Message}", path, "name a file that pigeon pack wrote"), e);
        }
    }

    private static ModelPack Read(string path, long fileBytes, ZipArchive archive)
    {
        if (archive.GetEntry(PackManifest.Name) is not { } first || archive.GetEntry(PackManifest.HashName) is not { } hash)
        {
            throw new PigeonException("PG0380", "it is no pack: it has no manifest", path, "name a file that pigeon pack wrote");
        }

        if (first.Length > LongestManifest || hash.Length != 2 * SHA256.HashSizeInBytes || archive.Entries.Sum(e => (decimal)e.Length) > fileBytes ||
            archive.Entries.Any(e => e.Length != e.CompressedLength))
        {
            throw Damaged(path, "its parts don't have the sizes that they should");
        }

        byte[] text = Bytes(path, first);
        if (Encoding.ASCII.GetString(Bytes(path, hash)) != Convert.ToHexStringLower(SHA256.HashData(text)))
        {
            throw Damaged(path, "its manifest is not what was written");
        }

        PackManifest manifest = Manifest(path, text);
        Dictionary<string, PackedPart> parts = Parts(path, archive, manifest);
        HeteroGraph graph = Graph(path, manifest, Part(PackManifest.Graph));
        string plan = Encoding.UTF8.GetString(Part(PackManifest.Plan));
        byte[] host = Part(PackManifest.Host);
        GpuProgram? gpu = manifest.GpuName is not { } name ? null
            : new(Signature(path, manifest), new(name, [.. Part(PackManifest.Cubin)], Encoding.UTF8.GetString(Part(PackManifest.Ptx))));
        return new()
        {
            Model = manifest.Model,
            Plan = plan,
            Host = ImmutableCollectionsMarshal.AsImmutableArray(host),
            HostClass = manifest.HostClass,
            Lanes = manifest.Lanes,
            Gpu = gpu,
            GpuPrecision = manifest.GpuPrecision,
            Graph = graph,
            Weights = Weights(path, archive, manifest, parts),
        };

        byte[] Part(string part)
        {
            PackedPart known = parts.TryGetValue(part, out PackedPart? found) ? found : throw Damaged(path, $"it has no {part}");
            byte[] bytes = Bytes(path, archive.GetEntry(part)!);
            return Convert.ToHexStringLower(SHA256.HashData(bytes)) == known.Sha256 ? bytes : throw Damaged(path, $"{part} is not what was written");
        }
    }

    private static PackManifest Manifest(string path, byte[] text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.TryGetProperty("format", out JsonElement format) && format.GetString() != PackManifest.CurrentFormat ||
                json.RootElement.TryGetProperty("contract", out JsonElement contract) && contract.GetInt32() != GeneratedImage.Contract)
            {
                throw new PigeonException("PG0380", "it is a pack of another version", path, "pack the model again with this version");
            }

            return JsonSerializer.Deserialize<PackManifest>(text, PackManifest.Json) ?? throw Damaged(path, "its manifest is empty");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new PigeonException(new("PG0381", $"its manifest can't be understood: {e.Message}", path, Remedy), e);
        }
    }

    private const string Remedy = "copy or pack it again";

    private static PigeonException Damaged(string path, string what) => new("PG0381", $"it is damaged: {what}", path, Remedy);

    private static Dictionary<string, PackedPart> Parts(string path, ZipArchive archive, PackManifest manifest)
    {
        var parts = new Dictionary<string, PackedPart>(StringComparer.Ordinal);
        foreach (PackedPart part in manifest.Parts)
        {
            if (!parts.TryAdd(part.Name, part) || archive.GetEntry(part.Name)?.Length != part.Bytes)
            {
                throw Damaged(path, $"its part {Untrusted.Quote(part.Name)} is missing, there twice, or of another size");
            }
        }

        return archive.Entries.Count == parts.Count + 2 ? parts : throw Damaged(path, "it has parts that its manifest does not know");
    }

    private static GpuProgramSignature Signature(string path, PackManifest manifest)
    {
        try
        {
            return SignatureJson.Read(manifest.Gpu);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new PigeonException(new("PG0381", $"the signature of its GPU kernels can't be understood: {e.Message}", path, Remedy), e);
        }
    }

    private static HeteroGraph Graph(string path, PackManifest manifest, byte[] bytes)
    {
        (int nodes, int edges) = (manifest.Nodes, manifest.Edges);
        if (nodes < 0 || edges < 0 || ((long)nodes + (3L * edges)) * sizeof(int) != bytes.Length)
        {
            throw Damaged(path, $"its graph has {bytes.Length} bytes, which are not {nodes} nodes and {edges} edges");
        }

        ReadOnlySpan<int> numbers = MemoryMarshal.Cast<byte, int>(bytes);
        return HeteroGraph.Create(manifest.NodeTypes, manifest.EdgeTypes, numbers[..nodes], numbers.Slice(nodes, edges), numbers.Slice(nodes + edges, edges),
            numbers[(nodes + edges + edges)..]);
    }

    private static Dictionary<string, Tensor> Weights(string path, ZipArchive archive, PackManifest manifest, Dictionary<string, PackedPart> parts)
    {
        const int chunk = 1 << 20;
        var weights = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            PackedPart part = parts.TryGetValue(PackManifest.WeightsName, out PackedPart? found) ? found : throw Damaged(path, "it has no weights");
            decimal floats = manifest.Weights.Sum(w => w.Shape.Aggregate(1m, (product, extent) => product * Math.Max(0, Math.Min(extent, int.MaxValue))));
            if (floats * sizeof(float) != part.Bytes)
            {
                throw Damaged(path, $"its weights have {part.Bytes} bytes, which are not those of their shapes");
            }

            using Stream stream = archive.GetEntry(part.Name)!.Open();
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (PackedTensor packed in manifest.Weights)
            {
                Tensor tensor = Tensor.Zeros([.. packed.Shape]);
                if (!weights.TryAdd(packed.Name, tensor))
                {
                    tensor.Dispose();
                    throw Damaged(path, $"a weight {Untrusted.Quote(packed.Name)} is there twice");
                }

                for (long start = 0; start < tensor.Length; start += chunk)
                {
                    Span<byte> bytes = MemoryMarshal.AsBytes(tensor.Slice(start, (int)Math.Min(chunk, tensor.Length - start)));
                    stream.ReadExactly(bytes);
                    hash.AppendData(bytes);
                }
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset()) == part.Sha256 ? weights : throw Damaged(path, "its weights are not what was written");
        }
        catch
        {
            foreach (Tensor tensor in weights.Values)
            {
                tensor.Dispose();
            }

            throw;
        }
    }

    private static byte[] Bytes(string path, ZipArchiveEntry entry)
    {
        if (entry.Length > Array.MaxLength)
        {
            throw Damaged(path, $"{Untrusted.Quote(entry.FullName)} has {entry.Length} bytes");
        }

        byte[] bytes = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }
}
