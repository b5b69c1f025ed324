using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>Writes packs: a zip archive whose parts are stored as they are, so that the sizes of parts and file can be compared.</summary>
internal static class PackWriter
{
    // The oldest time that a zip archive can tell: the bytes don't depend on when they were written.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Write(string path, ModelPack pack)
    {
        KeyValuePair<string, Tensor>[] weights = [.. pack.Weights.OrderBy(w => w.Key, StringComparer.Ordinal)];
        var parts = new List<(string Name, Action<Stream> Write)>
        {
            (PackManifest.Plan, Bytes(Encoding.UTF8.GetBytes(pack.Plan))),
            (PackManifest.Host, Bytes([.. pack.Host])),
            (PackManifest.Graph, stream => WriteGraph(stream, pack.Graph)),
            (PackManifest.WeightsName, stream => Array.ForEach(weights, w => AtomicFile.WriteTensor(stream, w.Value))),
        };
        if (pack.Gpu is { } gpu)
        {
            parts.Add((PackManifest.Ptx, Bytes(Encoding.UTF8.GetBytes(gpu.Image.Ptx))));
            parts.Add((PackManifest.Cubin, Bytes([.. gpu.Image.Cubin])));
        }

        var manifest = new PackManifest(PackManifest.CurrentFormat, GeneratedImage.Contract, pack.Model, pack.HostClass, pack.Lanes, pack.Gpu?.Image.Name,
            pack.Gpu is null ? null : SignatureJson.Write(pack.Gpu.Signature), [.. pack.Graph.NodeTypes], [.. pack.Graph.EdgeTypes], pack.Graph.NodeCount,
            pack.Graph.EdgeCount, [.. weights.Select(w => new PackedTensor(w.Key, [.. w.Value.Shape]))], [.. parts.Select(p => Describe(p.Name, p.Write))])
        {
            GpuPrecision = pack.GpuPrecision,
        };
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(manifest, PackManifest.Json);
        AtomicFile.Write(path, stream =>
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            Add(archive, PackManifest.Name, Bytes(text));
            Add(archive, PackManifest.HashName, Bytes(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(text)))));
            parts.ForEach(part => Add(archive, part.Name, part.Write));
        });
    }

    private static Action<Stream> Bytes(byte[] bytes) => stream => stream.Write(bytes);

    private static void WriteGraph(Stream stream, HeteroGraph graph)
    {
        stream.Write(MemoryMarshal.AsBytes(graph.NodeType));
        stream.Write(MemoryMarshal.AsBytes(graph.Source));
        stream.Write(MemoryMarshal.AsBytes(graph.Destination));
        stream.Write(MemoryMarshal.AsBytes(graph.EdgeTypeOf));
    }

    private static PackedPart Describe(string name, Action<Stream> write)
    {
        using var hash = SHA256.Create();
        long bytes;
        using (var counted = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        using (var counter = new CountingStream(counted))
        {
            write(counter);
            bytes = counter.Count;
        }

        return new(name, bytes, Convert.ToHexStringLower(hash.Hash!));
    }

    private static void Add(ZipArchive archive, string name, Action<Stream> write)
    {
        ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = NoTime;
        using Stream stream = entry.Open();
        write(stream);
    }

    /// <summary>Counts what goes through it.</summary>
    private sealed class CountingStream(Stream to) : Stream
    {
        public long Count { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Count;

        public override long Position
        {
            get => Count;
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            to.Write(buffer);
            Count += buffer.Length;
        }

        public override void Flush() => to.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
