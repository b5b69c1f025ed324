using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// NumPy's <c>.npy</c> files: float32 tensors and integer arrays in C order, little-endian. Files are not trusted: shapes and
/// lengths are checked before memory is allocated for them.
/// </summary>
public static class NpyFile
{
    /// <summary>Reads a float32 tensor of any rank.</summary>
    /// <exception cref="PigeonException">
    /// PG0353: it doesn't fit in memory. PG0360: the file can't be read. PG0361: it is no npy file. PG0362: its header isn't well
    /// formed. PG0363: its dtype isn't <c>&lt;f4</c>. PG0364: it is in Fortran order. PG0365: its shape can't be. PG0366: it is longer
    /// or shorter than its header says.
    /// </exception>
    public static Tensor Read(string path)
    {
        using BinaryFile file = BinaryFile.Open(path);
        NpyHeader header = NpyHeader.Read(file);
        header.RequireElements(file, ["<f4"], sizeof(float), "save array.astype('<f4')");
        return file.ReadTensor(header.Shape, header.DataOffset);
    }

    /// <summary>Reads an array of int32, or of int64 whose values are all in the range of int32.</summary>
    /// <exception cref="PigeonException">
    /// As <see cref="Read"/>; and PG0365: there are more integers than an array holds; PG0367: an integer isn't in the range of int32.
    /// </exception>
    public static NpyIntegers ReadIntegers(string path)
    {
        using BinaryFile file = BinaryFile.Open(path);
        NpyHeader header = NpyHeader.Read(file);
        bool wide = header.Type == "<i8";
        header.RequireElements(file, ["<i4", "<i8"], wide ? sizeof(long) : sizeof(int), "save array.astype('<i4')");
        if (header.Count > Array.MaxLength)
        {
            throw new PigeonException("PG0365", $"{header.Count} integers are more than an array holds", path, "split the array");
        }

        int[] values = new int[header.Count];
        if (wide)
        {
            ReadNarrowed(file, header.DataOffset, values);
        }
        else
        {
            ReadPlain(file, header.DataOffset, values);
        }

        return new(header.Shape, values);
    }

    /// <summary>Writes a tensor as <c>&lt;f4</c>, version 1.0; an existing file is replaced at once or, on an error, kept.</summary>
    /// <exception cref="PigeonException">PG0360: the file can't be written.</exception>
    public static void Write(string path, Tensor tensor) => AtomicFile.Write(path, stream =>
    {
        stream.Write(Header(tensor));
        AtomicFile.WriteTensor(stream, tensor);
    });

    private static byte[] Header(Tensor tensor)
    {
        const int alignment = 64;
        const int prefix = 10;
        string shape = string.Concat(tensor.Shape.Select(dimension => $"{dimension}, "));
        shape = tensor.Shape.Length > 1 ? shape[..^2] : shape.TrimEnd();
        string text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}";
        int length = (prefix + text.Length + 1 + alignment - 1) / alignment * alignment;
        byte[] header = new byte[length];
        ReadOnlySpan<byte> start = [0x93, .. "NUMPY"u8, 1, 0];
        start.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)(length - prefix));
        Encoding.ASCII.GetBytes(text.PadRight(length - prefix - 1) + "\n", header.AsSpan(prefix));
        return header;
    }

    private static void ReadPlain(BinaryFile file, long offset, int[] values)
    {
        const int chunk = 1 << 26;
        for (int start = 0; start < values.Length; start += Math.Min(chunk, values.Length - start))
        {
            Span<int> part = values.AsSpan(start, Math.Min(chunk, values.Length - start));
            file.Read(MemoryMarshal.AsBytes(part), offset + ((long)start * sizeof(int)));
        }
    }

    private static void ReadNarrowed(BinaryFile file, long offset, int[] values)
    {
        long[] chunk = new long[Math.Min(values.Length, 1 << 16)];
        for (int start = 0; start < values.Length; start += Math.Min(chunk.Length, values.Length - start))
        {
            Span<long> part = chunk.AsSpan(0, Math.Min(chunk.Length, values.Length - start));
            file.Read(MemoryMarshal.AsBytes(part), offset + ((long)start * sizeof(long)));
            for (int i = 0; i < part.Length; i++)
            {
                values[start + i] = part[i] == (int)part[i]
                    ? (int)part[i]
                    : throw new PigeonException("PG0367", $"element {start + i} is {part[i]}, beyond int32", file.Path,
                        "number nodes and edges from 0");
            }
        }
    }
}
