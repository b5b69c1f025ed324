namespace Pigeon.Kernels;

/// <summary>
/// A finite set of rows. A space is a name for a size: the size is bound when a graph is bound, and is below 2^31.
/// Text form: <c>Nodes</c>, <c>one</c>, <c>range(500)</c>, <c>distinct(etype, dst)</c>, <c>either(etype, src, dst)</c>,
/// <c>firsts(etype, src, dst)</c>, <c>seconds(etype, src, dst)</c>, <c>byfirst(etype, src, dst)</c>, <c>bysecond(etype, src, dst)</c>,
/// <c>product(EdgeTypes, Nodes)</c>, <c>sorted(dst)</c>.
/// </summary>
public abstract record IndexSpace
{
    private IndexSpace()
    {
    }

    /// <summary>The space with exactly one row. A weight that has no type lives here.</summary>
    public static IndexSpace One { get; } = new OneSpace();

    /// <summary>Whether the rows are those of a <see cref="Declared"/> space, in whatever order.</summary>
    public bool IsGiven => this is Declared or Sorted;

    /// <summary>A space whose size the graph gives, such as <c>Nodes</c>.</summary>
    public sealed record Declared(string Name) : IndexSpace
    {
        /// <inheritdoc/>
        public override string ToString() => NameText.OfFree(Name);
    }

    /// <summary>See <see cref="One"/>.</summary>
    public sealed record OneSpace : IndexSpace
    {
        /// <inheritdoc/>
        public override string ToString() => "one";
    }

    /// <summary>
    /// A space whose size the program fixes, at least 1: <c>range(500)</c>. Because it is fixed, rows of it can be axes of a row and the
    /// other way round.
    /// </summary>
    public sealed record Range(int Count) : IndexSpace
    {
        /// <inheritdoc/>
        public override string ToString() => FormattableString.Invariant($"range({Count})");
    }

    /// <summary>
    /// The distinct pairs <c>(First(e), Second(e))</c> over all elements <c>e</c> of the maps' common source, in
    /// lexicographic order. The space that compact materialisation stores values on.
    /// </summary>
    public sealed record Distinct(Map First, Map Second) : IndexSpace
    {
        /// <inheritdoc/>
        public override string ToString() => $"distinct({First}, {Second})";
    }

    /// <summary>
    /// For every type the distinct pairs of type and row on the side that has fewer of them: the pairs <c>(Type(e), First(e))</c> for some
    /// types and <c>(Type(e), Second(e))</c> for the others, where both are as many, sorted by type. Every element is on the
    /// way from its first row through one of these pairs to its second row, and <paramref name="Part"/> says which part of the ways is meant.
    /// </summary>
    public sealed record Either(Map Type, Map First, Map Second, EitherPart Part) : IndexSpace
    {
        /// <summary>Whether every element has a row; otherwise only the elements of some types are rows, each one.</summary>
        public bool HasAll => Part is not (EitherPart.ByFirst or EitherPart.BySecond);

        /// <inheritdoc/>
        public override string ToString() => $"{Part switch
        {
            EitherPart.Pairs => "either",
            EitherPart.Firsts => "firsts",
            EitherPart.Seconds => "seconds",
            EitherPart.ByFirst => "byfirst",
            _ => "bysecond",
        }}({Type}, {First}, {Second})";
    }

    /// <summary>All pairs <c>(a, b)</c>, row <c>a·|B| + b</c>. The space of a table indexed by type and row.</summary>
    public sealed record Product(IndexSpace First, IndexSpace Second) : IndexSpace
    {
        /// <inheritdoc/>
        public override string ToString() => $"product({First}, {Second})";
    }

    /// <summary>
    /// The rows of the space that a stored map starts from, in the order of their values, those of one value in their own order. Stored maps
    /// start from it as they do from that space.
    /// </summary>
    public sealed record Sorted(Map.Stored By) : IndexSpace
    {
        /// <inheritdoc/>
        public override string ToString() => $"sorted({By})";
    }
}
