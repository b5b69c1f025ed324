using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// Float32 numbers in C order (the last index runs fastest) outside the garbage collector's heap. Its owner disposes it;
/// the spans and the address that it gives out are valid as long as the tensor is held and not disposed.
/// </summary>
public sealed class Tensor : IDisposable
{
    private readonly NativeBuffer buffer;

    private Tensor(ImmutableArray<long> shape)
    {
        if (shape.IsDefault || !TensorShape.TryCount(shape.AsSpan(), out long length))
        {
            throw new PigeonException("PG0350", $"a tensor can't have the shape {TensorShape.Format(shape.AsSpan())}",
                remedy: $"give at most {TensorShape.MaxRank} dimensions, none negative, whose product fits in memory");
        }

        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (length > available / sizeof(float))
        {
            throw new PigeonException("PG0353",
                $"a tensor of shape {TensorShape.Format(shape.AsSpan())} needs {length * sizeof(float)} bytes; {available} can be had",
                remedy: "use a machine with more memory, or a smaller graph or narrower rows");
        }

        Shape = shape;
        Length = length;
        buffer = new(length * sizeof(float));
    }

    /// <summary>The dimensions; none for a scalar.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The number of elements, the product of the dimensions.</summary>
    public long Length { get; }

    /// <summary>The address of the first element, for kernels; 64-byte aligned.</summary>
    /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
    public nint Address => buffer.Address;

    /// <summary>All elements.</summary>
    /// <exception cref="PigeonException">PG0352: there are 2³¹ elements or more; use <see cref="Slice"/>.</exception>
    /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
    public Span<float> Span => Length <= int.MaxValue
        ? Slice(0, (int)Length)
        : throw new PigeonException("PG0352", $"{Length} elements of shape {TensorShape.Format(Shape.AsSpan())} don't fit in a span",
            remedy: "go through the tensor slice by slice");

    /// <summary>A run of elements.</summary>
    /// <param name="start">The first one.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The run isn't inside the tensor.</exception>
    /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
    public Span<float> Slice(long start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length);
        return buffer.View<float>(start * sizeof(float), count);
    }

    /// <summary>A tensor of zeros.</summary>
    /// <exception cref="PigeonException">
    /// PG0350: the shape is negative somewhere or its product overflows. PG0353: it asks for more memory than the machine has.
    /// </exception>
    /// <exception cref="OutOfMemoryException">The machine has the memory, but not free.</exception>
    public static Tensor Zeros(params ImmutableArray<long> shape) => new(shape);

    /// <summary>A tensor that holds a copy of the values.</summary>
    /// <exception cref="PigeonException">PG0351: the shape asks for another number of values.</exception>
    public static Tensor From(ReadOnlySpan<float> values, params ImmutableArray<long> shape)
    {
        if (shape.IsDefault || !TensorShape.TryCount(shape.AsSpan(), out long length) || length != values.Length)
        {
            throw new PigeonException("PG0351",
                $"{values.Length} values don't make a tensor of shape {TensorShape.Format(shape.AsSpan())}",
                remedy: "give as many values as the product of the dimensions");
        }

        var tensor = new Tensor(shape);
        values.CopyTo(tensor.Span);
        return tensor;
    }

    /// <summary>
    /// Random numbers, uniform in [−scale, scale). Element <c>i</c> depends on <c>seed</c> and <c>i</c> only:
    /// <c>scale · (int64(mix(mix(seed) + (i + 1) · 0x9E3779B97F4A7C15)) ≫ 40) / 2²³</c> with the finaliser of SplitMix64 as
    /// <c>mix</c> (Steele, Lea and Flood 2014), so the numbers are the same on every machine.
    /// </summary>
    public static Tensor Random(ImmutableArray<long> shape, ulong seed, float scale = 1)
    {
        var tensor = new Tensor(shape);
        const float unit = 1f / (1 << 23);
        tensor.Fill(seed, bits => scale * (((long)bits >> 40) * unit));
        return tensor;
    }

    /// <summary>
    /// Random integers, <paramref name="low"/> … <paramref name="high"/> inclusive: <c>low + ⌊u · (high − low + 1) / 2³²⌋</c>,
    /// where <c>u</c> is the upper half of the bits that <see cref="Random"/> uses. Sums of products of small integers are exact in
    /// float32, so tests can compare results of different plans bit for bit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is beyond ±2²⁴, where float32 stops counting, or low exceeds high.</exception>
    public static Tensor RandomIntegers(ImmutableArray<long> shape, ulong seed, int low, int high)
    {
        const int exact = 1 << 24;
        ArgumentOutOfRangeException.ThrowIfLessThan(low, -exact);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(high, exact);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(low, high);
        ulong values = (ulong)(high - low) + 1;
        var tensor = new Tensor(shape);
        tensor.Fill(seed, bits => low + (int)(((bits >> 32) * values) >> 32));
        return tensor;
    }

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();

    private void Fill(ulong seed, Func<ulong, float> number)
    {
        const int chunk = 1 << 20;
        const ulong golden = 0x9E3779B97F4A7C15;
        ulong state = Mix(seed);
        for (long start = 0; start < Length; start += chunk)
        {
            foreach (ref float element in Slice(start, (int)Math.Min(chunk, Length - start)))
            {
                state += golden;
                element = number(Mix(state));
            }
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
