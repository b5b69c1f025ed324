using CsCheck;
using Xunit;

namespace Pigeon.Runtime.Tests;

public sealed class NpyFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Tensor_comes_back_bit_for_bit() =>
        Gen.Select(Gen.Int[0, 6].Array[0, 4], Gen.ULong).Sample((dimensions, seed) =>
        {
            using Tensor tensor = Tensor.Random([.. dimensions.Select(d => (long)d)], seed);
            string path = folder.NewPath;
            NpyFile.Write(path, tensor);
            using Tensor read = NpyFile.Read(path);
            Assert.Equal(tensor.Shape.AsSpan(), read.Shape.AsSpan());
            Assert.True(tensor.Span.SequenceEqual(read.Span));
        }, iter: 300);

    [Fact]
    public void Infinities_and_nans_come_back()
    {
        using Tensor tensor = Tensor.From([float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, float.Epsilon], 5);
        string path = folder.NewPath;
        NpyFile.Write(path, tensor);
        using Tensor read = NpyFile.Read(path);
        Assert.Equal(tensor.Span.ToArray().Select(BitConverter.SingleToInt32Bits), read.Span.ToArray().Select(BitConverter.SingleToInt32Bits));
    }

    [Theory]
    [InlineData("()", 1)]
    [InlineData("(2,)", 2, 2L)]
    [InlineData("(2, 3)", 6, 2L, 3L)]
    [InlineData("(2,3,)", 6, 2L, 3L)]
    [InlineData("( 0 , 3 )", 0, 0L, 3L)]
    public void Shapes_are_read_as_python_writes_them(string shape, int count, params long[] expected)
    {
        float[] values = [.. Enumerable.Range(0, count)];
        foreach (byte version in (byte[])[1, 2, 3])
        {
            using Tensor tensor = NpyFile.Read(folder.Write(NpyBytes.Of<float>("<f4", shape, values, version)));
            Assert.Equal(expected, tensor.Shape);
            Assert.Equal(values, tensor.Span.ToArray());
        }
    }

    [Fact]
    public void Keys_may_come_in_any_order_and_quotes()
    {
        byte[] file = NpyBytes.WithHeader("{\"shape\":(1,),'fortran_order':False,\t\"descr\":\"<f4\"}   \n", [0, 0, 128, 63]);
        using Tensor tensor = NpyFile.Read(folder.Write(file));
        Assert.Equal([1f], tensor.Span.ToArray());
    }

    [Fact]
    public void Edge_lists_are_read_from_both_integer_types()
    {
        int[] values = [0, 1, int.MaxValue, int.MinValue, -1, 7];
        NpyIntegers narrow = NpyFile.ReadIntegers(folder.Write(NpyBytes.Of<int>("<i4", "(2, 3)", values)));
        NpyIntegers wide = NpyFile.ReadIntegers(folder.Write(NpyBytes.Of<long>("<i8", "(2, 3)", [.. values.Select(v => (long)v)])));
        Assert.Equal([2, 3], narrow.Shape.AsSpan());
        Assert.Equal(values, narrow.Values);
        Assert.Equal([2, 3], wide.Shape.AsSpan());
        Assert.Equal(values, wide.Values);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(200_001)]
    public void Long_integer_lists_are_narrowed_chunk_by_chunk(int length)
    {
        long[] values = [.. Enumerable.Range(0, length).Select(i => (long)i * 7919 % 100_003)];
        NpyIntegers read = NpyFile.ReadIntegers(folder.Write(NpyBytes.Of<long>("<i8", $"({length},)", values)));
        Assert.Equal(values, read.Values.Select(v => (long)v));
    }

    [Fact]
    public void Writing_replaces_a_file_and_leaves_nothing_else()
    {
        string path = folder.Write([1, 2, 3]);
        using Tensor tensor = Tensor.From([1, 2], 2);
        NpyFile.Write(path, tensor);
        Assert.Equal([path], folder.Files);
        Assert.Equal(128 + 8, new FileInfo(path).Length);
    }

    [Fact]
    public void Failed_writing_keeps_the_old_file()
    {
        string path = folder.Write([1, 2, 3]);
        Tensor tensor = Tensor.Zeros(2);
        tensor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => NpyFile.Write(path, tensor));
        Assert.Equal([path], folder.Files);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
    }

    [Fact]
    public void Paths_that_cannot_be_used_are_refused()
    {
        using Tensor tensor = Tensor.Zeros(2);
        string missing = Path.Combine(folder.NewPath, "x.npy");
        string directory = Directory.CreateDirectory(folder.NewPath).FullName;
        foreach (string path in (string[])[missing, directory, ""])
        {
            Refusal.Of("PG0360", () => NpyFile.Read(path), path);
            Refusal.Of("PG0360", () => NpyFile.Write(path, tensor), path);
        }

        Assert.Empty(folder.Files);
    }
}
