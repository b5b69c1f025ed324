using System.Buffers.Binary;
using System.Text;

namespace Pigeon.Runtime.Tests;

/// <summary>Builds safetensors files by hand, right ones and wrong ones.</summary>
public static class SafetensorsBytes
{
    /// <summary>A file with that header and data.</summary>
    public static byte[] Of(string json, params ReadOnlySpan<byte> data) => Of(Encoding.UTF8.GetBytes(json), data);

    /// <summary>A file with one tensor, <c>a</c>.</summary>
    public static byte[] OneTensor(string type, string shape, string offsets, ReadOnlySpan<byte> data) =>
        Of($"{{{Entry("a", type, shape, offsets)}}}", data);

    /// <summary>What a header says about a tensor.</summary>
    public static string Entry(string name, string type, string shape, string offsets) =>
        $"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":{shape},\"data_offsets\":{offsets}}}";

    /// <summary>A file with that header and data.</summary>
    public static byte[] Of(byte[] json, ReadOnlySpan<byte> data)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. data];
    }
}
