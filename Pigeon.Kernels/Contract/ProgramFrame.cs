using System.Runtime.CompilerServices;

namespace Pigeon.Kernels;

/// <summary>
/// What a generated program runs on: sizes, index arrays, buffers, threads and the cut of each kernel's rows into parts. The
/// indices into it are those of the <see cref="ProgramSignature"/>. The owner keeps everything alive while the program runs. A generated program
/// takes a hundred pointers once: inlined that was a tenth of its machine code.
/// </summary>
public sealed unsafe class ProgramFrame
{
    private readonly int[]?[] values;
    private readonly int[]?[] offsets;
    private readonly int[]?[] orders;
    private readonly nint[] buffers;
    private readonly long[] numbersOfThread;
    private BoundMap[]? indices;
    private int[]?[]? ordered;

    /// <summary>Creates a frame.</summary>
    public ProgramFrame(int[] sizes, BoundMap[] indices, int[]?[] ordered, nint[] buffers, long[] numbersOfThread, nint scratch, nint shared,
        RowCut[] cuts, Workers workers)
    {
        this.indices = indices;
        this.ordered = ordered;
        this.buffers = buffers;
        this.numbersOfThread = numbersOfThread;
        (values, offsets, orders) = (new int[indices.Length][], new int[indices.Length][], new int[indices.Length][]);
        Sizes = sizes;
        Scratch = (float*)scratch;
        Shared = (float*)shared;
        Cuts = cuts;
        Splits = [.. cuts.Select(cut => cut.Bounds)];
        Workers = workers;
    }

    /// <summary>The number of rows of each space.</summary>
    public int[] Sizes { get; }

    /// <summary>The scratch of all threads; each has as many floats as the signature asks for.</summary>
    public float* Scratch { get; }

    /// <summary>The scratch of the rows that threads share; as many floats as the signature asks for.</summary>
    public float* Shared { get; }

    /// <summary>For each kernel, how its rows are cut among the threads.</summary>
    public RowCut[] Cuts { get; }

    /// <summary>For each kernel, the boundaries of its parts.</summary>
    public int[][] Splits { get; }

    /// <summary>The threads, one part each.</summary>
    public Workers Workers { get; }

    /// <summary>Holds from now on only the index arrays asked for so far; a program asks for the same ones whenever it is bound.</summary>
    public void LetGo() => (indices, ordered) = (null, null);

    /// <summary>The values of an index.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int* Values(int index) => Pointer(values[index] ??= ordered![index] ?? indices![index].Values);

    /// <summary>The offsets of a map's compressed rows.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int* Offsets(int index) => Pointer(offsets[index] ??= indices![index].Offsets);

    /// <summary>The elements in the order of the compressed rows; null where that is the identity.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int* Order(int index) => (orders[index] ??= indices?[index].Order) is { } order ? Pointer(order) : null;

    /// <summary>A buffer, of floats where its signature says no other element type.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public float* Buffer(int index) => (float*)buffers[index];

    /// <summary>The numbers of a loop buffer from one thread's rows to the next thread's.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long NumbersOfThread(int index) => numbersOfThread[index];

    // All index arrays are allocated pinned, so the address stays.
    private static int* Pointer(int[] pinned) => (int*)Unsafe.AsPointer(
        ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(pinned));
}
