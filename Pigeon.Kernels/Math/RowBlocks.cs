using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pigeon.Kernels;

/// <summary>
/// Vectors of several short rows, one behind the other. Rows of one number are loaded and stored at consecutive positions of a list of their places, or
/// of the numbers themselves where the list is null. <c>count</c> of them are there: lanes behind them are 0 when they are loaded, and are not stored. No
/// more memory is touched, neither of the numbers nor of the list.
/// </summary>
public static unsafe class RowBlocks
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization;

    /// <summary>All bits of the first lanes.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> First512(int count) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();

    /// <inheritdoc cref="First512"/>
    [MethodImpl(Fast)]
    public static Vector256<float> First256(int count) => Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();

    /// <inheritdoc cref="First512"/>
    [MethodImpl(Fast)]
    public static Vector128<float> First128(int count) => Vector128.LessThan(Vector128<int>.Indices, Vector128.Create(count)).AsSingle();

    /// <summary>A row of 1, 4 or 8 numbers again and again.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Repeat512(float* row, int width) =>
        width == 8 ? Vector512.Create(Vector256.Load(row)) : width == 4 ? Vector512.Create(Vector128.Load(row)) : Vector512.Create(*row);

    /// <inheritdoc cref="Repeat512"/>
    [MethodImpl(Fast)]
    public static Vector256<float> Repeat256(float* row, int width) => width == 4 ? Vector256.Create(Vector128.Load(row)) : Vector256.Create(*row);

    /// <inheritdoc cref="Repeat512"/>
    [MethodImpl(Fast)]
    public static Vector128<float> Repeat128(float* row, int width) => Vector128.Create(row[width - 1]);

    /// <summary>Loads numbers.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Load512(float* numbers, int* list, int position, int count) => Vector512.Create(
        Load256(numbers, list, position, count),
        count > 8 ? Load256(numbers, list, position + 8, count - 8) : Vector256<float>.Zero);

    /// <inheritdoc cref="Load512"/>
    [MethodImpl(Fast)]
    public static Vector256<float> Load256(float* numbers, int* list, int position, int count)
    {
        if (!Avx2.IsSupported)
        {
            return Vector256.Create(
                Load128(numbers, list, position, count),
                count > 4 ? Load128(numbers, list, position + 4, count - 4) : Vector128<float>.Zero);
        }

        Vector256<float> first = First256(count);
        return list == null
            ? Avx.MaskLoad(numbers + position, first)
            : Avx2.GatherMaskVector256(Vector256<float>.Zero, numbers, Avx2.MaskLoad(list + position, first.AsInt32()), first, sizeof(float));
    }

    /// <inheritdoc cref="Load512"/>
    [MethodImpl(Fast)]
    public static Vector128<float> Load128(float* numbers, int* list, int position, int count)
    {
        return Vector128.Create(Number(0), Number(1), Number(2), Number(3));

        float Number(int lane) => lane < count ? numbers[list == null ? position + lane : list[position + lane]] : 0;
    }

    /// <summary>Loads rows of four numbers; lanes behind the last row hold it again.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> LoadFours512(float* numbers, int* list, int position, int count)
    {
        if (list == null && count == 16)
        {
            return Vector512.Load(&numbers[(nint)position * 4]);
        }

        int last = position + ((count - 1) >> 2);
        (int second, int third, int fourth) = (Math.Min(position + 1, last), Math.Min(position + 2, last), Math.Min(position + 3, last));
        Vector256<float> lower, upper;
        if (list == null)
        {
            lower = Vector256.Create(Four(numbers, position), Four(numbers, second));
            upper = Vector256.Create(Four(numbers, third), Four(numbers, fourth));
        }
        else
        {
            lower = Vector256.Create(Four(numbers, list[position]), Four(numbers, list[second]));
            upper = Vector256.Create(Four(numbers, list[third]), Four(numbers, list[fourth]));
        }

        return Vector512.Create(lower, upper);
    }

    /// <inheritdoc cref="LoadFours512"/>
    [MethodImpl(Fast)]
    public static Vector256<float> LoadFours256(float* numbers, int* list, int position, int count)
    {
        int second = count > 4 ? position + 1 : position;
        return list == null
            ? Vector256.Create(Four(numbers, position), Four(numbers, second))
            : Vector256.Create(Four(numbers, list[position]), Four(numbers, list[second]));
    }

    [MethodImpl(Fast)]
    private static Vector128<float> Four(float* numbers, int row) => Vector128.Load(&numbers[(nint)row * 4]);

    /// <summary>Stores rows of four numbers.</summary>
    [MethodImpl(Fast)]
    public static void StoreFours(Vector512<float> block, float* numbers, int* list, int position, int count)
    {
        if (list == null && count == 16)
        {
            block.Store(&numbers[(nint)position * 4]);
            return;
        }

        StoreFours(block.GetLower(), numbers, list, position, count);
        if (count > 8)
        {
            StoreFours(block.GetUpper(), numbers, list, position + 2, count - 8);
        }
    }

    /// <inheritdoc cref="StoreFours(Vector512{float}, float*, int*, int, int)"/>
    [MethodImpl(Fast)]
    public static void StoreFours(Vector256<float> block, float* numbers, int* list, int position, int count)
    {
        block.GetLower().Store(&numbers[(nint)(list == null ? position : list[position]) * 4]);
        if (count > 4)
        {
            block.GetUpper().Store(&numbers[(nint)(list == null ? position + 1 : list[position + 1]) * 4]);
        }
    }

    /// <summary>Stores numbers.</summary>
    [MethodImpl(Fast)]
    public static void Store(Vector512<float> block, float* numbers, int* list, int position, int count)
    {
        Store(block.GetLower(), numbers, list, position, count);
        if (count > 8)
        {
            Store(block.GetUpper(), numbers, list, position + 8, count - 8);
        }
    }

    /// <inheritdoc cref="Store(Vector512{float}, float*, int*, int, int)"/>
    [MethodImpl(Fast)]
    public static void Store(Vector256<float> block, float* numbers, int* list, int position, int count)
    {
        if (list == null && Avx.IsSupported)
        {
            Avx.MaskStore(numbers + position, First256(count), block);
        }
        else
        {
            Scatter((float*)&block, numbers, list, position, Math.Min(count, 8));
        }
    }

    /// <inheritdoc cref="Store(Vector512{float}, float*, int*, int, int)"/>
    [MethodImpl(Fast)]
    public static void Store(Vector128<float> block, float* numbers, int* list, int position, int count) =>
        Scatter((float*)&block, numbers, list, position, count);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Scatter(float* block, float* numbers, int* list, int position, int count)
    {
        for (int i = 0; i < count; i++)
        {
            numbers[list == null ? position + i : list[position + i]] = block[i];
        }
    }
}
