using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>A little-endian file of known length, read at offsets; safe for use from several threads.</summary>
internal sealed class BinaryFile : IDisposable
{
    private readonly SafeFileHandle handle;

    private BinaryFile(string path, SafeFileHandle handle, long length)
    {
        Path = path;
        this.handle = handle;
        Length = length;
    }

    /// <summary>The path as given, for messages.</summary>
    public string Path { get; }

    /// <summary>The length in bytes when the file was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="PigeonException">PG0360: it can't be opened, or is empty or no regular file.</exception>
    public static BinaryFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            // A pipe has the length 0; to open one would wait for its writer, perhaps for ever.
            string target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            if (new FileInfo(target).Length == 0)
            {
                throw new NotSupportedException("it is empty or no regular file");
            }

            handle = File.OpenHandle(target);
            return new(path, handle, RandomAccess.GetLength(handle));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            handle?.Dispose();
            throw new PigeonException(new("PG0360", "it can't be opened: " + e.Message, path, "name a file that can be read"), e);
        }
    }

    /// <summary>Fills <paramref name="into"/> with the bytes at an offset.</summary>
    /// <exception cref="PigeonException">PG0360: they can't be read; the file may have been cut since it was opened.</exception>
    public void Read(Span<byte> into, long offset)
    {
        try
        {
            while (into.Length > 0)
            {
                int count = RandomAccess.Read(handle, into, offset);
                if (count == 0)
                {
                    throw new EndOfStreamException($"the file ends at byte {offset}");
                }

                into = into[count..];
                offset += count;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PigeonException(new("PG0360", "it can't be read: " + e.Message, Path, "see that nobody writes it"), e);
        }
    }

    /// <summary>A tensor from the float32 numbers at an offset.</summary>
    public Tensor ReadTensor(ImmutableArray<long> shape, long offset) => Fill(Tensor.Zeros(shape), tensor =>
    {
        const int chunk = 1 << 26;
        for (long start = 0; start < tensor.Length; start += chunk)
        {
            Span<float> part = tensor.Slice(start, (int)Math.Min(chunk, tensor.Length - start));
            Read(MemoryMarshal.AsBytes(part), offset + (start * sizeof(float)));
        }
    });

    /// <summary>A tensor from numbers of another type at an offset.</summary>
    public Tensor ReadTensor<T>(ImmutableArray<long> shape, long offset, Func<T, float> convert)
        where T : unmanaged => Fill(Tensor.Zeros(shape), tensor =>
    {
        var chunk = new T[(int)Math.Min(tensor.Length, 1 << 16)];
        for (long start = 0; start < tensor.Length; start += chunk.Length)
        {
            Span<float> part = tensor.Slice(start, (int)Math.Min(chunk.Length, tensor.Length - start));
            Span<T> raw = chunk.AsSpan(0, part.Length);
            Read(MemoryMarshal.AsBytes(raw), offset + (start * Unsafe.SizeOf<T>()));
            for (int i = 0; i < part.Length; i++)
            {
                part[i] = convert(raw[i]);
            }
        }
    });

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private static Tensor Fill(Tensor tensor, Action<Tensor> fill)
    {
        try
        {
            fill(tensor);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }
}
