using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pigeon.Kernels;

/// <summary>
/// Vectors of several short rows, of 1, 4 or 8 numbers each, one behind the other. The rows are those at consecutive positions of a list of
/// row numbers, or of the rows themselves where the list is null. <c>numbers</c> counts the numbers of the rows that there are, a multiple of
/// the rows' width; lanes behind them are 0 when they are loaded, and are not stored. No more memory is touched than those rows. There is at least one,
/// but rows of one number that are loaded may be none: a row of a graph without neighbours has no position in the list.
/// </summary>
public static unsafe class RowBlocks
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization;

    /// <summary>All bits of the first lanes.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> First512(int numbers) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(numbers)).AsSingle();

    /// <inheritdoc cref="First512"/>
    [MethodImpl(Fast)]
    public static Vector256<float> First256(int numbers) => Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(numbers)).AsSingle();

    /// <inheritdoc cref="First512"/>
    [MethodImpl(Fast)]
    public static Vector128<float> First128(int numbers) => Vector128.LessThan(Vector128<int>.Indices, Vector128.Create(numbers)).AsSingle();

    /// <summary>A row again and again.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Repeat512(float* row, int width) =>
        width == 8 ? Vector512.Create(Vector256.Load(row)) : width == 4 ? Vector512.Create(Vector128.Load(row)) : Vector512.Create(*row);

    /// <inheritdoc cref="Repeat512"/>
    [MethodImpl(Fast)]
    public static Vector256<float> Repeat256(float* row, int width) => width == 4 ? Vector256.Create(Vector128.Load(row)) : Vector256.Create(*row);

    /// <inheritdoc cref="Repeat512"/>
    [MethodImpl(Fast)]
    public static Vector128<float> Repeat128(float* row, int width) => Vector128.Create(row[width - 1]);

    /// <summary>Loads rows.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Load512(float* rows, int* list, int position, int numbers, int width) => width == 8
        ? Vector512.Create(Vector256.Load(Row(rows, list, position, 8)),
            numbers > 8 ? Vector256.Load(Row(rows, list, position + 1, 8)) : Vector256<float>.Zero)
        : Vector512.Create(Load256(rows, list, position, numbers, width),
            numbers > 8 ? Load256(rows, list, position + (8 / width), numbers - 8, width) : Vector256<float>.Zero);

    /// <inheritdoc cref="Load512"/>
    [MethodImpl(Fast)]
    public static Vector256<float> Load256(float* rows, int* list, int position, int numbers, int width)
    {
        if (width == 4)
        {
            return Vector256.Create(Vector128.Load(Row(rows, list, position, 4)),
                numbers > 4 ? Vector128.Load(Row(rows, list, position + 1, 4)) : Vector128<float>.Zero);
        }

        if (!Avx2.IsSupported)
        {
            return Vector256.Create(Load128(rows, list, position, numbers, width),
                numbers > 4 ? Load128(rows, list, position + 4, numbers - 4, width) : Vector128<float>.Zero);
        }

        Vector256<int> first = First256(numbers).AsInt32();
        return list == null
            ? Avx.MaskLoad(rows + position, first.AsSingle())
            : Avx2.GatherMaskVector256(Vector256<float>.Zero, rows, Avx2.MaskLoad(list + position, first), first.AsSingle(), sizeof(float));
    }

    /// <inheritdoc cref="Load512"/>
    [MethodImpl(Fast)]
    public static Vector128<float> Load128(float* rows, int* list, int position, int numbers, int width) => Vector128.Create(
        numbers > 0 ? *Row(rows, list, position, width) : 0,
        numbers > 1 ? *Row(rows, list, position + 1, width) : 0,
        numbers > 2 ? *Row(rows, list, position + 2, width) : 0,
        numbers > 3 ? *Row(rows, list, position + 3, width) : 0);

    /// <summary>Stores rows.</summary>
    [MethodImpl(Fast)]
    public static void Store(Vector512<float> block, float* rows, int* list, int position, int numbers, int width)
    {
        if (width == 8)
        {
            block.GetLower().Store(Row(rows, list, position, 8));
            if (numbers > 8)
            {
                block.GetUpper().Store(Row(rows, list, position + 1, 8));
            }
        }
        else if (list == null && numbers == 16)
        {
            block.Store(rows + ((nint)position * width));
        }
        else
        {
            Store(block.GetLower(), rows, list, position, numbers, width);
            if (numbers > 8)
            {
                Store(block.GetUpper(), rows, list, position + (8 / width), numbers - 8, width);
            }
        }
    }

    /// <inheritdoc cref="Store(Vector512{float}, float*, int*, int, int, int)"/>
    [MethodImpl(Fast)]
    public static void Store(Vector256<float> block, float* rows, int* list, int position, int numbers, int width)
    {
        if (width == 4)
        {
            block.GetLower().Store(Row(rows, list, position, 4));
            if (numbers > 4)
            {
                block.GetUpper().Store(Row(rows, list, position + 1, 4));
            }
        }
        else if (list == null && Avx.IsSupported)
        {
            Avx.MaskStore(rows + position, First256(numbers), block);
        }
        else
        {
            Scatter((float*)&block, rows, list, position, Math.Min(numbers, 8));
        }
    }

    /// <inheritdoc cref="Store(Vector512{float}, float*, int*, int, int, int)"/>
    [MethodImpl(Fast)]
    public static void Store(Vector128<float> block, float* rows, int* list, int position, int numbers, int width) =>
        Scatter((float*)&block, rows, list, position, numbers / width);

    /// <summary>Stores rows of one number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Scatter(float* block, float* rows, int* list, int position, int count)
    {
        for (int i = 0; i < count; i++)
        {
            rows[list == null ? position + i : list[position + i]] = block[i];
        }
    }

    [MethodImpl(Fast)]
    private static float* Row(float* rows, int* list, int position, int width) => rows + ((nint)(list == null ? position : list[position]) * width);
}
