using System.Buffers;
using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.Text;
using System.Text.Json;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// A safetensors file, open for reading: named tensors, each read when it is asked for. Files are not trusted: the header is
/// checked as a whole when the file is opened. Safe for use from several threads.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int PrefixBytes = sizeof(ulong);
    private const int LongestHeader = 100_000_000;
    private readonly BinaryFile file;
    private readonly long dataOffset;

    private SafetensorsFile(BinaryFile file, SafetensorsHeader header, long dataOffset)
    {
        this.file = file;
        this.dataOffset = dataOffset;
        Tensors = new ReadOnlyDictionary<string, TensorInfo>(header.Tensors);
        Metadata = new ReadOnlyDictionary<string, string>(header.Metadata);
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The strings under <c>__metadata__</c>; empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="PigeonException">
    /// PG0360: the file can't be read. PG0370: its header is longer than 100 MB or than the file. PG0371: the header isn't the JSON that
    /// it should be. PG0372: a key is there twice. PG0373: an element type isn't known. PG0375: the tensors overlap, leave gaps, or don't
    /// fill the file. PG0376: a shape can't be, or doesn't have the bytes of its tensor.
    /// </exception>
    public static SafetensorsFile Open(string path)
    {
        var file = BinaryFile.Open(path);
        try
        {
            byte[] json = ReadHeader(file);
            long dataOffset = PrefixBytes + json.Length;
            return new(file, SafetensorsHeader.Parse(json, file.Length - dataOffset, path), dataOffset);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads a tensor. F32 is read as it is; F16 and BF16 exactly; F64 rounded to nearest, to infinity beyond the range of float32.
    /// </summary>
    /// <exception cref="PigeonException">
    /// PG0353: it doesn't fit in memory. PG0360: the file can't be read. PG0374: its element type has no float32 form here. PG0377: there
    /// is no tensor of that name.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public Tensor Read(string name)
    {
        if (!Tensors.TryGetValue(name, out TensorInfo? info))
        {
            const int shown = 8;
            string names = string.Join(", ", Tensors.Keys.Order(StringComparer.Ordinal).Take(shown).Select(Untrusted.Quote));
            throw new PigeonException("PG0377", $"there is no tensor {Untrusted.Quote(name)}", file.Path,
                $"it has {Tensors.Count}: {names}{(Tensors.Count > shown ? ", …" : "")}");
        }

        long offset = dataOffset + info.Begin;
        return info.Type switch
        {
            "F32" => file.ReadTensor(info.Shape, offset),
            "F16" => file.ReadTensor<Half>(info.Shape, offset, half => (float)half),
            "BF16" => file.ReadTensor<ushort>(info.Shape, offset, bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)),
            "F64" => file.ReadTensor<double>(info.Shape, offset, wide => (float)wide),
            _ => throw new PigeonException("PG0374", $"its dtype {info.Type} isn't F32, F16, BF16 or F64",
                $"{file.Path}, tensor {Untrusted.Quote(name)}", "store it as F32"),
        };
    }

    /// <summary>
    /// Writes tensors as F32, in the order of their names; an existing file is replaced at once or, on an error, kept. The same
    /// tensors and metadata give the same bytes.
    /// </summary>
    /// <exception cref="PigeonException">
    /// PG0360: the file can't be written. PG0378: a name is <c>__metadata__</c>, or a string isn't valid UTF-16, or the header is
    /// longer than 100 MB.
    /// </exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        KeyValuePair<string, Tensor>[] sorted = [.. tensors.OrderBy(entry => entry.Key, StringComparer.Ordinal)];
        KeyValuePair<string, string>[] strings = [.. (metadata ?? Empty).OrderBy(entry => entry.Key, StringComparer.Ordinal)];
        CheckStrings(path, sorted.Select(entry => entry.Key).Concat(strings.SelectMany(entry => new[] { entry.Key, entry.Value })));
        if (tensors.ContainsKey(SafetensorsHeader.MetadataKey))
        {
            throw new PigeonException("PG0378", $"no tensor can have the name {SafetensorsHeader.MetadataKey}", path, "rename it");
        }

        byte[] header = Header(sorted, strings);
        if (header.Length > PrefixBytes + LongestHeader)
        {
            throw new PigeonException("PG0378", $"a header of {header.Length} bytes is too long", path, "shorten names or metadata");
        }

        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach ((_, Tensor tensor) in sorted)
            {
                AtomicFile.WriteTensor(stream, tensor);
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static ReadOnlyDictionary<string, string> Empty => ReadOnlyDictionary<string, string>.Empty;

    private static byte[] ReadHeader(BinaryFile file)
    {
        if (file.Length < PrefixBytes)
        {
            throw new PigeonException("PG0370", $"a file of {file.Length} bytes is too short", file.Path, "write it again");
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        file.Read(prefix, 0);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > LongestHeader || length > (ulong)(file.Length - PrefixBytes))
        {
            throw new PigeonException("PG0370",
                $"a header of {length} bytes can't be: the file has {file.Length}, and the limit is {LongestHeader}", file.Path,
                "see that it is a safetensors file, and write it again");
        }

        byte[] json = new byte[length];
        file.Read(json, PrefixBytes);
        return json;
    }

    private static void CheckStrings(string path, IEnumerable<string> strings)
    {
        var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        foreach (string text in strings)
        {
            try
            {
                strict.GetByteCount(text);
            }
            catch (EncoderFallbackException e)
            {
                throw new PigeonException(new("PG0378", $"{Untrusted.Quote(text)} isn't valid UTF-16", path, "rename it"), e);
            }
        }
    }

    /// <summary>The length and the JSON, padded with spaces to a multiple of 8 bytes.</summary>
    private static byte[] Header(KeyValuePair<string, Tensor>[] tensors, KeyValuePair<string, string>[] metadata)
    {
        const int alignment = 8;
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            WriteJson(writer, tensors, metadata);
        }

        int length = (json.WrittenCount + alignment - 1) / alignment * alignment;
        byte[] header = new byte[PrefixBytes + length];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        header.AsSpan(PrefixBytes).Fill((byte)' ');
        json.WrittenSpan.CopyTo(header.AsSpan(PrefixBytes));
        return header;
    }

    private static void WriteJson(Utf8JsonWriter writer, KeyValuePair<string, Tensor>[] tensors, KeyValuePair<string, string>[] metadata)
    {
        writer.WriteStartObject();
        if (metadata.Length > 0)
        {
            writer.WriteStartObject(SafetensorsHeader.MetadataKey);
            foreach ((string key, string value) in metadata)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
        }

        long begin = 0;
        foreach ((string name, Tensor tensor) in tensors)
        {
            long end = begin + (tensor.Length * sizeof(float));
            writer.WriteStartObject(name);
            writer.WriteString("dtype", "F32");
            WriteIntegers(writer, "shape", tensor.Shape.AsSpan());
            WriteIntegers(writer, "data_offsets", [begin, end]);
            writer.WriteEndObject();
            begin = end;
        }

        writer.WriteEndObject();
    }

    private static void WriteIntegers(Utf8JsonWriter writer, string name, ReadOnlySpan<long> integers)
    {
        writer.WriteStartArray(name);
        foreach (long integer in integers)
        {
            writer.WriteNumberValue(integer);
        }

        writer.WriteEndArray();
    }
}
