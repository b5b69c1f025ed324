using System.Diagnostics;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Runtime.Tests;

public sealed class BinaryFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Empty_file_is_refused()
    {
        string path = folder.Write([]);
        Refusal.Of("PG0360", () => NpyFile.Read(path), path);
        Refusal.Of("PG0360", () => SafetensorsFile.Open(path), path);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pipe_without_a_writer_is_refused_not_waited_for(bool behindLink)
    {
        string path = folder.NewPath;
        using (Process process = Process.Start("mkfifo", [path]))
        {
            process.WaitForExit();
        }

        if (behindLink)
        {
            path = File.CreateSymbolicLink(folder.NewPath, path).FullName;
        }

        PigeonException refusal = await Assert.ThrowsAsync<PigeonException>(() =>
            Task.Run(() => NpyFile.Read(path)).WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal("PG0360", refusal.Diagnostic.Id);
    }

    [Fact]
    public void Link_to_a_file_is_followed()
    {
        string target = folder.NewPath;
        using Tensor tensor = Tensor.From([1, 2, 3], 3);
        NpyFile.Write(target, tensor);
        using Tensor read = NpyFile.Read(File.CreateSymbolicLink(folder.NewPath, target).FullName);
        Assert.Equal([1f, 2, 3], read.Span.ToArray());
    }
}
