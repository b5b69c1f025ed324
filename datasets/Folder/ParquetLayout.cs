using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Pigeon.Datasets;

/// <summary>
/// Checks the skeleton of a Parquet file, footer and page headers, before a decoder is let loose on it: Parquet.Net 6.1 runs for
/// ever on some damaged footers. Only flat files pass, which is all that a graph needs. Numbers of fields are those of
/// <c>parquet.thrift</c> of the Parquet format.
/// </summary>
internal static class ParquetLayout
{
    /// <summary>A file of b bytes holds at most b · this values: pages of equal values shrink to little, but not to nothing.</summary>
    private const long MostValuesPerByte = 1 << 16;

    private const int ShortestFile = 12;

    /// <summary>Counts the rows of a file whose skeleton is sound.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static long CountRows(string path)
    {
        using var file = File.OpenHandle(path);
        long length = RandomAccess.GetLength(file);
        Span<byte> end = stackalloc byte[8];
        Span<byte> start = stackalloc byte[4];
        if (length < ShortestFile || RandomAccess.Read(file, start, 0) != 4 || RandomAccess.Read(file, end, length - 8) != 8 ||
            !start.SequenceEqual("PAR1"u8) || !end[4..].SequenceEqual("PAR1"u8))
        {
            throw new FormatException("it doesn't start and end with PAR1");
        }

        uint footerLength = BinaryPrimitives.ReadUInt32LittleEndian(end);
        long dataEnd = length - 8 - footerLength;
        Require(dataEnd >= start.Length && footerLength < int.MaxValue, "its footer is longer than the file");
        byte[] footer = new byte[footerLength];
        Require(RandomAccess.Read(file, footer, dataEnd) == footer.Length, "its footer is cut short");
        var metadata = ThriftStruct.Parse(footer, out int used);
        Require(used == footer.Length, "its footer is longer than what it says");

        int columns = CheckSchema(metadata.Structs(2));
        long rows = 0;
        foreach (var group in metadata.Structs(4))
        {
            long inGroup = group.Number(3);
            Require(inGroup >= 0 && inGroup <= length * MostValuesPerByte, $"a row group of {inGroup} rows can't be in {length} bytes");
            var chunks = group.Structs(1);
            Require(chunks.Count == columns, "a row group lacks columns");
            foreach (var chunk in chunks)
            {
                CheckChunk(chunk.Struct(3), inGroup, file, dataEnd);
            }

            rows += inGroup;
        }

        Require(metadata.Number(3) == rows, "its row groups have other rows than its footer says");
        return rows;
    }

    /// <summary>A root, and as many leaves as it says; nothing nested.</summary>
    private static int CheckSchema(IReadOnlyList<ThriftStruct> elements)
    {
        const int name = 4;
        const int children = 5;
        const int repetition = 3;
        const long repeated = 2;
        Require(elements.Count > 1 && elements[0].Number(children) == elements.Count - 1, "its schema is empty or nested");
        Require(elements.Skip(1).All(e => e.Number(children) == 0 && e.Has(name) && e.Has(1) && e.Number(repetition) != repeated),
            "its schema is nested");
        return elements.Count - 1;
    }

    private static void CheckChunk(ThriftStruct column, long rows, SafeFileHandle file, long dataEnd)
    {
        const int dictionaryOffset = 11;
        Require(column.Number(5) == rows, "a column has another number of values than its row group has rows");
        long first = column.Has(dictionaryOffset) && column.Number(dictionaryOffset) > 0
            ? Math.Min(column.Number(dictionaryOffset), column.Number(9))
            : column.Number(9);
        long size = column.Number(7);
        Require(first >= 4 && size >= 0 && first <= dataEnd && size <= dataEnd - first, "a column lies outside of the file");

        long end = first + size;
        long values = 0;
        for (long at = first; at < end;)
        {
            var page = ReadPage(file, at, end, out int headerLength);
            long compressed = page.Number(3);
            at += headerLength;
            Require(compressed >= 0 && compressed <= end - at, "a page is longer than its column");
            at += compressed;
            values += CheckPage(page, compressed, rows);
        }

        Require(values == rows, "the pages of a column have more or fewer values than it says");
    }

    private static ThriftStruct ReadPage(SafeFileHandle file, long at, long end, out int headerLength)
    {
        const int longestHeader = 1 << 20;
        byte[] window = new byte[Math.Min(end - at, 1 << 10)];
        int filled = RandomAccess.Read(file, window, at);
        try
        {
            return ThriftStruct.Parse(window.AsSpan(0, filled), out headerLength);
        }
        catch (FormatException) when (window.Length < Math.Min(end - at, longestHeader))
        {
            // The header holds statistics of long strings: try again with all that it may take.
            window = new byte[Math.Min(end - at, longestHeader)];
            return ThriftStruct.Parse(window.AsSpan(0, RandomAccess.Read(file, window, at)), out headerLength);
        }
    }

    /// <summary>The number of values of a page, 0 for a dictionary.</summary>
    private static long CheckPage(ThriftStruct page, long compressed, long rows)
    {
        const long dataPage = 0;
        const long dictionaryPage = 2;
        const long dataPage2 = 3;
        const long plausibleAlways = 1 << 28;
        const long plausibleExpansion = 64;
        long uncompressed = page.Number(2);
        Require(uncompressed >= 0 && (uncompressed <= plausibleAlways || uncompressed <= compressed * plausibleExpansion),
            $"a page of {compressed} bytes can't be {uncompressed} bytes decompressed");
        var (header, isData) = page.Number(1) switch
        {
            dataPage => (page.Struct(5), true),
            dataPage2 => (page.Struct(8), true),
            dictionaryPage => (page.Struct(7), false),
            _ => throw new FormatException("it holds a page of unknown type"),
        };
        long values = header.Number(1);
        Require(values >= 0 && values <= (isData ? rows : uncompressed), "a page has more values than its column");
        return isData ? values : 0;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }
}
