using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// The row of a value that a stage reads: the current row of the kernel, or the current neighbour of a loop, taken along a
/// map. Indices of a loop are normalised: what depends on the row alone is a row index.
/// </summary>
public sealed record RowIndex(bool OfNeighbour, Map Along);

/// <summary>
/// Elements of a value's row as a stage reads them: element <c>Offset + Σ coordinate[a]·Strides[a]</c> of the row, for the
/// coordinates of the stage's domain. A stride of 0 repeats.
/// </summary>
public sealed record Access(int Value, RowIndex Index, int Offset, EquatableArray<int> Strides);

/// <summary>What a stage does with its expression's results.</summary>
public enum StageKind
{
    /// <summary>Stores them: one result for each element of the domain.</summary>
    Map,

    /// <summary>Reduces axes of the domain; they keep extent 1.</summary>
    RowReduce,

    /// <summary>Reduces over the neighbours of the loop, into the row.</summary>
    Reduce,
}

/// <summary>
/// An expression over the domain of a row, and where its results go: into the row of <paramref name="Value"/>, at
/// <paramref name="Offset"/> with the strides given for each axis of the domain (0 for an axis that is reduced).
/// </summary>
/// <param name="Value">The value whose row it writes.</param>
/// <param name="Kind">What is done with the results.</param>
/// <param name="Reduction">The kind of a reduction.</param>
/// <param name="Domain">The coordinates that the expression is computed for.</param>
/// <param name="Expression">The expression, over the arguments.</param>
/// <param name="Arguments">What is read.</param>
/// <param name="Offset">The first element that is written.</param>
/// <param name="Strides">The stride of what is written, for each axis of the domain.</param>
/// <param name="Rises">
/// In a sum whose terms are multiples of <c>exp(l - m)</c>, m the maximum of l so far: the argument that is l. When m rises from m1 to m2,
/// what was summed is multiplied by <c>exp(m1 - m2)</c>, so that it ends as if m had been its last value from the beginning. The same loop
/// takes that maximum before. -1 in other stages.
/// </param>
public sealed record Stage(int Value, StageKind Kind, ReduceKind Reduction, Shape Domain, Expr Expression,
    EquatableArray<Access> Arguments, int Offset, EquatableArray<int> Strides, int Rises = -1)
{
    /// <summary>Whether it is a sum that is rescaled when a maximum of the same loop rises.</summary>
    public bool IsRescaled => Rises >= 0;
}

/// <summary>A step of a traversal: stages done once for a row, or once for each of its neighbours.</summary>
/// <param name="Loop">The map whose fibre over the row is walked; null for stages of the row itself.</param>
/// <param name="Stages">The stages, in order.</param>
/// <param name="InBlocks">Whether neighbours are taken in blocks whose short rows fill a vector: see <see cref="NeighbourBlocks"/>.</param>
public sealed record Step(Map? Loop, EquatableArray<Stage> Stages, bool InBlocks = false)
{
    /// <summary>Whether a maximum rises in the loop while sums are taken relative to it: see <see cref="OnlineSoftmax"/>.</summary>
    public bool IsOnline => Stages.Items.Any(stage => stage.IsRescaled);

    /// <summary>Whether a stage is a maximum that rises in such a loop.</summary>
    public bool IsRising(Stage stage) => IsOnline && stage is { Kind: StageKind.Reduce, Reduction: ReduceKind.Max } &&
        Stages.Items.Any(other => other.Arguments.Any(a => a.Value == stage.Value));

    /// <summary>Whether a stage computes weights relative to the maximum so far.</summary>
    public bool IsWeight(Stage stage) => IsOnline && stage.Kind == StageKind.Map &&
        Stages.Items.Any(other => IsRising(other) && stage.Arguments.Any(a => a.Value == other.Value));
}

/// <summary>What a GEMM computes.</summary>
public enum ContractionKind
{
    /// <summary><c>Value[i] = X[i] · Y[Type(i)]</c>: rows times the slice of their type.</summary>
    Linear,

    /// <summary><c>Value[t] = Σ_{i: Type(i) = t} X[i]ᵀ · Y[i]</c>: the weight gradient, reduced over the rows of a type.</summary>
    OuterSum,
}

/// <summary>
/// The contraction of a GEMM kernel; rows are grouped by type. A row of X is <c>Blocks</c> blocks of <c>Lead × K</c> numbers. In a
/// linear a slice of Y is <c>Blocks</c> blocks <c>K × N</c>; in an outer sum a row of Y is <c>Blocks</c> blocks <c>Lead × N</c>, and
/// the value <c>K × N</c> (with several blocks: as many).
/// </summary>
/// <param name="Kind">What it computes.</param>
/// <param name="Value">The value it computes.</param>
/// <param name="X">The left rows, gathered where <c>X.Index.Along</c> is no identity.</param>
/// <param name="Y">In a linear the slices, the index running from the type; in an outer sum the right rows.</param>
/// <param name="Type">Each row's type.</param>
/// <param name="Blocks">Diagonal blocks, at least 1.</param>
/// <param name="Lead">Rows of a block's left matrix, at least 1.</param>
/// <param name="K">Columns of X.</param>
/// <param name="N">Columns of Y.</param>
public sealed record Contraction(ContractionKind Kind, int Value, Access X, Access Y, Map Type, int Blocks, int Lead, int K, int N);

/// <summary>
/// One launch of level 2, an instance of one of the two templates. Without a contraction it is a traversal: for every row of
/// <paramref name="Rows"/>, the steps in order. With one it is a GEMM whose rows run in the order of their types: a tile of rows
/// goes through <paramref name="Before"/>, is multiplied, and goes through <paramref name="After"/> while it is in the cache.
/// Every row is written by one thread, so a kernel needs no atomics, and its result does not depend on the number of threads. An
/// outer sum has no steps after; a type whose rows several threads share is summed in the order of the threads.
/// </summary>
/// <param name="Name">An identifier, unique in the plan.</param>
/// <param name="Rows">The space whose rows the kernel runs over.</param>
/// <param name="Once">Whether nothing it computes depends on inputs, or on weights that may change: it then runs once.</param>
/// <param name="Contraction">The contraction of a GEMM; null for a traversal.</param>
/// <param name="Before">A GEMM's steps before the contraction, a traversal's only steps.</param>
/// <param name="After">A GEMM's steps after the contraction.</param>
/// <param name="InGroups">Whether a traversal takes rows of as many neighbours side by side: see <see cref="GroupRows"/>.</param>
public sealed record Kernel(string Name, IndexSpace Rows, bool Once, Contraction? Contraction, EquatableArray<Step> Before,
    EquatableArray<Step> After, bool InGroups = false)
{
    /// <summary>All steps, in order.</summary>
    public IEnumerable<Step> Steps => Before.Concat(After);

    /// <summary>The values that it computes; one may occur several times.</summary>
    internal IEnumerable<int> Computed
    {
        get
        {
            IEnumerable<int> stages = Steps.SelectMany(s => s.Stages.Select(stage => stage.Value));
            return Contraction is null ? stages : stages.Append(Contraction.Value);
        }
    }

    /// <summary>The values that it reads, its own among them; one may occur several times.</summary>
    internal IEnumerable<int> Read
    {
        get
        {
            IEnumerable<int> stages = Steps.SelectMany(s => s.Stages.SelectMany(stage => stage.Arguments.Select(access => access.Value)));
            return Contraction is null ? stages : stages.Append(Contraction.X.Value).Append(Contraction.Y.Value);
        }
    }
}

/// <summary>Where the rows of a value are kept.</summary>
public enum Storage
{
    /// <summary>Nowhere: its users compute it in place, or read through it.</summary>
    None,

    /// <summary>A buffer of one row for each row of the space.</summary>
    Buffer,

    /// <summary>A buffer in the order in which the one loop that uses it walks, not in the order of the space.</summary>
    LoopBuffer,

    /// <summary>One row (or one tile of rows) for each thread, alive inside one kernel.</summary>
    Scratch,
}

/// <summary>A program with a kernel and a place for every value that needs one.</summary>
/// <param name="Program">The program after the passes.</param>
/// <param name="Kernels">The launches, in order.</param>
/// <param name="Storage">For each value of the program, where it is kept.</param>
/// <param name="Elements">For each value of the program, what its numbers are stored in; see <see cref="NarrowStorage"/>.</param>
public sealed record Plan(Program Program, EquatableArray<Kernel> Kernels, EquatableArray<Storage> Storage, EquatableArray<ElementType> Elements)
{
    /// <summary>What a number of a value becomes where the plan keeps it: the reference of what is narrow.</summary>
    /// <param name="value">The value, an index into the program.</param>
    /// <param name="number">The number.</param>
    public double Stored(int value, double number) => Elements[value] == ElementType.BF16 ? Bf16.Widen(Bf16.Round((float)number)) : number;

    /// <summary>The text form.</summary>
    public override string ToString() => PlanPrinter.Print(this);
}
