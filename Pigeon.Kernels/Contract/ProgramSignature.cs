using System.Collections.Immutable;

namespace Pigeon.Kernels;

/// <summary>Who provides a buffer and how long it lives.</summary>
public enum BufferRole
{
    /// <summary>The caller gives it for each run.</summary>
    Input,

    /// <summary>The caller gives it; it changes when the model learns.</summary>
    Weight,

    /// <summary>Computed once: when the graph is bound, or its weights are given.</summary>
    Constant,

    /// <summary>A result.</summary>
    Output,

    /// <summary>Alive between kernels of one run.</summary>
    Internal,

    /// <summary>In the memory of another buffer: its rows under another name, or what takes its place when it is read no more.</summary>
    View,
}

/// <summary>A buffer of a generated program: one row of numbers for each row of a space.</summary>
/// <param name="Name">The caller's name for inputs, weights and outputs, otherwise the value's number.</param>
/// <param name="Space">The space, an index into <see cref="ProgramSignature.Spaces"/>.</param>
/// <param name="Row">The shape of a row.</param>
/// <param name="Role">Who provides it.</param>
/// <param name="FirstKernel">The first kernel that touches it.</param>
/// <param name="LastKernel">The last kernel that touches it.</param>
/// <param name="Shared">The buffer whose memory a view is, an index into <see cref="ProgramSignature.Buffers"/>.</param>
/// <param name="Walk">The map whose neighbours a loop buffer has rows for, an index into <see cref="ProgramSignature.Indices"/>: each thread
/// has as many rows as the longest walk. -1 for a buffer with a row for each row of the space.</param>
/// <param name="Element">What its numbers are stored in; outputs are floats, and the caller gives and gets floats in any case.</param>
public sealed record BufferSignature(string Name, int Space, ImmutableArray<int> Row, BufferRole Role, int FirstKernel, int LastKernel,
    int Shared = BufferSignature.Own, int Walk = -1, ElementType Element = ElementType.F32)
{
    private const int LineBytes = 64;

    /// <summary>What <see cref="Shared"/> is for a buffer with memory of its own.</summary>
    public const int Own = -1;

    /// <summary>How it is called in a text: by the caller's name, or by its number.</summary>
    public string Text => Role is BufferRole.Input or BufferRole.Weight or BufferRole.Output ? NameText.Of(Name) : Name;

    /// <summary>The numbers of one row.</summary>
    public int Width => Row.Aggregate(1, (product, extent) => checked(product * extent));

    /// <summary>The bytes of one row.</summary>
    public long RowBytes => (long)Width * Element.Bytes();

    /// <summary>
    /// The numbers that one thread has of a loop buffer, at least those of a <see cref="RowBatches">batch</see>: whole cache lines, so that no two threads
    /// write the same, and one more, so that the last neighbours may be stored as a whole vector.
    /// </summary>
    /// <param name="longest">The most neighbours that a row has.</param>
    public long NumbersOfThread(int longest)
    {
        long bytes = Math.Max(longest, RowBatches.Neighbours) * RowBytes;
        return (bytes + (2 * LineBytes) - 1) / LineBytes * LineBytes / Element.Bytes();
    }
}

/// <summary>An index array that a generated program reads.</summary>
/// <param name="Map">The map.</param>
/// <param name="OrderedBy">Where given, the map's values in the order of this map's compressed rows.</param>
public sealed record IndexSignature(Map Map, Map? OrderedBy = null);

/// <summary>A kernel of a generated program.</summary>
/// <param name="Name">The kernel's name, also of the method that runs it.</param>
/// <param name="Space">The space it runs over, an index into <see cref="ProgramSignature.Spaces"/>.</param>
/// <param name="Cost">The map whose neighbours make up a row's cost, an index into <see cref="ProgramSignature.Indices"/>; -1 where
/// all rows cost the same.</param>
/// <param name="Order">The map in whose compressed order the kernel takes its rows, an index likewise; -1 where it takes them as they
/// are.</param>
/// <param name="Once">Whether it runs once for a graph, and again only for other weights if it reads any.</param>
/// <param name="Shares">Whether threads may share the neighbours of one row.</param>
public sealed record KernelSignature(string Name, int Space, int Cost, int Order, bool Once, bool Shares = false);

/// <summary>Everything a host needs to know to bind and run a generated program, without the compiler.</summary>
public sealed record ProgramSignature(
    string Name,
    ImmutableArray<IndexSpace> Spaces,
    ImmutableArray<IndexSignature> Indices,
    ImmutableArray<BufferSignature> Buffers,
    ImmutableArray<KernelSignature> Kernels,
    int ScratchFloats,
    int SharedFloats = 0)
{
    /// <summary>The floats that each shared row takes: scratch, and what every thread leaves of its sums.</summary>
    public nint FloatsOfShared(int threads) => ScratchFloats + ((nint)threads * SharedFloats);

    /// <summary>The bytes of scratch: that of the threads, and that of the rows that they share, at most <see cref="Partition.MostShared"/>.</summary>
    public (long Threads, long Shared) ScratchBytes(int threads) => ((long)ScratchFloats * threads * sizeof(float),
        Kernels.Any(kernel => kernel.Shares) ? Partition.MostShared(threads) * (long)FloatsOfShared(threads) * sizeof(float) : 0);

    /// <summary>Whether kernels that run once read a buffer that the caller gives: they run again when it changes.</summary>
    /// <param name="buffer">The buffer, an index into <see cref="Buffers"/>.</param>
    public bool IsReadOnce(int buffer) => Buffers[buffer] is { Role: BufferRole.Weight, FirstKernel: var first } && first < Kernels.Length && Kernels[first].Once;
}
