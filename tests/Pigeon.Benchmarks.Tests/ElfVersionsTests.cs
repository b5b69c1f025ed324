using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace Pigeon.Benchmarks.Tests;

public class ElfVersionsTests
{
    private const int FirstEntry = 0x110;
    private const int SecondEntry = 0x120;

    [Fact]
    public void The_version_of_that_name_becomes_weak_and_no_byte_else_changes()
    {
        byte[] library = Library();
        byte[] before = [.. library];

        Assert.Equal(1, ElfVersions.MarkWeak(library, "GLIBCXX_3.4.32"));

        before[SecondEntry + 4] = 2;
        Assert.Equal(before, library);
    }

    [Fact]
    public void A_second_time_changes_nothing()
    {
        byte[] library = Library();
        ElfVersions.MarkWeak(library, "GLIBCXX_3.4.32");

        Assert.Equal(0, ElfVersions.MarkWeak(library, "GLIBCXX_3.4.32"));
    }

    [Fact]
    public void A_longer_or_shorter_name_is_another_version() => Assert.Equal(0, ElfVersions.MarkWeak(Library(), "GLIBCXX_3.4"));

    [Fact]
    public void What_is_no_library_is_refused() =>
        Assert.Throws<InvalidDataException>(() => ElfVersions.MarkWeak("no library at all"u8.ToArray(), "GLIBCXX_3.4.32"));

    [Theory]
    [InlineData(20)]
    [InlineData(70)]
    [InlineData(0x105)]
    [InlineData(0x124)]
    public void A_library_that_is_cut_off_is_refused(int length) =>
        Assert.Throws<InvalidDataException>(() => ElfVersions.MarkWeak(Library().AsSpan(0, length).ToArray(), "GLIBCXX_3.4.32"));

    [Fact]
    public void Offsets_beyond_the_file_are_refused()
    {
        byte[] library = Library();
        BinaryPrimitives.WriteInt32LittleEndian(library.AsSpan(FirstEntry + 12), int.MaxValue);

        Assert.Throws<InvalidDataException>(() => ElfVersions.MarkWeak(library, "GLIBCXX_3.4.32"));
    }

    /// <summary>Section headers at 64, one needed file at 0x100 with two versions, names at 0x140.</summary>
    private static byte[] Library()
    {
        const int headers = 64;
        const int names = 0x140;
        byte[] bytes = new byte[0x180];
        ((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1]).CopyTo(bytes);
        I64(40, headers);
        I16(58, 64);
        I16(60, 2);
        I32(headers + 4, 0x6FFFFFFE);
        I64(headers + 24, 0x100);
        I32(headers + 40, 1);
        I32(headers + 44, 1);
        I64(headers + 64 + 24, names);
        I16(0x102, 2);
        I32(0x108, FirstEntry - 0x100);
        I32(FirstEntry + 8, 1);
        I32(FirstEntry + 12, SecondEntry - FirstEntry);
        I32(SecondEntry + 8, 16);
        Encoding.ASCII.GetBytes("GLIBCXX_3.4.9").CopyTo(bytes, names + 1);
        Encoding.ASCII.GetBytes("GLIBCXX_3.4.32").CopyTo(bytes, names + 16);
        return bytes;

        void I16(int at, short value) => BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at), value);
        void I32(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        void I64(int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
    }
}
