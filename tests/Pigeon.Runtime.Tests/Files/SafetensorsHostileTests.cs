using CsCheck;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Runtime.Tests;

public sealed class SafetensorsHostileTests : IDisposable
{
    private const string TwoTensors =
        """{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[1,2],"data_offsets":[8,12]}}""";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("1234567")]
    [InlineData("\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000")]
    [InlineData("\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff{}")]
    [InlineData("\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0080{}")]
    [InlineData("PK\u0003\u0004 a zip archive, as torch.save writes")]
    public void Headers_longer_than_the_file_are_refused(string content) => Refuse("PG0370", [.. content.Select(c => (byte)c)]);

    [Fact]
    public void Headers_beyond_the_limit_are_refused_even_if_they_are_there()
    {
        string path = folder.Write([0x01, 0xe1, 0xf5, 0x05, 0, 0, 0, 0]);
        using (FileStream stream = File.OpenWrite(path))
        {
            stream.SetLength(100_000_001 + 8);
        }

        Refusal.Of("PG0370", () => SafetensorsFile.Open(path), path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("    ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("NaN")]
    [InlineData("{")]
    [InlineData("{}}")]
    [InlineData("{} {}")]
    [InlineData("{}\0")]
    [InlineData("{,}")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":null}")]
    [InlineData("{\"a\":{}}")]
    [InlineData("{'a':{}}")]
    [InlineData("{/* a */}")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":1,"shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":{"x":{"y":{}}}}}""")]
    [InlineData("""{"__metadata__":{"a":1}}""")]
    [InlineData("""{"__metadata__":{"a":{}}}""")]
    [InlineData("""{"__metadata__":[]}""")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"\udc00","shape":[1],"data_offsets":[0,4]}}""")]
    public void Malformed_headers_are_refused(string json) => Refuse("PG0371", SafetensorsBytes.Of(json, 0, 0, 0, 0));

    [Theory]
    [InlineData((byte)0xff)]
    [InlineData((byte)0xc3)]
    [InlineData((byte)0x80)]
    public void Headers_that_are_not_utf8_are_refused(byte wrong) =>
        Refuse("PG0371", SafetensorsBytes.Of([.. "{\"__metadata__\":{\"a\":\""u8, wrong, .. "\"}}"u8], []));

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    public void Deeply_nested_headers_are_refused(string level) =>
        Refuse("PG0371", SafetensorsBytes.Of(string.Concat(Enumerable.Repeat(level, 1_000_000))));

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"data_offsets":[0,4]}}""")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""")]
    public void Keys_that_are_there_twice_are_refused(string json) => Refuse("PG0372", SafetensorsBytes.Of(json, 0, 0, 0, 0));

    [Theory]
    [InlineData("F33")]
    [InlineData("f32")]
    [InlineData("")]
    public void Unknown_types_are_named(string type)
    {
        string path = folder.Write(SafetensorsBytes.OneTensor(type, "[1]", "[0,4]", new byte[4]));
        Diagnostic diagnostic = Refusal.Of("PG0373", () => SafetensorsFile.Open(path), path);
        Assert.Contains($"'{type}'", diagnostic.Message);
        Assert.Contains("'a'", diagnostic.Place);
    }

    [Theory]
    [InlineData(-4, 0)]
    [InlineData(4, 0)]
    [InlineData(4, 8)]
    [InlineData(1, 5)]
    [InlineData(long.MaxValue - 4, long.MaxValue)]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(long.MinValue, long.MinValue + 4)]
    public void Places_outside_of_the_data_are_refused(long begin, long end) =>
        Refuse("PG0375", SafetensorsBytes.OneTensor("F32", "[1]", $"[{begin},{end}]", new byte[4]));

    [Theory]
    [InlineData("[0,4]", "[0,4]")]
    [InlineData("[0,4]", "[2,6]")]
    [InlineData("[0,4]", "[8,12]")]
    [InlineData("[4,8]", "[8,12]")]
    [InlineData("[0,4]", "[4,8]")]
    public void Overlaps_gaps_and_rests_are_refused(string one, string other)
    {
        string entries = $"{SafetensorsBytes.Entry("a", "F32", "[1]", one)},{SafetensorsBytes.Entry("b", "F32", "[1]", other)}";
        Refuse("PG0375", SafetensorsBytes.Of($"{{{entries}}}", new byte[12]));
    }

    [Theory]
    [InlineData("[2]")]
    [InlineData("[0]")]
    [InlineData("[-1]")]
    [InlineData("[-1,-1]")]
    [InlineData("[4294967296,4294967296]")]
    [InlineData("[4611686018427387904,4]")]
    [InlineData("[9223372036854775807,9223372036854775807]")]
    [InlineData("[0,9223372036854775807,2]")]
    [InlineData("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]")]
    public void Shapes_of_another_size_are_refused(string shape) =>
        Refuse("PG0376", SafetensorsBytes.OneTensor("F32", shape, "[0,4]", new byte[4]));

    [Fact]
    public void Many_tensors_take_no_quadratic_time()
    {
        const int tensors = 200_000;
        var entries = Enumerable.Range(0, tensors).Select(i => SafetensorsBytes.Entry($"{i}", "F32", "[0]", "[0,0]"));
        using SafetensorsFile file = SafetensorsFile.Open(folder.Write(SafetensorsBytes.Of($"{{{string.Join(',', entries)}}}")));
        Assert.Equal(tensors, file.Tensors.Count);
    }

    [Fact]
    public void Every_prefix_of_a_file_is_refused()
    {
        byte[] file = SafetensorsBytes.Of(TwoTensors, new byte[12]);
        for (int length = 0; length < file.Length; length++)
        {
            string path = folder.Write(file.AsSpan(0, length));
            Assert.True(Refusal.By(() => SafetensorsFile.Open(path).Dispose()), $"{length} bytes");
        }
    }

    [Fact]
    public void Changed_bytes_are_read_or_refused() =>
        Gen.Select(Gen.Int[0, 255].Array[0, 3], Gen.Int.Array[3], Gen.Int[-3, 3]).Sample((bytes, places, growth) =>
        {
            string path = folder.Write(Mutation.Of(SafetensorsBytes.Of(TwoTensors, new byte[12]), bytes, places, growth));
            Refusal.By(() =>
            {
                using SafetensorsFile file = SafetensorsFile.Open(path);
                foreach (string name in file.Tensors.Keys)
                {
                    Refusal.By(() => file.Read(name).Dispose());
                }
            });
            File.Delete(path);
        }, iter: 3000);

    private void Refuse(string id, byte[] file)
    {
        string path = folder.Write(file);
        Refusal.Of(id, () => SafetensorsFile.Open(path), path);
    }
}
