namespace Pigeon.Kernels;

/// <summary>
/// A total function between two index spaces. Stored maps are index arrays of the graph; the others are computed from
/// them when a graph is bound. Text form: <c>src</c>, <c>id(Nodes)</c>, <c>unit(Nodes)</c>, <c>compose(ntype, src)</c>,
/// <c>pair(etype, dst)</c>, <c>first(etype, dst)</c>, <c>second(etype, dst)</c>, <c>index(etype, src)</c>,
/// <c>into(either(etype, src, dst))</c>, <c>via(either(etype, src, dst), etype)</c>, <c>via(sorted(dst), src)</c>.
/// </summary>
/// <param name="From">The space the map is defined on.</param>
/// <param name="To">The space its values are rows of.</param>
public abstract record Map(IndexSpace From, IndexSpace To)
{
    /// <summary>
    /// Whether both are of one case; the cases compare what they are made of. The spaces of a derived map follow from its parts,
    /// and to compare them too would double the work at every level of nesting.
    /// </summary>
    public virtual bool Equals(Map? other) => other is not null && EqualityContract == other.EqualityContract;

    /// <inheritdoc/>
    public override int GetHashCode() => EqualityContract.GetHashCode();

    /// <summary>An index array that the graph provides under this name; from a <see cref="IndexSpace.Sorted"/> space, in its order.</summary>
    public sealed record Stored(string Name, IndexSpace From, IndexSpace To) : Map(From, To)
    {
        /// <inheritdoc/>
        public bool Equals(Stored? other) => other is not null && Name == other.Name && From == other.From && To == other.To;

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Name, From, To);

        /// <inheritdoc/>
        public override string ToString() => From is IndexSpace.Sorted ? $"via({From}, {NameText.OfFree(Name)})" : NameText.OfFree(Name);

        /// <summary>The array as the graph provides it.</summary>
        public Stored Given() => From is IndexSpace.Sorted sorted ? this with { From = sorted.By.From } : this;
    }

    /// <summary>Every row to itself.</summary>
    public sealed record Identity(IndexSpace Space) : Map(Space, Space)
    {
        /// <inheritdoc/>
        public override string ToString() => $"id({From})";
    }

    /// <summary>Every row to the only row of <see cref="IndexSpace.One"/>.</summary>
    public sealed record Unit(IndexSpace Space) : Map(Space, IndexSpace.One)
    {
        /// <inheritdoc/>
        public override string ToString() => $"unit({From})";
    }

    /// <summary><c>x ↦ Outer(Inner(x))</c>. Build it with <see cref="Compose"/>, which simplifies.</summary>
    public sealed record Composed(Map Outer, Map Inner) : Map(Inner.From, Outer.To)
    {
        /// <inheritdoc/>
        public override string ToString() => $"compose({Outer}, {Inner})";
    }

    /// <summary>Every element to its row in <c>distinct(First, Second)</c>.</summary>
    public sealed record Pair(Map First, Map Second) : Map(First.From, new IndexSpace.Distinct(First, Second))
    {
        /// <inheritdoc/>
        public override string ToString() => $"pair({First}, {Second})";
    }

    /// <summary>Every distinct pair to its first (<paramref name="Position"/> 0) or second (1) component.</summary>
    public sealed record Component(IndexSpace.Distinct Pairs, int Position)
        : Map(Pairs, Position == 0 ? Pairs.First.To : Pairs.Second.To)
    {
        /// <inheritdoc/>
        public override string ToString() => $"{(Position == 0 ? "first" : "second")}({Pairs.First}, {Pairs.Second})";
    }

    /// <summary>Every element to the row <c>First(e)·|B| + Second(e)</c> of <c>product(First.To, Second.To)</c>.</summary>
    public sealed record Index(Map First, Map Second) : Map(First.From, new IndexSpace.Product(First.To, Second.To))
    {
        /// <inheritdoc/>
        public override string ToString() => $"index({First}, {Second})";
    }

    /// <summary>Every element to its row of an <see cref="IndexSpace.Either"/> space that <see cref="IndexSpace.Either.HasAll">has all</see>.</summary>
    public sealed record Into(IndexSpace.Either Ways) : Map(Ways.Type.From, Ways)
    {
        /// <inheritdoc/>
        public override string ToString() => $"into({Ways})";
    }

    /// <summary>
    /// The map <c>f</c> with <c>Whole = f ∘ into(Ways)</c>: every row to where the elements of the row go, all of them to one row. It has to
    /// be <see cref="Determines">determined</see>.
    /// </summary>
    public sealed record Via(IndexSpace.Either Ways, Map Whole) : Map(Ways, Whole.To)
    {
        /// <inheritdoc/>
        public override string ToString() => $"via({Ways}, {Whole})";
    }

    /// <summary>
    /// Whether the definitions alone show that a map takes all elements of a row of an <see cref="IndexSpace.Either"/> space to one row: the
    /// type does, and the pair, and for ways from first rows the first row, and what follows from these. A row that is one element has one
    /// row of everything.
    /// </summary>
    public static bool Determines(IndexSpace.Either ways, Map whole) => whole.From == ways.Type.From && (!ways.HasAll || whole switch
    {
        Unit => true,
        _ when whole == ways.Type => true,
        _ when ways.Part == EitherPart.Firsts && whole == ways.First => true,
        _ when ways.Part == EitherPart.Seconds && whole == ways.Second => true,
        Into into => into.Ways == ways || into.Ways == ways with { Part = EitherPart.Pairs },
        Composed c => Determines(ways, c.Inner),
        Pair p => Determines(ways, p.First) && Determines(ways, p.Second),
        Index i => Determines(ways, i.First) && Determines(ways, i.Second),
        _ => false,
    });

    /// <summary><c>outer ∘ inner</c> in normal form: identities vanish, composition nests to the right, pairs project.</summary>
    public static Map Compose(Map outer, Map inner) => (outer, inner) switch
    {
        (Identity, _) => inner,
        (_, Identity) => outer,
        (Unit, _) => new Unit(inner.From),
        (Component c, Pair p) when c.Pairs == p.To => c.Position == 0 ? p.First : p.Second,
        (Composed c, _) => Compose(c.Outer, Compose(c.Inner, inner)),
        (Via via, Into into) when via.Ways == into.Ways => via.Whole,
        (_, Via via) => new Via(via.Ways, Compose(outer, via.Whole)),
        _ => new Composed(outer, inner),
    };

    /// <summary>
    /// The map <c>f</c> with <c>whole = f ∘ inner</c>, where the definitions alone show that there is one; otherwise null.
    /// The edge type, for example, factors through <c>pair(etype, dst)</c> as <c>first(etype, dst)</c>.
    /// </summary>
    public static Map? Factor(Map whole, Map inner)
    {
        if (whole == inner)
        {
            return new Identity(inner.To);
        }

        if (inner is Identity)
        {
            return whole;
        }

        if (whole is Unit)
        {
            return new Unit(inner.To);
        }

        if (inner is Into into && Determines(into.Ways, whole))
        {
            return new Via(into.Ways, whole);
        }

        if (inner is Via known && whole is Via asked)
        {
            return known.Ways == asked.Ways ? Factor(asked.Whole, known.Whole) : null;
        }

        if (inner is Pair pair)
        {
            var pairs = (IndexSpace.Distinct)pair.To;
            if (Factor(whole, pair.First) is { } first)
            {
                return Compose(first, new Component(pairs, 0));
            }

            if (Factor(whole, pair.Second) is { } second)
            {
                return Compose(second, new Component(pairs, 1));
            }
        }

        return whole is Composed composed && Factor(composed.Inner, inner) is { } outer ? Compose(composed.Outer, outer) : null;
    }
}
