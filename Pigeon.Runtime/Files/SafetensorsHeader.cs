using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// The header of a safetensors file: a JSON object that holds, for each tensor name, its element type, shape and place, and
/// under <see cref="MetadataKey"/> a map of strings. Reads exactly that form: anything else is refused.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The key that is no tensor.</summary>
    public const string MetadataKey = "__metadata__";

    private readonly string path;

    private SafetensorsHeader(string path) => this.path = path;

    /// <summary>The tensors by name.</summary>
    public Dictionary<string, TensorInfo> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>The strings that came with them.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Parses a header and checks it against the number of bytes that follow it.</summary>
    /// <exception cref="PigeonException">
    /// PG0371: not the JSON that it should be. PG0372: a key twice. PG0373: an unknown element type. PG0375: tensors overlap, leave
    /// gaps, or don't fill the file. PG0376: a shape that can't be, or has another number of bytes.
    /// </exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataBytes, string path)
    {
        var header = new SafetensorsHeader(path);
        if (!Utf8.IsValid(json))
        {
            throw header.Malformed("it isn't UTF-8");
        }

        // Anything nested deeper than header, tensor, list can't be meant.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 3 });
        try
        {
            header.ReadEntries(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // GetString throws InvalidOperationException for an escaped half of a surrogate pair.
            throw new PigeonException(header.Malformed(e.Message).Diagnostic, e);
        }

        header.CheckPlaces(dataBytes);
        return header;
    }

    /// <summary>The bytes that an element takes; 0 for a type that isn't known.</summary>
    public static int ElementBytes(string type) => type switch
    {
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" => 1,
        "U16" or "I16" or "F16" or "BF16" => 2,
        "U32" or "I32" or "F32" => 4,
        "U64" or "I64" or "F64" or "C64" => 8,
        _ => 0,
    };

    private void ReadEntries(ref Utf8JsonReader reader)
    {
        bool metadataRead = false;
        Expect(ref reader, JsonTokenType.StartObject);
        while (TryReadKey(ref reader, out string name))
        {
            if (name != MetadataKey)
            {
                TensorInfo info = ReadTensor(ref reader, name);
                if (!Tensors.TryAdd(name, info))
                {
                    throw Twice(name);
                }
            }
            else if (!metadataRead)
            {
                metadataRead = true;
                ReadMetadata(ref reader);
            }
            else
            {
                throw Twice(name);
            }
        }

        if (reader.Read())
        {
            throw Malformed("something follows the object");
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        while (TryReadKey(ref reader, out string key))
        {
            Expect(ref reader, JsonTokenType.String);
            if (!Metadata.TryAdd(key, reader.GetString()!))
            {
                throw Twice(key);
            }
        }
    }

    private TensorInfo ReadTensor(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        ImmutableArray<long>? shape = null;
        ImmutableArray<long>? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject);
        while (TryReadKey(ref reader, out string key))
        {
            switch (key)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String);
                    type = reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = ReadIntegers(ref reader);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadIntegers(ref reader);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Twice(key, name);
                default:
                    throw Malformed($"tensor {Untrusted.Quote(name)} has the unknown key {Untrusted.Quote(key)}");
            }
        }

        if (type is null || shape is null || offsets is not [long begin, long end])
        {
            throw Malformed($"tensor {Untrusted.Quote(name)} needs a dtype, a shape and two data_offsets");
        }

        return Checked(name, type, shape.Value, begin, end);
    }

    private TensorInfo Checked(string name, string type, ImmutableArray<long> shape, long begin, long end)
    {
        int elementBytes = ElementBytes(type);
        if (elementBytes == 0)
        {
            throw new PigeonException("PG0373", $"the dtype {Untrusted.Quote(type)} isn't known", Place(name), "store it as F32");
        }

        if (begin < 0 || end < begin)
        {
            throw new PigeonException("PG0375", $"bytes {begin} to {end} are no place", Place(name), "write the file again");
        }

        if (!TensorShape.TryCount(shape.AsSpan(), out long count) || count * elementBytes != end - begin)
        {
            throw new PigeonException("PG0376",
                $"{end - begin} bytes aren't the size of the shape {TensorShape.Format(shape.AsSpan())} of dtype {type}", Place(name),
                "write the file again");
        }

        return new(type, shape, begin, end);
    }

    private void CheckPlaces(long dataBytes)
    {
        long end = 0;
        foreach ((string name, TensorInfo info) in Tensors.OrderBy(entry => entry.Value.Begin).ThenBy(entry => entry.Value.End))
        {
            if (info.Begin != end)
            {
                throw new PigeonException("PG0375",
                    $"it starts at byte {info.Begin}, but the tensors before it end at {end}: tensors follow each other without gaps",
                    Place(name), "write the file again");
            }

            end = info.End;
        }

        if (end != dataBytes)
        {
            throw new PigeonException("PG0375", $"the tensors take {end} bytes, but {dataBytes} follow the header", path,
                "write the file again; it may have been cut");
        }
    }

    private bool TryReadKey(ref Utf8JsonReader reader, out string key)
    {
        reader.Read();
        key = reader.TokenType == JsonTokenType.PropertyName ? reader.GetString()! : "";
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    private ImmutableArray<long> ReadIntegers(ref Utf8JsonReader reader)
    {
        var integers = ImmutableArray.CreateBuilder<long>();
        Expect(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            integers.Add(reader.TryGetInt64(out long value) ? value : throw Malformed("a number is no integer below 2^63"));
        }

        return reader.TokenType == JsonTokenType.EndArray ? integers.ToImmutable() : throw Malformed("a list of integers was expected");
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw Malformed($"{type} was expected at byte {reader.TokenStartIndex}");
        }
    }

    private string Place(string name) => $"{path}, tensor {Untrusted.Quote(name)}";

    private PigeonException Twice(string key, string? tensor = null) =>
        new("PG0372", $"the key {Untrusted.Quote(key)} is there twice", tensor is null ? path : Place(tensor), "write the file again");

    private PigeonException Malformed(string what) => new("PG0371", "its header can't be read: " + what, path, "write the file again");
}
