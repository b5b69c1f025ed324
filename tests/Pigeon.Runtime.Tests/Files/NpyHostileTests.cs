using CsCheck;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Runtime.Tests;

public sealed class NpyHostileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("P")]
    [InlineData("src,dst,type\n0,1,2\n")]
    [InlineData("\u0093NUMPZ\u0001\u0000\u0002\u0000{}")]
    [InlineData("\u0093NUMPY\u0000\u0000\u0002\u0000{}")]
    [InlineData("\u0093NUMPY\u0004\u0000\u0002\u0000{}")]
    [InlineData("\u0093NUMPY\u0001\u0001\u0002\u0000{}")]
    public void Other_files_are_refused(string content) => Refuse("PG0361", [.. content.Select(c => (byte)c)]);

    [Theory]
    [InlineData("\u0093NUMPY")]
    [InlineData("\u0093NUMPY\u0001\u0000")]
    [InlineData("\u0093NUMPY\u0001\u0000\u0000\u0000")]
    [InlineData("\u0093NUMPY\u0001\u0000\u00ff\u00ff{}")]
    [InlineData("\u0093NUMPY\u0002\u0000\u00ff\u00ff\u00ff\u00ff{}")]
    [InlineData("\u0093NUMPY\u0003\u0000\u0000\u0000\u0000\u0080{}")]
    public void Headers_longer_than_the_file_are_refused(string content) => Refuse("PG0362", [.. content.Select(c => (byte)c)]);

    [Fact]
    public void A_header_of_a_megabyte_is_refused_even_if_it_is_there()
    {
        byte[] file = [0x93, .. "NUMPY"u8, 2, 0, 0, 0, 16, 0, .. new byte[1 << 20]];
        Refuse("PG0362", file);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("nan")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}")]
    [InlineData("{'descr': '<f4', 'shape': (1,)}")]
    [InlineData("{'fortran_order': False, 'shape': (1,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (1,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}")]
    [InlineData("{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}")]
    [InlineData("{'descr': None, 'fortran_order': False, 'shape': (1,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': 1}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': [1]}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (nan,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1.0,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1e9,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0x1,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} {}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}\0")]
    public void Malformed_headers_are_refused(string header) => Refuse("PG0362", NpyBytes.WithHeader(header, new byte[4]));

    [Theory]
    [InlineData("<f8")]
    [InlineData(">f4")]
    [InlineData("<f2")]
    [InlineData("<i4")]
    [InlineData("|O")]
    [InlineData("")]
    public void Other_element_types_are_named(string type)
    {
        string path = folder.Write(NpyBytes.Of<float>(type, "(2,)", [1, 2]));
        Diagnostic diagnostic = Refusal.Of("PG0363", () => NpyFile.Read(path), path);
        Assert.Contains($"'{type}'", diagnostic.Message);
    }

    [Theory]
    [InlineData("<f4")]
    [InlineData("<u4")]
    [InlineData(">i4")]
    public void Only_integers_are_read_as_integers(string type)
    {
        string path = folder.Write(NpyBytes.Of<float>(type, "(2,)", [1, 2]));
        Refusal.Of("PG0363", () => NpyFile.ReadIntegers(path), path);
    }

    [Fact]
    public void Structured_types_are_refused() =>
        Refuse("PG0363", NpyBytes.WithHeader("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", new byte[4]));

    [Fact]
    public void Names_from_the_file_cannot_move_the_cursor()
    {
        string path = folder.Write(NpyBytes.Of<float>("\u001b[2J" + new string('x', 1000), "(1,)", [1]));
        Diagnostic diagnostic = Refusal.Of("PG0363", () => NpyFile.Read(path), path);
        Assert.DoesNotContain('\u001b', diagnostic.Message);
        Assert.InRange(diagnostic.Message.Length, 1, 120);
    }

    [Fact]
    public void Fortran_order_is_refused() =>
        Refuse("PG0364", NpyBytes.WithHeader("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1)}", new byte[4]));

    [Theory]
    [InlineData("(-1,)")]
    [InlineData("(2, -9223372036854775808)")]
    [InlineData("(2147483648,)")]
    [InlineData("(2147483648, 0)")]
    [InlineData("(9223372036854775807,)")]
    [InlineData("(1, 4611686018427387904, 4)")]
    [InlineData("(1, 4294967296, 4294967296)")]
    [InlineData("(0, 4294967296, 4294967296)")]
    [InlineData("(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)")]
    public void Impossible_shapes_are_refused(string shape)
    {
        byte[] file = NpyBytes.Of<float>("<f4", shape, [1]);
        Refuse("PG0365", file);
        string path = folder.Write(file);
        Refusal.Of("PG0365", () => NpyFile.ReadIntegers(path), path);
    }

    [Theory]
    [InlineData("(1,)")]
    [InlineData("(3,)")]
    [InlineData("(0,)")]
    [InlineData("(2147483647, 268435456)")]
    [InlineData("(2147483647, 0)")]
    public void Files_of_another_length_are_refused_before_memory_is_taken(string shape) =>
        Refuse("PG0366", NpyBytes.Of<float>("<f4", shape, [1, 2]));

    [Theory]
    [InlineData(2147483648)]
    [InlineData(-2147483649)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Integers_beyond_int32_are_refused(long value)
    {
        string path = folder.Write(NpyBytes.Of<long>("<i8", "(2,)", [0, value]));
        Diagnostic diagnostic = Refusal.Of("PG0367", () => NpyFile.ReadIntegers(path), path);
        Assert.Contains("element 1", diagnostic.Message);
    }

    [Fact]
    public void Every_prefix_of_a_file_is_refused()
    {
        byte[] file = NpyBytes.Of<float>("<f4", "(2, 3)", [1, 2, 3, 4, 5, 6]);
        for (int length = 0; length < file.Length; length++)
        {
            string path = folder.Write(file.AsSpan(0, length));
            Assert.True(Refusal.By(() => NpyFile.Read(path).Dispose()), $"{length} bytes");
        }
    }

    [Fact]
    public void Changed_bytes_are_read_or_refused() =>
        Gen.Select(Gen.Int[0, 255].Array[0, 3], Gen.Int.Array[3], Gen.Int[-3, 3]).Sample((bytes, places, cut) =>
        {
            byte[] file = Mutation.Of(NpyBytes.Of<float>("<f4", "(2, 3)", [1, 2, 3, 4, 5, 6]), bytes, places, cut);
            string path = folder.Write(file);
            bool refused = Refusal.By(() =>
            {
                using Tensor tensor = NpyFile.Read(path);
                Assert.InRange(tensor.Length * sizeof(float), 0, file.Length);
            });
            refused &= Refusal.By(() => Assert.InRange(NpyFile.ReadIntegers(path).Values.Length * sizeof(int), 0, file.Length));
            File.Delete(path);
        }, iter: 3000);

    private void Refuse(string id, byte[] file)
    {
        string path = folder.Write(file);
        Refusal.Of(id, () => NpyFile.Read(path), path);
    }
}
