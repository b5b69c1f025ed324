using System.Runtime.InteropServices;
using CsCheck;
using Xunit;

namespace Pigeon.Runtime.Tests;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Tensors_and_metadata_come_back_bit_for_bit()
    {
        var name = Gen.String[Gen.Char[' ', '\ud7ff'], 0, 8].Where(text => text != "__metadata__");
        var shape = Gen.Int[0, 5].Array[0, 3];
        Gen.Select(Gen.Dictionary(name, shape)[0, 5], Gen.Dictionary(name, name)[0, 3], Gen.ULong).Sample((shapes, metadata, seed) =>
        {
            var tensors = shapes.ToDictionary(entry => entry.Key, entry => Tensor.Random([.. entry.Value.Select(d => (long)d)], seed++));
            string path = folder.NewPath;
            SafetensorsFile.Write(path, tensors, metadata);
            using SafetensorsFile file = SafetensorsFile.Open(path);
            Assert.Equal(metadata.OrderBy(entry => entry.Key), file.Metadata.OrderBy(entry => entry.Key));
            Assert.Equal(tensors.Keys.Order(), file.Tensors.Keys.Order());
            foreach ((string key, Tensor expected) in tensors)
            {
                using Tensor read = file.Read(key);
                Assert.Equal(expected.Shape.AsSpan(), read.Shape.AsSpan());
                Assert.True(expected.Span.SequenceEqual(read.Span));
                expected.Dispose();
            }
        }, iter: 300);
    }

    [Fact]
    public void File_is_the_same_whatever_the_order_of_the_dictionary()
    {
        using Tensor a = Tensor.From([1, 2], 2);
        using Tensor b = Tensor.From([3], 1, 1);
        string one = folder.NewPath;
        string other = folder.NewPath;
        SafetensorsFile.Write(one, new Dictionary<string, Tensor> { ["b"] = b, ["a"] = a });
        SafetensorsFile.Write(other, new Dictionary<string, Tensor> { ["a"] = a, ["b"] = b });
        byte[] expected = SafetensorsBytes.Of(
            """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}}  """,
            MemoryMarshal.AsBytes<float>([1, 2, 3]));
        Assert.Equal(expected, File.ReadAllBytes(one));
        Assert.Equal(expected, File.ReadAllBytes(other));
        Assert.Equal(0, (expected.Length - 12) % 8);
    }

    [Fact]
    public void Half_precision_is_read_exactly()
    {
        Half[] halves = [(Half)1.5f, Half.MaxValue, Half.Epsilon, Half.NegativeInfinity, (Half)(-0f)];
        Assert.Equal(halves.Select(h => (float)h), ReadOne("F16", 5, MemoryMarshal.AsBytes<Half>(halves)));
        Assert.Equal([1f, -2f, float.PositiveInfinity], ReadOne("BF16", 3, MemoryMarshal.AsBytes<ushort>([0x3f80, 0xc000, 0x7f80])));
    }

    [Fact]
    public void Double_precision_is_rounded()
    {
        double[] doubles = [0.1, 1 + 1e-12, 1e300, -1e300, 1e-300];
        Assert.Equal([0.1f, 1, float.PositiveInfinity, float.NegativeInfinity, 0], ReadOne("F64", 5, MemoryMarshal.AsBytes<double>(doubles)));
    }

    [Fact]
    public void Long_tensors_are_converted_chunk_by_chunk()
    {
        double[] doubles = [.. Enumerable.Range(0, 140_001)];
        Assert.Equal(doubles.Select(d => (float)d), ReadOne("F64", doubles.Length, MemoryMarshal.AsBytes<double>(doubles)));
    }

    [Theory]
    [InlineData("I64", 8)]
    [InlineData("BOOL", 1)]
    [InlineData("F8_E4M3", 1)]
    public void Other_types_are_listed_but_not_read(string type, int bytes)
    {
        string path = folder.Write(SafetensorsBytes.OneTensor(type, "[1]", $"[0,{bytes}]", new byte[bytes]));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(type, file.Tensors["a"].Type);
        Assert.Contains(type, Refusal.Of("PG0374", () => file.Read("a"), path).Message);
    }

    [Fact]
    public void Missing_tensor_is_answered_with_those_that_are_there()
    {
        string path = folder.Write(SafetensorsBytes.Of("""{"root":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 0, 0, 0, 0));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Contains("'root'", Refusal.Of("PG0377", () => file.Read("weight"), path).Remedy);
    }

    [Fact]
    public void File_without_tensors_is_a_file()
    {
        using SafetensorsFile file = SafetensorsFile.Open(folder.Write(SafetensorsBytes.Of("""{"__metadata__":{"format":"pt"}}""")));
        Assert.Empty(file.Tensors);
        Assert.Equal("pt", file.Metadata["format"]);
    }

    [Fact]
    public void Names_that_no_file_can_hold_are_not_written()
    {
        using Tensor tensor = Tensor.Zeros(1);
        string path = folder.NewPath;
        Refusal.Of("PG0378", () => SafetensorsFile.Write(path, new Dictionary<string, Tensor> { ["__metadata__"] = tensor }), path);
        Refusal.Of("PG0378", () => SafetensorsFile.Write(path, new Dictionary<string, Tensor> { ["\ud800"] = tensor }), path);
        Refusal.Of("PG0378", () => SafetensorsFile.Write(path, new Dictionary<string, Tensor>(),
            new Dictionary<string, string> { ["a"] = "\udc00" }), path);
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void Failed_writing_keeps_the_old_file()
    {
        string path = folder.Write([1, 2, 3]);
        using Tensor first = Tensor.Zeros(1000);
        Tensor second = Tensor.Zeros(1000);
        second.Dispose();
        Assert.Throws<ObjectDisposedException>(() =>
            SafetensorsFile.Write(path, new Dictionary<string, Tensor> { ["a"] = first, ["b"] = second }));
        Assert.Equal([path], folder.Files);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
    }

    private float[] ReadOne(string type, int length, ReadOnlySpan<byte> data)
    {
        byte[] bytes = SafetensorsBytes.OneTensor(type, $"[{length}]", $"[0,{data.Length}]", data);
        using SafetensorsFile file = SafetensorsFile.Open(folder.Write(bytes));
        using Tensor tensor = file.Read("a");
        return tensor.Span.ToArray();
    }
}
