using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>How several rows become one.</summary>
public enum ReduceKind
{
    /// <summary>The sum; 0 for no rows.</summary>
    Sum,

    /// <summary>The sum divided by the number of rows; 0 for no rows.</summary>
    Mean,

    /// <summary>The largest; 0 for no rows.</summary>
    Max,

    /// <summary>The smallest; 0 for no rows.</summary>
    Min,

    /// <summary>The product; 1 for no rows.</summary>
    Prod,
}

/// <summary>
/// The operators of level 1. A program is a list of operators in SSA order; operand <c>%i</c> is the value of operator
/// <c>i</c>. Every value is one row per row of its space; operators are pure, and know nothing of layout.
/// <para>
/// Sums may be reordered by passes and kernels (within the error that the tests bound); nothing else may be. Repeated
/// elements in a map are repeated terms. Reductions of no rows are 0, products 1: no infinity ever appears by itself.
/// </para>
/// <para>A weight is a value on a type space, so derived weights are ordinary values of the program.</para>
/// <code>
/// program := 'program' NAME map* value* 'return' NAME '=' ID (',' NAME '=' ID)*
/// map     := 'map' NAME ':' space '->' space
/// value   := ID '=' operator ':' type
/// operator:= 'input' NAME | 'weight' NAME | 'constant' NUMBER | 'uniform' INT ID
///          | 'linear' ['transposed'] map ID ',' ID     x·w[t] per row
///          | 'outer' map ID ',' ID                     Σ xᵀ·y per type
///          | 'gather' map ID | 'reduce.'KIND map ID
///          | 'pointwise' '{' expr '}' [ID (',' ID)*]
///          | 'row.'KIND axes ID | 'reshape' ID | 'regroup' ID | 'transpose' axes ID
///          | 'slice' INT ':' INT ':' INT ID            axis, start, length
///          | 'concat' INT ID (',' ID)*                 axis
/// type    := space '[' [INT (',' INT)*] ']' [':' ELEMENT]
/// </code>
/// </summary>
public abstract record Operator
{
    private Operator()
    {
    }

    /// <summary>The values this operator reads.</summary>
    public virtual EquatableArray<int> Operands => [];

    /// <summary>The same operator over other operands, as many as before.</summary>
    public virtual Operator With(EquatableArray<int> operands) => this;

    // Sources

    /// <summary>A value that the caller gives for each run.</summary>
    public sealed record Input(string Name, RowType Type) : Operator;

    /// <summary>A value that is learned: on a type space one slice for each type, on <see cref="IndexSpace.One"/> one for all.</summary>
    public sealed record Weight(string Name, RowType Type) : Operator;

    /// <summary>Every element is <paramref name="Value"/>.</summary>
    public sealed record Constant(double Value, RowType Type) : Operator;

    /// <summary>
    /// Random numbers, uniform in [0, 1): the element numbered <c>row · width + position</c> is that number of
    /// <see cref="CounterRandom"/> under the seed and the stream. The same operator gives the same numbers wherever it stands.
    /// </summary>
    /// <param name="Seed">An input on <see cref="IndexSpace.One"/> with rows <c>[2]</c>: whole numbers below 2^24.</param>
    /// <param name="Stream">Tells the places of a program apart that draw numbers.</param>
    /// <param name="Type">The space and the row shape.</param>
    public sealed record Uniform(int Seed, int Stream, RowType Type) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => [Seed];

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { Seed = operands[0] };
    }

    // Contractions: instances of the GEMM template

    /// <summary>
    /// Multiplies each row by the slice of its type: <c>y[i] = x[i] · w[t(i)]</c>. Rows of <c>w</c> are <c>[k, n]</c>, and
    /// rows of <c>x</c> are <c>[…, k]</c>; or, block by block, <c>[b, k, n]</c> and <c>[b, k]</c> or <c>[b, m, k]</c>. With
    /// <paramref name="Transposed"/> the slices are used as <c>[n, k]</c>.
    /// </summary>
    public sealed record TypedLinear(int X, int W, Map Type, bool Transposed = false) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => [X, W];

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { X = operands[0], W = operands[1] };
    }

    /// <summary>
    /// The weight gradient of a typed linear: <c>w[t] = Σ_{i: t(i) = t} x[i]ᵀ · y[i]</c>, the sum running over the leading
    /// axes too. Rows <c>[…, k]</c> and <c>[…, n]</c> give <c>[k, n]</c>; with <paramref name="Blocks"/>, <c>[b, k]</c> and
    /// <c>[b, n]</c> (or <c>[b, m, k]</c> and <c>[b, m, n]</c>) give <c>[b, k, n]</c>.
    /// </summary>
    public sealed record OuterSum(int X, int Y, Map Type, bool Blocks = false) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => [X, Y];

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { X = operands[0], Y = operands[1] };
    }

    // Movement along maps: instances of the traversal template

    /// <summary><c>y[i] = x[map(i)]</c>, from the map's target to its source.</summary>
    public sealed record Gather(int X, Map Map) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => [X];

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { X = operands[0] };
    }

    /// <summary><c>y[j] = ⊕_{i: map(i) = j} x[i]</c>, from the map's source to its target.</summary>
    public sealed record Reduce(int X, Map Map, ReduceKind Kind) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => [X];

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { X = operands[0] };
    }

    // Inside a row

    /// <summary>An expression of the operands' elements; row shapes broadcast as in numpy.</summary>
    public sealed record Pointwise(Expr Expression, EquatableArray<int> Arguments) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => Arguments;

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { Arguments = operands };
    }

    /// <summary>Reduces axes of each row; they stay, with extent 1.</summary>
    public sealed record RowReduce(int X, ReduceKind Kind, EquatableArray<int> Axes) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => [X];

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { X = operands[0] };
    }

    /// <summary>The same elements in the same order under another row shape.</summary>
    public sealed record Reshape(int X, Shape Row) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => [X];

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { X = operands[0] };
    }

    /// <summary>
    /// The same elements in the same order as rows of another space: <see cref="IndexSpace.Range"/> factors at the end of a space become
    /// axes of the row, or axes become such factors. <c>range(500)[64]</c> are the rows of <c>one[500, 64]</c>.
    /// </summary>
    public sealed record Regroup(int X, IndexSpace Space, Shape Row) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => [X];

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { X = operands[0] };
    }

    /// <summary>Permutes the axes of each row: axis <c>i</c> of the result is axis <c>Axes[i]</c> of the operand.</summary>
    public sealed record Transpose(int X, EquatableArray<int> Axes) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => [X];

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { X = operands[0] };
    }

    /// <summary>Elements <c>Start … Start + Length</c> of one axis of each row.</summary>
    public sealed record Slice(int X, int Axis, int Start, int Length) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => [X];

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { X = operands[0] };
    }

    /// <summary>Joins rows along one axis.</summary>
    public sealed record Concat(int Axis, EquatableArray<int> Parts) : Operator
    {
        /// <inheritdoc/>
        public override EquatableArray<int> Operands => Parts;

        /// <inheritdoc/>
        public override Operator With(EquatableArray<int> operands) => this with { Parts = operands };
    }
}
