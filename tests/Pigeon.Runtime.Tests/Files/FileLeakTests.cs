using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Runtime.Tests;

/// <summary>Counts the bytes of all buffers of the process, so nothing else runs beside it.</summary>
[CollectionDefinition(nameof(FileLeakTests), DisableParallelization = true)]
[Collection(nameof(FileLeakTests))]
public sealed class FileLeakTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("F32", 4)]
    [InlineData("F64", 8)]
    public void A_file_cut_while_it_is_open_leaks_nothing(string type, int elementBytes)
    {
        const int length = 100_000;
        int bytes = length * elementBytes;
        string path = folder.Write(SafetensorsBytes.OneTensor(type, $"[{length}]", $"[0,{bytes}]", new byte[bytes]));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(bytes / 2);
        }

        long before = NativeBuffer.LiveBytes;
        Refusal.Of("PG0360", () => file.Read("a"), path);
        Assert.Equal(before, NativeBuffer.LiveBytes);
    }
}
