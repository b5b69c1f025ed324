using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>No test of this project beside these allocates native memory, so live bytes are exact.</summary>
public sealed class NativeBufferTests
{
    [Fact]
    public void Live_bytes_follow_buffers()
    {
        long before = NativeBuffer.LiveBytes;
        var first = new NativeBuffer(1000);
        var second = new NativeBuffer(24);
        Assert.Equal(before + 1024, NativeBuffer.LiveBytes);
        first.Dispose();
        first.Dispose();
        Assert.Equal(before + 24, NativeBuffer.LiveBytes);
        second.Dispose();
        Assert.Equal(before, NativeBuffer.LiveBytes);
    }

    [Fact]
    public void Forgotten_buffer_is_given_back()
    {
        long before = NativeBuffer.LiveBytes;
        Forget();
        for (int i = 0; i < 10 && NativeBuffer.LiveBytes != before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(before, NativeBuffer.LiveBytes);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget() => _ = new NativeBuffer(4096);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(100_000)]
    public void Memory_is_aligned_and_zero(long bytes)
    {
        using var buffer = new NativeBuffer(bytes);
        Assert.Equal(bytes, buffer.Bytes);
        Assert.Equal(0, buffer.Address % 64);
        Assert.All(buffer.View<byte>(0, (int)bytes).ToArray(), x => Assert.Equal(0, x));
    }

    /// <summary>Sizes around one large page, and none that fills whole ones.</summary>
    [Theory]
    [InlineData((2 << 20) - 1)]
    [InlineData(2 << 20)]
    [InlineData((6 << 20) + 12)]
    public void Large_memory_is_zero_and_whole(int bytes)
    {
        long before = NativeBuffer.LiveBytes;
        using (var buffer = new NativeBuffer(bytes))
        {
            Assert.Equal(0, buffer.Address % 64);
            Assert.Equal(-1, buffer.View<byte>(0, bytes).IndexOfAnyExcept((byte)0));
            buffer.View<byte>(0, bytes).Fill(1);
        }

        Assert.Equal(before, NativeBuffer.LiveBytes);
    }

    [Fact]
    public void Large_memory_begins_at_a_large_page_on_Linux()
    {
        using var buffer = new NativeBuffer(2 << 20);
        Assert.Equal(0, buffer.Address % (OperatingSystem.IsLinux() ? 2 << 20 : 64));
    }

    [Fact]
    public void More_memory_than_there_is_is_refused() => Assert.Throws<OutOfMemoryException>(() => new NativeBuffer(1L << 60));

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, 26)]
    [InlineData(4, 25)]
    [InlineData(101, 0)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(0, int.MaxValue)]
    public void View_outside_is_refused(long offset, int count)
    {
        using var buffer = new NativeBuffer(100);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.View<int>(offset, count).Length);
    }

    [Fact]
    public void Disposed_buffer_gives_nothing()
    {
        var buffer = new NativeBuffer(100);
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Address);
        Assert.Throws<ObjectDisposedException>(() => buffer.View<byte>(0, 1).Length);
    }

    [Fact]
    public void Negative_size_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new NativeBuffer(-1));
}
