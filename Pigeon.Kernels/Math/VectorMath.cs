using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Pigeon.Kernels;

/// <summary>
/// Functions that kernels need and vectors lack, in single precision. Every width gives the same bits: the files of 512, 256 and 128 bits
/// hold the same text for the other vector, so that each runs in hardware where its vectors do. They are inlined into generated code
/// where that fits, and otherwise are compiled with full optimisation at once: code that is called from a fresh kernel has no time to
/// warm up.
/// </summary>
public static partial class VectorMath
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization;
    private const float SmallTanh = 0.15f;
    private const float SmallErf = 0.5f;

    /// <inheritdoc cref="Exp(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Exp(float x) => Exp(Vector128.CreateScalar(x)).ToScalar();

    /// <inheritdoc cref="Tanh(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Tanh(float x) => Tanh(Vector128.CreateScalar(x)).ToScalar();

    /// <inheritdoc cref="Sigmoid(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Sigmoid(float x) => 1 / (1 + Exp(-x));

    /// <inheritdoc cref="Erf(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Erf(float x) => Erf(Vector128.CreateScalar(x)).ToScalar();

    /// <summary>One of two numbers, by which of two others is less, without a jump: no machine foresees which way those of data go.</summary>
    [MethodImpl(Fast)]
    public static float IfLess(float x, float y, float then, float otherwise) => Vector128.ConditionalSelect(
        Vector128.LessThan(Vector128.CreateScalarUnsafe(x), Vector128.CreateScalarUnsafe(y)),
        Vector128.CreateScalarUnsafe(then), Vector128.CreateScalarUnsafe(otherwise)).ToScalar();

    /// <summary>One of two numbers, by whether two others are equal, without a jump.</summary>
    [MethodImpl(Fast)]
    public static float IfEqual(float x, float y, float then, float otherwise) => Vector128.ConditionalSelect(
        Vector128.Equals(Vector128.CreateScalarUnsafe(x), Vector128.CreateScalarUnsafe(y)),
        Vector128.CreateScalarUnsafe(then), Vector128.CreateScalarUnsafe(otherwise)).ToScalar();

    /// <summary>Asks for the cache line of a number ahead of its use, where the machine can; reading it is not needed for the result.</summary>
    [MethodImpl(Fast)]
    public static unsafe void Prefetch(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>Asks for a cache line and the next three: one call to inline in place of four.</summary>
    [MethodImpl(Fast)]
    public static unsafe void PrefetchFour(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
            Sse.Prefetch0((byte*)address + 64);
            Sse.Prefetch0((byte*)address + 128);
            Sse.Prefetch0((byte*)address + 192);
        }
    }

    /// <summary>Asks for a cache line and the next three, where <paramref name="memory"/> for the second cache alone: see the compiler's Prefetch.</summary>
    [MethodImpl(Fast)]
    public static unsafe void PrefetchFour(void* address, bool memory)
    {
        if (!memory)
        {
            PrefetchFour(address);
        }
        else if (Sse.IsSupported)
        {
            Sse.Prefetch1(address);
            Sse.Prefetch1((byte*)address + 64);
            Sse.Prefetch1((byte*)address + 128);
            Sse.Prefetch1((byte*)address + 192);
        }
    }

    /// <summary>Lets other threads see what was stored past the caches before what this thread stores from now on.</summary>
    [MethodImpl(Fast)]
    public static void EndStreams()
    {
        // Other machines order such stores as all others.
        if (Sse.IsSupported)
        {
            Sse.StoreFence();
        }
    }

    /// <summary>The size of parts of <paramref name="count"/> that are at most <paramref name="most"/>, as few as can be and alike but for the last.</summary>
    public static int Even(int count, int most)
    {
        int parts = ((count - 1) / most) + 1;
        return ((count - 1) / parts) + 1;
    }

    /// <summary>
    /// The largest element. Machines take that of two numbers in one instruction, but for numbers that are none, and the signs of zeros.
    /// </summary>
    [MethodImpl(Fast)]
    public static float Max(Vector512<float> x)
    {
        float found = NativeMax(x);
        return !Vector512.EqualsAll(x, x) ? float.NaN : found != 0 ? found : Vector512.EqualsAny(x.AsInt32(), Vector512<int>.Zero) ? 0f : -0f;
    }

    /// <inheritdoc cref="Max(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Max(Vector256<float> x)
    {
        float found = NativeMax(x);
        return !Vector256.EqualsAll(x, x) ? float.NaN : found != 0 ? found : Vector256.EqualsAny(x.AsInt32(), Vector256<int>.Zero) ? 0f : -0f;
    }

    /// <inheritdoc cref="Max(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Max(Vector128<float> x)
    {
        float found = NativeMax(x);
        return !Vector128.EqualsAll(x, x) ? float.NaN : found != 0 ? found : Vector128.EqualsAny(x.AsInt32(), Vector128<int>.Zero) ? 0f : -0f;
    }

    [MethodImpl(Fast)]
    private static float NativeMax(Vector512<float> x) => NativeMax(Vector256.MaxNative(x.GetLower(), x.GetUpper()));

    [MethodImpl(Fast)]
    private static float NativeMax(Vector256<float> x) => NativeMax(Vector128.MaxNative(x.GetLower(), x.GetUpper()));

    [MethodImpl(Fast)]
    private static float NativeMax(Vector128<float> x)
    {
        Vector128<float> two = Vector128.MaxNative(x, Vector128.Shuffle(x, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>The smallest element: see <see cref="Max(Vector512{float})"/>.</summary>
    [MethodImpl(Fast)]
    public static float Min(Vector512<float> x)
    {
        float found = NativeMin(x);
        return !Vector512.EqualsAll(x, x) ? float.NaN : found != 0 ? found : Vector512.EqualsAny(x.AsInt32(), Vector512.Create(int.MinValue)) ? -0f : 0f;
    }

    /// <inheritdoc cref="Min(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Min(Vector256<float> x)
    {
        float found = NativeMin(x);
        return !Vector256.EqualsAll(x, x) ? float.NaN : found != 0 ? found : Vector256.EqualsAny(x.AsInt32(), Vector256.Create(int.MinValue)) ? -0f : 0f;
    }

    /// <inheritdoc cref="Min(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Min(Vector128<float> x)
    {
        float found = NativeMin(x);
        return !Vector128.EqualsAll(x, x) ? float.NaN : found != 0 ? found : Vector128.EqualsAny(x.AsInt32(), Vector128.Create(int.MinValue)) ? -0f : 0f;
    }

    [MethodImpl(Fast)]
    private static float NativeMin(Vector512<float> x) => NativeMin(Vector256.MinNative(x.GetLower(), x.GetUpper()));

    [MethodImpl(Fast)]
    private static float NativeMin(Vector256<float> x) => NativeMin(Vector128.MinNative(x.GetLower(), x.GetUpper()));

    [MethodImpl(Fast)]
    private static float NativeMin(Vector128<float> x)
    {
        Vector128<float> two = Vector128.MinNative(x, Vector128.Shuffle(x, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MinNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>The product of the elements.</summary>
    [MethodImpl(Fast)]
    public static float Product(Vector512<float> x) => Product(x.GetLower() * x.GetUpper());

    /// <inheritdoc cref="Product(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Product(Vector256<float> x) => Product(x.GetLower() * x.GetUpper());

    /// <inheritdoc cref="Product(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Product(Vector128<float> x) => x[0] * x[1] * (x[2] * x[3]);

    /// <summary>The sum of the elements, in the order of <see cref="Sums(Vector512{float}, Vector512{float}, Vector512{float}, Vector512{float})"/>.</summary>
    [MethodImpl(Fast)]
    public static float Sum(Vector512<float> x) => Sum(x.GetLower() + x.GetUpper());

    /// <inheritdoc cref="Sum(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Sum(Vector256<float> x) => Sum(x.GetLower() + x.GetUpper());

    /// <inheritdoc cref="Sum(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Sum(Vector128<float> x)
    {
        Vector128<float> pairs = x + Vector128.Shuffle(x, Vector128.Create(1, 0, 3, 2));
        return pairs[0] + pairs[2];
    }

    /// <summary>The sums of the elements of four vectors.</summary>
    [MethodImpl(Fast)]
    public static Vector128<float> Sums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        if (!Avx512F.IsSupported)
        {
            return Sums(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());
        }

        // In the same order: halves, halves of these, neighbours, and what is left; but several vectors at once, as shuffles are what takes the time.
        Vector512<float> ab = Avx512F.Shuffle4x128(a, b, 0x44) + Avx512F.Shuffle4x128(a, b, 0xEE);
        Vector512<float> cd = Avx512F.Shuffle4x128(c, d, 0x44) + Avx512F.Shuffle4x128(c, d, 0xEE);
        Vector512<float> lanes = Avx512F.Shuffle4x128(ab, cd, 0x88) + Avx512F.Shuffle4x128(ab, cd, 0xDD);
        Vector512<float> pairs = lanes + Avx512F.Permute4x32(lanes, 0xB1);
        Vector512<float> sums = pairs + Avx512F.Permute4x32(pairs, 0x4E);
        return Avx512F.PermuteVar16x32(sums, Vector512.Create(0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12)).GetLower().GetLower();
    }

    /// <inheritdoc cref="Sums(Vector512{float}, Vector512{float}, Vector512{float}, Vector512{float})"/>
    [MethodImpl(Fast)]
    public static Vector128<float> Sums(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) => Sums(
        a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());

    /// <inheritdoc cref="Sums(Vector512{float}, Vector512{float}, Vector512{float}, Vector512{float})"/>
    [MethodImpl(Fast)]
    public static Vector128<float> Sums(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        if (Sse3.IsSupported)
        {
            return Sse3.HorizontalAdd(Sse3.HorizontalAdd(a, b), Sse3.HorizontalAdd(c, d));
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.AddPairwise(AdvSimd.Arm64.AddPairwise(a, b), AdvSimd.Arm64.AddPairwise(c, d));
        }

        return Vector128.Create(a[0] + a[1] + (a[2] + a[3]), b[0] + b[1] + (b[2] + b[3]), c[0] + c[1] + (c[2] + c[3]), d[0] + d[1] + (d[2] + d[3]));
    }

    /// <summary>The row of a type in compressed rows: the last one that begins at or before a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe int FindRow(int* offsets, int rows, int position)
    {
        int low = 0;
        int high = rows - 1;
        while (low < high)
        {
            int middle = low + ((high - low + 1) / 2);
            if (offsets[middle] <= position)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>The first row of compressed rows that begins at or after a position; the number of rows if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe int FirstRow(int* offsets, int rows, int position)
    {
        int low = 0;
        int high = rows;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (offsets[middle] >= position)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>Adds <paramref name="count"/> numbers to others in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Add(float* to, float* from, int count)
    {
        for (int i = 0; i < count; i++)
        {
            to[i] += from[i];
        }
    }

    /// <summary>Writes a matrix with its axes exchanged.</summary>
    /// <param name="to">Takes <paramref name="columns"/> rows of <paramref name="rows"/> numbers.</param>
    /// <param name="from">Holds <paramref name="rows"/> rows of <paramref name="columns"/> numbers.</param>
    /// <param name="rows">The rows of <paramref name="from"/>.</param>
    /// <param name="columns">The columns of <paramref name="from"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Transpose(float* to, float* from, int rows, int columns)
    {
        for (int column = 0; column < columns; column++, to += rows)
        {
            for (int row = 0; row < rows; row++)
            {
                to[row] = from[((nint)row * columns) + column];
            }
        }
    }
}
