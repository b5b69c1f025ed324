using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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

    /// <summary>The largest element.</summary>
    [MethodImpl(Fast)]
    public static float Max(Vector512<float> x) => Max(Vector256.Max(x.GetLower(), x.GetUpper()));

    /// <inheritdoc cref="Max(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Max(Vector256<float> x) => Max(Vector128.Max(x.GetLower(), x.GetUpper()));

    /// <inheritdoc cref="Max(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Max(Vector128<float> x) => MathF.Max(MathF.Max(x[0], x[1]), MathF.Max(x[2], x[3]));

    /// <summary>The smallest element.</summary>
    [MethodImpl(Fast)]
    public static float Min(Vector512<float> x) => Min(Vector256.Min(x.GetLower(), x.GetUpper()));

    /// <inheritdoc cref="Min(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Min(Vector256<float> x) => Min(Vector128.Min(x.GetLower(), x.GetUpper()));

    /// <inheritdoc cref="Min(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Min(Vector128<float> x) => MathF.Min(MathF.Min(x[0], x[1]), MathF.Min(x[2], x[3]));

    /// <summary>The product of the elements.</summary>
    [MethodImpl(Fast)]
    public static float Product(Vector512<float> x) => Product(x.GetLower() * x.GetUpper());

    /// <inheritdoc cref="Product(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Product(Vector256<float> x) => Product(x.GetLower() * x.GetUpper());

    /// <inheritdoc cref="Product(Vector512{float})"/>
    [MethodImpl(Fast)]
    public static float Product(Vector128<float> x) => x[0] * x[1] * (x[2] * x[3]);

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
}
