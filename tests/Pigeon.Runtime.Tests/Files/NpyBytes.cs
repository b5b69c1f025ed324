using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Pigeon.Runtime.Tests;

/// <summary>Builds npy files by hand, right ones and wrong ones.</summary>
public static class NpyBytes
{
    /// <summary>A file with a header text as given.</summary>
    public static byte[] WithHeader(string header, ReadOnlySpan<byte> data = default, byte version = 1)
    {
        byte[] text = Encoding.Latin1.GetBytes(header);
        byte[] length = new byte[version == 1 ? 2 : 4];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. data];
    }

    /// <summary>A file of that element type and shape.</summary>
    public static byte[] Of<T>(string type, string shape, ReadOnlySpan<T> values, byte version = 1)
        where T : unmanaged =>
        WithHeader($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}\n", MemoryMarshal.AsBytes(values), version);
}
