using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>A stage of a kernel, with where it stands: its phase (before or after the contraction), its step and its lanes.</summary>
internal sealed record PlacedStage(Stage Stage, int Phase, int Step, Map? Loop, CudaLayout Layout)
{
    /// <summary>Whether its results are of the neighbour, not of the row.</summary>
    public bool OfNeighbour => Loop is not null && Stage.Kind != StageKind.Reduce;

    /// <summary>Whether every lane computes everything: a single number, or one neighbour for each lane.</summary>
    public bool Alone => Layout.Elements == 1 || Layout.Lanes == 1;
}

/// <summary>
/// Decides where the values that a kernel computes are while it runs. A single number is in a register of every lane. A row that is
/// read as it was written stays in the registers of the lanes that wrote it. What a lane computes for a neighbour of its own is in an
/// array of its own. Everything else that is not in a buffer is in shared memory; what does not fit there gets a buffer after all.
/// </summary>
internal sealed class CudaPlaces
{
    /// <summary>The widest stage of a loop whose lanes take a neighbour each.</summary>
    public const int NarrowElements = 8;

    private const int PrivateElements = 16;
    private const int AlignedFloats = 4;
    private readonly Plan plan;
    private readonly Kernel kernel;
    private readonly int lanes;
    private readonly Dictionary<int, PlacedStage[]> writers;
    private readonly Dictionary<int, int> shared = [];

    /// <summary>Places the values of a kernel.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="kernel">One of its kernels.</param>
    /// <param name="lanes">The lanes of a group.</param>
    /// <param name="parts">The groups that share a row, each with a part of its elements.</param>
    public CudaPlaces(Plan plan, Kernel kernel, int lanes, int parts = 1)
    {
        (this.plan, this.kernel, this.lanes) = (plan, kernel, lanes);
        IsCut = parts > 1;
        Step[] steps = [.. kernel.Steps];
        Stages = [.. steps.SelectMany((step, s) => step.Stages.Select(stage =>
        {
            int phase = s < kernel.Before.Count ? 0 : 1;
            bool narrow = step.Loop is not null && step.Stages.All(x => x.Domain.Width <= NarrowElements);
            int vector = narrow ? 1 : CudaLayout.WidestVector(stage, Width, v => plan.Program.Values[v] is Operator.Uniform);
            return new PlacedStage(stage, phase, s, step.Loop, new((int)stage.Domain.Width, vector, narrow ? 1 : lanes * parts));
        }))];
        writers = Stages.GroupBy(s => s.Stage.Value).ToDictionary(g => g.Key, g => g.ToArray());
    }

    /// <summary>All stages, in order.</summary>
    public IReadOnlyList<PlacedStage> Stages { get; }

    /// <summary>Whether several groups share a row.</summary>
    public bool IsCut { get; }

    /// <summary>Values that got a buffer because shared memory was too small.</summary>
    public HashSet<int> Demoted { get; } = [];

    /// <summary>The floats of shared memory of a group, or, in a GEMM, of a row of the tile.</summary>
    public int SharedFloats => shared.Count == 0 ? 0 : shared.Max(s => s.Value + SharedStride(s.Key));

    /// <summary>
    /// The floats of shared memory behind rows that are no whole vectors: first float, floats, and floats to the next row. A compiler may
    /// read them along with the row, so they must hold something.
    /// </summary>
    public IEnumerable<(int First, int Count, int Stride)> SharedPadding()
    {
        foreach ((int value, int offset) in shared.Where(s => Width(s.Key) % AlignedFloats != 0 && SharedStride(s.Key) > Width(s.Key)))
        {
            int width = Width(value);
            int first = (offset * (kernel.Contraction is null ? 1 : GemmTile.Rows)) + width;
            yield return (first, Align(width, AlignedFloats) - width, SharedStride(value));
        }
    }

    /// <summary>Whether a step sums relative to a maximum that rises.</summary>
    public bool IsOnline(int step) => Stages.Any(s => s.Step == step && s.Stage.IsRescaled);

    public int Width(int value) => (int)plan.Program.Types[value].Row.Width;

    /// <summary>Whether the kernel computes a value.</summary>
    public bool Computes(int value) => writers.ContainsKey(value) || kernel.Contraction?.Value == value;

    /// <summary>The stage that computes a value in one go; null where there are several, or none.</summary>
    public PlacedStage? Writer(int value) => writers.TryGetValue(value, out PlacedStage[]? w) && w.Length == 1 ? w[0] : null;

    /// <summary>Whether a value of one number is kept in a register of every lane.</summary>
    public bool InRegister(int value) => Width(value) == 1 && Writer(value) is { Stage.Domain.Width: var n, Stage: var s } &&
        (n == 1 || s.Kind == StageKind.RowReduce);

    /// <summary>Whether the lanes keep the elements that they computed.</summary>
    public bool InLanes(int value) => Writer(value) is { } writer && Width(value) > 1 && !IsPrivate(value) && IsWholeRow(writer) &&
        writer.Layout.FitsRegisters && Readers(value).Any(r => IsServed(value, r.Stage, r.Access));

    /// <summary>Whether each lane has the whole row in an array of its own.</summary>
    public bool IsPrivate(int value) => plan.Storage[value] == Storage.Scratch && Width(value) > 1 && !Demoted.Contains(value) &&
        writers.TryGetValue(value, out PlacedStage[]? w) && (w[0].OfNeighbour
            ? w[0].Layout.Lanes == 1 && Readers(value).All(r => r.Stage.Step == w[0].Step)
            : lanes == 1 && kernel.Contraction is null && Width(value) <= PrivateElements);

    /// <summary>Whether a stage finds an argument in registers.</summary>
    public bool IsServed(int value, PlacedStage reader, Access access)
    {
        if (Writer(value) is not { } writer || writer.Phase != reader.Phase || (writer.OfNeighbour && writer.Step != reader.Step) ||
            access.Index.Along is not Map.Identity || access.Index.OfNeighbour != writer.OfNeighbour)
        {
            return false;
        }

        return InRegister(value) || (writer.Layout == reader.Layout && writer.Layout.FitsRegisters && IsWholeRow(writer) &&
            reader.Stage.Kind != StageKind.RowReduce && !IsPrivate(value) && access.Offset == 0 &&
            StageBuilder.IsRowMajor(access.Strides, reader.Stage.Domain));
    }

    /// <summary>Whether a value has to be written to memory: a buffer, shared memory or a private array.</summary>
    public bool NeedsMemory(int value) => IsInBuffer(value) || IsPrivate(value) || NeedsShared(value);

    /// <summary>Whether a value's rows are in a buffer.</summary>
    public bool IsInBuffer(int value) => plan.Storage[value] is Storage.Buffer or Storage.LoopBuffer || Demoted.Contains(value);

    /// <summary>Whether a later stage reads a value from memory that other lanes wrote.</summary>
    public bool IsExchanged(int value) => !IsPrivate(value) && Readers(value).Any(r => !IsServed(value, r.Stage, r.Access));

    /// <summary>The first float of a value in shared memory.</summary>
    public int SharedOffset(int value) => shared[value];

    /// <summary>
    /// The floats between two rows of a tile: an odd number of vectors, of 4, 2 or 1 float as rows can be read, so that rows below each other are in all
    /// banks. x is read by vectors of 4 in any case.
    /// </summary>
    public int SharedStride(int value)
    {
        if (kernel.Contraction is not { } gemm)
        {
            return Align(Width(value), AlignedFloats);
        }

        if (gemm.X.Value != value && Width(value) % AlignedFloats != 0)
        {
            return Width(value);
        }

        int vectors = Align(Width(value), gemm.X.Value == value ? GemmTile.Depth : AlignedFloats) / AlignedFloats;
        return (vectors | 1) * AlignedFloats;
    }

    /// <summary>Whether the value that a stage computes is of the neighbours of a loop.</summary>
    public bool IsOfNeighbour(int value) => writers.TryGetValue(value, out PlacedStage[]? w) && w[0].OfNeighbour;

    /// <summary>Gives shared memory to the values that need it, and buffers to the widest of them until the rest fits.</summary>
    public void Share(int floats)
    {
        while (true)
        {
            shared.Clear();
            int next = 0;
            IEnumerable<int> values = writers.Keys.Concat(kernel.Contraction is { } c ? [c.Value] : []);
            foreach (int value in values.Where(v => !IsInBuffer(v) && !IsPrivate(v) && NeedsShared(v)).Distinct())
            {
                shared[value] = next;
                next += SharedStride(value);
            }

            if (next <= floats)
            {
                return;
            }

            Demoted.Add(shared.Keys.MaxBy(SharedStride));
        }
    }

    private bool NeedsShared(int value) => plan.Storage[value] == Storage.Scratch && (kernel.Contraction is { } c &&
        (c.Value == value || c.X.Value == value) || IsExchanged(value));

    private bool IsWholeRow(PlacedStage writer) => writer.Stage is { Kind: not StageKind.RowReduce, Offset: 0 } &&
        writer.Layout.Elements == Width(writer.Stage.Value) && StageBuilder.IsRowMajor(writer.Stage.Strides, writer.Stage.Domain);

    private IEnumerable<(PlacedStage Stage, Access Access)> Readers(int value) =>
        Stages.SelectMany(s => s.Stage.Arguments.Where(a => a.Value == value).Select(a => (s, a)));

    private static int Align(int floats, int unit) => (floats + unit - 1) / unit * unit;
}
