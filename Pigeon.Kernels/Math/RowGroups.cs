using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pigeon.Kernels;

/// <summary>
/// Rows of about as many neighbours, side by side in the lanes of a vector: the k-th neighbours of all of them are computed at once, and sums over
/// neighbours stay in their lanes. A row has 1 number or 4. Positions are those of one neighbour of each row; they pick rows of a list of places, or of
/// the numbers themselves where the list is null.
/// </summary>
public static unsafe class RowGroups
{
    /// <summary>The most rows that are sorted together: what they read and write stays in the second cache.</summary>
    public const int Window = 1024;

    /// <summary>The most rows of a group.</summary>
    public const int MostRows = 16;

    /// <summary>The most neighbours of a row in a group.</summary>
    public const int Neighbours = 64;

    /// <summary>The class of rows in no group.</summary>
    private const int Single = Neighbours + 1;

    private const MethodImplOptions Fast = MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization;

    /// <summary>
    /// Orders rows by how many neighbours they have, those of as many as they are. The last row is repeated until the last group is full: so whether a row
    /// is in a group, and with it the order of its sums, does not depend on the other rows. Rows of none or more than <see cref="Neighbours"/> come behind, in no
    /// group.
    /// </summary>
    /// <param name="offsets">The positions of the neighbours.</param>
    /// <param name="begin">The first row.</param>
    /// <param name="end">The end of the rows, at most <see cref="Window"/> of them.</param>
    /// <param name="group">The rows of a group, at most <see cref="MostRows"/>.</param>
    /// <param name="order">Takes the rows: as many and a group more.</param>
    /// <param name="singles">How many rows are in no group.</param>
    /// <returns>How many places groups take, from the first on.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static int Sort(int* offsets, int begin, int end, int group, int* order, out int singles)
    {
        byte* classes = stackalloc byte[Window];
        int count = end - begin;
        Classify(&offsets[begin], count, classes);

        // Neighbouring rows are often of one class: counted apart, they don't wait for each other.
        int* places = stackalloc int[2 * (Single + 2)];
        new Span<int>(places, 2 * (Single + 2)).Clear();
        int* others = places + Single + 2;
        int i = 0;
        for (; i + 1 < count; i += 2)
        {
            places[classes[i] + 1]++;
            others[classes[i + 1] + 1]++;
        }

        if (i < count)
        {
            places[classes[i] + 1]++;
        }

        for (i = 1; i <= Single + 1; i++)
        {
            places[i] += places[i - 1] + others[i];
        }

        int grouped = places[Single];
        singles = count - grouped;
        int full = (grouped + group - 1) / group * group;
        places[Single] = full;
        for (i = 0; i < count; i++)
        {
            order[places[classes[i]]++] = begin + i;
        }

        for (i = grouped; i < full; i++)
        {
            order[i] = order[grouped - 1];
        }

        return full;
    }

    /// <summary>The numbers of neighbours of rows; <see cref="Single"/> for rows in no group.</summary>
    private static void Classify(int* offsets, int count, byte* classes)
    {
        int i = 0;
        for (; i + Vector256<int>.Count <= count; i += Vector256<int>.Count)
        {
            Vector256<int> neighbours = Vector256.Load(&offsets[i + 1]) - Vector256.Load(&offsets[i]);
            Vector256<int> isSingle = Vector256.Equals(neighbours, Vector256<int>.Zero) | Vector256.GreaterThan(neighbours, Vector256.Create(Neighbours));
            Vector256<uint> found = Vector256.ConditionalSelect(isSingle, Vector256.Create(Single), neighbours).AsUInt32();
            Vector128<ushort> narrow = Vector128.Narrow(found.GetLower(), found.GetUpper());
            *(ulong*)&classes[i] = Vector128.Narrow(narrow, narrow).AsUInt64()[0];
        }

        for (; i < count; i++)
        {
            int neighbours = offsets[i + 1] - offsets[i];
            classes[i] = (byte)(neighbours is > 0 and <= Neighbours ? neighbours : Single);
        }
    }

    /// <summary>Numbers of an array.</summary>
    [MethodImpl(Fast)]
    public static Vector512<int> Gather(int* numbers, Vector512<int> at) => Vector512.Create(Gather(numbers, at.GetLower()), Gather(numbers, at.GetUpper()));

    /// <inheritdoc cref="Gather(int*, Vector512{int})"/>
    [MethodImpl(Fast)]
    public static Vector256<int> Gather(int* numbers, Vector256<int> at) => Avx2.IsSupported
        ? Avx2.GatherVector256(numbers, at, sizeof(int))
        : Vector256.Create(Gather(numbers, at.GetLower()), Gather(numbers, at.GetUpper()));

    /// <inheritdoc cref="Gather(int*, Vector512{int})"/>
    [MethodImpl(Fast)]
    public static Vector128<int> Gather(int* numbers, Vector128<int> at) => Vector128.Create(numbers[at[0]], numbers[at[1]], numbers[at[2]], numbers[at[3]]);

    /// <summary>Rows of one number.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Load512(float* numbers, int* list, Vector512<int> at) =>
        Gather((int*)numbers, list == null ? at : Gather(list, at)).AsSingle();

    /// <summary>Rows of four numbers.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Load512(float* numbers, int* list, Vector128<int> at)
    {
        Vector256<float> lower, upper;
        if (list == null)
        {
            lower = Vector256.Create(Four(numbers, at[0]), Four(numbers, at[1]));
            upper = Vector256.Create(Four(numbers, at[2]), Four(numbers, at[3]));
        }
        else
        {
            lower = Vector256.Create(Four(numbers, list[at[0]]), Four(numbers, list[at[1]]));
            upper = Vector256.Create(Four(numbers, list[at[2]]), Four(numbers, list[at[3]]));
        }

        return Vector512.Create(lower, upper);
    }

    [MethodImpl(Fast)]
    private static Vector128<float> Four(float* numbers, int row) => Vector128.Load(numbers + ((nint)row * 4));

    /// <inheritdoc cref="Load512(float*, int*, Vector512{int})"/>
    [MethodImpl(Fast)]
    public static Vector256<float> Load256(float* numbers, int* list, Vector256<int> at) =>
        Gather((int*)numbers, list == null ? at : Gather(list, at)).AsSingle();

    /// <inheritdoc cref="Load512(float*, int*, Vector512{int})"/>
    [MethodImpl(Fast)]
    public static Vector128<float> Load128(float* numbers, int* list, Vector128<int> at) =>
        Gather((int*)numbers, list == null ? at : Gather(list, at)).AsSingle();

    /// <summary>A number for each row, in all lanes of the row.</summary>
    [MethodImpl(Fast)]
    public static Vector512<int> Spread512(Vector512<int> ofRows) => ofRows;

    /// <inheritdoc cref="Spread512(Vector512{int})"/>
    [MethodImpl(Fast)]
    public static Vector512<int> Spread512(Vector128<int> ofRows) => Vector512.Shuffle(
        Vector512.Create(Vector256.Create(ofRows, ofRows), Vector256.Create(ofRows, ofRows)),
        Vector512.Create(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3));

    /// <inheritdoc cref="Spread512(Vector512{int})"/>
    [MethodImpl(Fast)]
    public static Vector256<int> Spread256(Vector256<int> ofRows) => ofRows;

    /// <inheritdoc cref="Spread512(Vector512{int})"/>
    [MethodImpl(Fast)]
    public static Vector128<int> Spread128(Vector128<int> ofRows) => ofRows;

    /// <summary>How many rows, which are the first ones, have no k-th neighbour.</summary>
    [MethodImpl(Fast)]
    public static int Ended(Vector512<int> neighbours, int k) => Vector512.CountWhereAllBitsSet(Vector512.LessThanOrEqual(neighbours, Vector512.Create(k)));

    /// <inheritdoc cref="Ended(Vector512{int}, int)"/>
    [MethodImpl(Fast)]
    public static int Ended(Vector256<int> neighbours, int k) => Vector256.CountWhereAllBitsSet(Vector256.LessThanOrEqual(neighbours, Vector256.Create(k)));

    /// <inheritdoc cref="Ended(Vector512{int}, int)"/>
    [MethodImpl(Fast)]
    public static int Ended(Vector128<int> neighbours, int k) => Vector128.CountWhereAllBitsSet(Vector128.LessThanOrEqual(neighbours, Vector128.Create(k)));

    /// <summary>Stores rows of one number, from the row <paramref name="from"/> on.</summary>
    [MethodImpl(Fast)]
    public static void Store(Vector512<float> rows, float* numbers, int* list, Vector512<int> at, int from) =>
        Scatter((float*)&rows, numbers, list, (int*)&at, from, 16);

    /// <inheritdoc cref="Store(Vector512{float}, float*, int*, Vector512{int}, int)"/>
    [MethodImpl(Fast)]
    public static void Store(Vector256<float> rows, float* numbers, int* list, Vector256<int> at, int from) =>
        Scatter((float*)&rows, numbers, list, (int*)&at, from, 8);

    /// <inheritdoc cref="Store(Vector512{float}, float*, int*, Vector512{int}, int)"/>
    [MethodImpl(Fast)]
    public static void Store(Vector128<float> rows, float* numbers, int* list, Vector128<int> at, int from) =>
        Scatter((float*)&rows, numbers, list, (int*)&at, from, 4);

    /// <summary>Stores rows of four numbers, from the row <paramref name="from"/> on.</summary>
    [MethodImpl(Fast)]
    public static void Store(Vector512<float> rows, float* numbers, int* list, Vector128<int> at, int from)
    {
        Vector128<int> places = list == null ? at : Gather(list, at);
        if (from < 1)
        {
            rows.GetLower().GetLower().Store(numbers + ((nint)places[0] * 4));
        }

        if (from < 2)
        {
            rows.GetLower().GetUpper().Store(numbers + ((nint)places[1] * 4));
        }

        if (from < 3)
        {
            rows.GetUpper().GetLower().Store(numbers + ((nint)places[2] * 4));
        }

        rows.GetUpper().GetUpper().Store(numbers + ((nint)places[3] * 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Scatter(float* rows, float* numbers, int* list, int* at, int from, int end)
    {
        if (list == null)
        {
            for (int i = from; i < end; i++)
            {
                numbers[at[i]] = rows[i];
            }
        }
        else
        {
            for (int i = from; i < end; i++)
            {
                numbers[list[at[i]]] = rows[i];
            }
        }
    }
}
