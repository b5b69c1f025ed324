using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// The checked header of an <c>.npy</c> file, format versions 1 to 3 (NumPy Enhancement Proposal 1): a magic, a length, and a
/// Python dictionary with exactly the keys <c>descr</c>, <c>fortran_order</c> and <c>shape</c>.
/// </summary>
/// <param name="Type">The element type as NumPy writes it: <c>&lt;f4</c>.</param>
/// <param name="Shape">The dimensions, none negative; the first is at most 2³¹ − 1.</param>
/// <param name="Count">Their product.</param>
/// <param name="DataOffset">The first byte after the header.</param>
internal readonly record struct NpyHeader(string Type, ImmutableArray<long> Shape, long Count, int DataOffset)
{
    private const int LongestText = 65535;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads and checks the header of a file.</summary>
    /// <exception cref="PigeonException">
    /// PG0361: not an npy file. PG0362: a header that isn't well formed. PG0364: Fortran order. PG0365: an impossible shape.
    /// </exception>
    public static NpyHeader Read(BinaryFile file)
    {
        Span<byte> start = stackalloc byte[12];
        start = start[..(int)Math.Min(start.Length, file.Length)];
        file.Read(start, 0);
        if (!start.StartsWith(Magic))
        {
            throw new PigeonException("PG0361", "it doesn't start as an npy file does", file.Path, "write it with numpy.save");
        }

        if (start.Length < 12)
        {
            throw new PigeonException("PG0362", "it ends inside its header", file.Path, "write it again");
        }

        int version = start[6];
        if (version is < 1 or > 3 || start[7] != 0)
        {
            throw new PigeonException("PG0361", $"npy version {version}.{start[7]} isn't known", file.Path, "write version 1.0");
        }

        int textOffset = version == 1 ? 10 : 12;
        long textLength = version == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (textLength > LongestText || textLength > file.Length - textOffset)
        {
            throw new PigeonException("PG0362",
                $"a header of {textLength} bytes can't be, in a file of {file.Length}", file.Path, "write it again with numpy.save");
        }

        byte[] text = new byte[textLength];
        file.Read(text, textOffset);
        NpyHeaderText parsed = NpyHeaderText.Parse(Encoding.Latin1.GetString(text), file.Path);
        if (parsed.FortranOrder)
        {
            throw new PigeonException("PG0364", "its elements are in Fortran order", file.Path,
                "save numpy.ascontiguousarray(array)");
        }

        if (!TensorShape.TryCount(parsed.Shape.AsSpan(), out long count) || (parsed.Shape.Length > 0 && parsed.Shape[0] > int.MaxValue))
        {
            throw new PigeonException("PG0365", $"the shape {TensorShape.Format(parsed.Shape.AsSpan())} can't be", file.Path,
                $"give at most {TensorShape.MaxRank} dimensions, none negative, and fewer than 2^31 rows");
        }

        return new(parsed.Type, parsed.Shape, count, textOffset + (int)textLength);
    }

    /// <summary>Checks the element type and that the file ends where the elements do.</summary>
    /// <exception cref="PigeonException">PG0363: another element type. PG0366: the file is longer or shorter.</exception>
    public void RequireElements(BinaryFile file, ReadOnlySpan<string> types, int elementBytes, string remedy)
    {
        if (!types.Contains(Type))
        {
            throw new PigeonException("PG0363", $"its dtype is {Untrusted.Quote(Type)}, not {string.Join(" or ", types)}", file.Path,
                remedy);
        }

        if (file.Length - DataOffset != Count * elementBytes)
        {
            throw new PigeonException("PG0366",
                $"{file.Length - DataOffset} bytes follow the header, but {TensorShape.Format(Shape.AsSpan())} of dtype {Type} has "
                + $"{Count * elementBytes}", file.Path, "write it again; it may have been cut");
        }
    }
}
