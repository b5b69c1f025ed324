using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Everything that the generated class keeps in fields, numbered as in its <see cref="ProgramSignature"/>.</summary>
internal sealed class ProgramSymbols
{
    private const int Alignment = 16;
    private readonly Plan plan;
    private readonly bool loopsOfThreads;
    private readonly bool shares;
    private readonly int[] over;
    private readonly List<IndexSpace> spaces = [];
    private readonly List<IndexSignature> indices = [];
    private readonly SortedSet<(int Index, string Part)> parts = [];
    private readonly List<int> buffers = [];
    private readonly Dictionary<int, int> scratch = [];
    private readonly Dictionary<int, int> packed = [];
    private readonly Dictionary<int, int> widened = [];
    private readonly Dictionary<int, int> rising = [];
    private readonly Dictionary<int, int> groups = [];
    private readonly Dictionary<int, int> sums = [];

    /// <summary>Numbers what a plan uses.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="shares">Whether the threads may share the neighbours of one row.</param>
    /// <param name="onThreads">Whether threads run it: a loop buffer then holds the neighbours of one row for each of them, and not those
    /// of all rows; and values may take the memory of others. The pointers of a GPU's kernels promise not to overlap.</param>
    public ProgramSymbols(Plan plan, bool onThreads, bool shares = false)
    {
        this.plan = plan;
        this.shares = shares;
        loopsOfThreads = onThreads;
        over = onThreads ? InPlace.Run(plan) : [.. Enumerable.Repeat(-1, plan.Program.Values.Length)];

        // Inputs, weights and outputs are part of the signature whether or not a kernel touches them.
        for (int v = 0; v < plan.Program.Values.Length; v++)
        {
            if (plan.Program.Values[v] is Operator.Input or Operator.Weight || plan.Program.Outputs.Any(o => o.Value == v))
            {
                Buffer(v);
            }
        }
    }

    /// <summary>The values with a buffer, in the order of the signature.</summary>
    public IReadOnlyList<int> Buffers => buffers;

    /// <summary>The index arrays, with the parts that are used: values, offsets, order.</summary>
    public IEnumerable<(int Index, string Part)> Parts => parts;

    /// <summary>The register tiles of all products.</summary>
    public TileMethods Tiles { get; } = new();

    /// <summary>The floats of scratch that one thread needs.</summary>
    public int ScratchFloats { get; private set; }

    public int Space(IndexSpace space) => Number(spaces, space);

    /// <summary>Whether a value is kept for the neighbours of the row that a thread is at, and no longer.</summary>
    public bool IsOfThread(int value) => loopsOfThreads && plan.Storage[value] == Storage.LoopBuffer;

    public int Index(Map map, Map? orderedBy) => Number(indices, new(map, orderedBy));

    public int Buffer(int value)
    {
        if (MemoryOf(value) is var owner && owner != value)
        {
            Buffer(owner);
        }

        return Number(buffers, value);
    }

    /// <summary>Whether a value's rows are in memory of its own.</summary>
    public bool OwnsMemory(int value) => MemoryOf(value) == value;

    /// <summary>The value whose memory a value's rows are in: mostly its own.</summary>
    private int MemoryOf(int value) => plan.Program.Values[value] is Operator.Regroup regroup ? regroup.X : over[value] < 0 ? value : MemoryOf(over[value]);

    public void Need(int index, string part) => parts.Add((index, part));

    public int ScratchOffset(int value) => scratch[value];

    /// <summary>Where the slice that a product is multiplied with is kept transposed.</summary>
    public int PackedOffset(int value) => packed[value];

    /// <summary>Where a loop keeps what it needs for a maximum that rises.</summary>
    public int RisingOffset(int value) => rising[value];

    /// <summary>Reserves scratch for the rows of a value.</summary>
    public void ReserveScratch(int value, int rows) => Reserve(scratch, value, checked((int)plan.Program.Types[value].Row.Width * rows));

    /// <summary>Reserves scratch for the slice that a product is multiplied with.</summary>
    public void ReservePacked(int value, int floats) => Reserve(packed, value, floats);

    /// <summary>The number under which the order of grouped rows is reserved.</summary>
    public const int OrderOfGroups = -1;

    /// <summary>Where groups of rows keep a value of neighbours, or the order of rows.</summary>
    public int GroupOffset(int value) => groups[value];

    /// <summary>Reserves scratch for groups of rows.</summary>
    public void ReserveGroup(int value, int floats) => Reserve(groups, value, floats);

    /// <summary>Reserves scratch for a maximum that rises.</summary>
    public void ReserveRising(int value, int floats) => Reserve(rising, value, floats);

    /// <summary>Reserves scratch for the sum of an outer sum's first type, which an earlier thread may have begun.</summary>
    public void ReservePartial(int value) => ReserveScratch(value, 1);

    /// <summary>Where the left rows of a contraction, or the sums of a reduction, are floats while they are narrow in memory.</summary>
    public int WidenedOffset(int value) => widened[value];

    /// <summary>Reserves scratch for the left rows of a contraction, or the sums of a reduction, that are narrow in memory.</summary>
    public void ReserveWidened(int value, int floats) => Reserve(widened, value, floats);

    /// <summary>The floats of sums that each thread leaves of a shared row.</summary>
    public int SharedFloats { get; private set; }

    /// <summary>Whether the threads may share the neighbours of one row of a kernel.</summary>
    public bool IsShared(Kernel kernel) => shares && SharedRowEmitter.Fits(kernel);

    /// <summary>Where a thread leaves its part of a reduction over a shared row's neighbours.</summary>
    public int SumsOffset(int value) => sums[value];

    /// <summary>Gives the reductions of a kernel their places among the sums of a shared row; those of another kernel may have the same.</summary>
    public void ReserveSums(Kernel kernel)
    {
        int floats = 0;
        foreach (int value in kernel.Steps.SelectMany(s => s.Stages).Where(s => s.Kind == StageKind.Reduce).Select(s => s.Value).Distinct())
        {
            sums[value] = floats;
            floats = checked(floats + Aligned((int)plan.Program.Types[value].Row.Width));
        }

        SharedFloats = Math.Max(SharedFloats, floats);
    }

    private static int Aligned(int floats) => checked((floats + Alignment - 1) / Alignment * Alignment);

    private void Reserve(Dictionary<int, int> offsets, int value, int floats)
    {
        if (offsets.TryAdd(value, ScratchFloats))
        {
            ScratchFloats = checked(ScratchFloats + Aligned(floats));
        }
    }

    /// <summary>The signature of the finished class.</summary>
    public ProgramSignature Signature()
    {
        ImmutableArray<KernelSignature> kernels = [.. plan.Kernels.Items.Select(k =>
            new KernelSignature(k.Name, Space(k.Rows), CostOf(k) is { } map ? Index(map, null) : -1,
                k.Contraction is { } c ? Index(c.Type, null) : -1, k.Once, IsShared(k)))];
        ImmutableArray<BufferSignature> signatures = [.. buffers.ToArray().Select(Describe)];

        // Described first: what it needs gets its number there.
        return new(plan.Program.Name, [.. spaces], [.. indices], signatures, kernels, ScratchFloats, SharedFloats);
    }

    /// <summary>The map whose neighbours dominate a kernel's cost; null where rows cost the same.</summary>
    private static Map? CostOf(Kernel kernel) => kernel.Before.FirstOrDefault(s => s.Loop is not null)?.Loop;

    private static int Number<T>(List<T> list, T item)
    {
        int position = list.IndexOf(item);
        if (position < 0)
        {
            position = list.Count;
            list.Add(item);
        }

        return position;
    }

    private BufferSignature Describe(int value)
    {
        Operator op = plan.Program.Values[value];
        Output? output = plan.Program.Outputs.FirstOrDefault(o => o.Value == value);
        int[] touching = [.. Enumerable.Range(0, plan.Kernels.Count).Where(k => Touches(plan.Kernels[k], value))];
        int owner = MemoryOf(value);
        int shared = owner == value ? BufferSignature.Own : Buffer(owner);
        BufferRole role = op switch
        {
            Operator.Input => BufferRole.Input,
            Operator.Weight => BufferRole.Weight,
            _ when owner != value => BufferRole.View,
            _ when output is not null => BufferRole.Output,
            _ => plan.Kernels.Any(k => k.Once && Computes(k, value)) ? BufferRole.Constant : BufferRole.Internal,
        };
        string name = op switch
        {
            Operator.Input o => o.Name,
            Operator.Weight o => o.Name,
            _ => output?.Name ?? FormattableString.Invariant($"%{value}"),
        };
        RowType type = plan.Program.Types[value];
        return new(name, Space(type.Space), type.Row.Extents.Items, role, touching.FirstOrDefault(), touching.LastOrDefault(), shared,
            IsOfThread(value) ? Index(WalkOf(value), null) : -1, plan.Elements[value]);
    }

    private Map WalkOf(int value) => plan.Kernels.SelectMany(k => k.Before).First(s => s.Stages.Any(stage => stage.Value == value)).Loop!;

    private static bool Computes(Kernel kernel, int value) =>
        kernel.Contraction?.Value == value || kernel.Steps.Any(s => s.Stages.Any(st => st.Value == value));

    private bool Touches(Kernel kernel, int value) => TouchesItself(kernel, value) ||
        buffers.Any(other => other != value && MemoryOf(other) == value && TouchesItself(kernel, other));

    private static bool TouchesItself(Kernel kernel, int value) =>
        Computes(kernel, value) || kernel.Contraction?.X.Value == value || kernel.Contraction?.Y.Value == value ||
        kernel.Steps.Any(s => s.Stages.Any(st => st.Arguments.Any(a => a.Value == value)));
}
