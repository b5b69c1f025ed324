namespace Pigeon.Kernels;

/// <summary>
/// Sizes of the declared spaces and arrays of the stored maps of one graph (or of several, under different names).
/// Derived spaces and maps are computed on first use and kept until they are <see cref="LetGo">let go</see>; ways and maps of ways as
/// long as somebody uses them. Safe for use from several threads.
/// </summary>
public sealed class GraphBinding
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> sizes;
    private readonly Dictionary<string, int[]> stored;
    private readonly HashSet<string> inPlace;
    private readonly Dictionary<Map, WeakReference<BoundMap>> maps = [];
    private readonly Dictionary<IndexSpace.Distinct, (int Rows, WeakReference<BoundPairs> Pairs)> distinct = [];
    private readonly Dictionary<IndexSpace.Either, (int Rows, WeakReference<BoundEither> Ways)> either = [];

    // What stays though nobody uses it. A search for plans asks for the ways of both sides of many programs, with arrays as long as there
    // are edges: they are not among it.
    private readonly HashSet<object> kept = [];
    private readonly Dictionary<Map, bool> sorted = [];
    private readonly Dictionary<Map, int> longest = [];
    private readonly Dictionary<(Map? Walk, Map Along, int Shift), Reuse> reuse = [];

    /// <summary>Creates a binding; arrays are checked against the sizes when a program first uses them.</summary>
    /// <param name="sizes">The number of rows of each declared space.</param>
    /// <param name="maps">The index array of each stored map.</param>
    /// <param name="inPlace">The maps whose arrays were allocated pinned and change no more: kernels read these, the others are copied.</param>
    /// <exception cref="PigeonException">PG0202: a size is negative.</exception>
    public GraphBinding(IReadOnlyDictionary<string, int> sizes, IReadOnlyDictionary<string, int[]> maps, params IEnumerable<string> inPlace)
    {
        foreach ((string name, int size) in sizes)
        {
            if (size < 0)
            {
                throw new PigeonException("PG0202", $"its size is {size}", $"space {name}");
            }
        }

        this.sizes = new(sizes);
        stored = new(maps);
        this.inPlace = new(inPlace, StringComparer.Ordinal);
    }

    /// <summary>The names of the declared spaces, with their sizes.</summary>
    public IReadOnlyDictionary<string, int> Sizes => sizes;

    /// <summary>
    /// This binding with further spaces and maps, such as the labelled nodes or the batch of a step; a name given again is replaced. What
    /// was derived from other names already is kept.
    /// </summary>
    /// <param name="moreSizes">The number of rows of each further space.</param>
    /// <param name="moreMaps">The index array of each further map.</param>
    public GraphBinding With(IReadOnlyDictionary<string, int> moreSizes, IReadOnlyDictionary<string, int[]> moreMaps)
    {
        var allSizes = new Dictionary<string, int>(sizes);
        var allMaps = new Dictionary<string, int[]>(stored);
        foreach ((string name, int size) in moreSizes)
        {
            allSizes[name] = size;
        }

        foreach ((string name, int[] map) in moreMaps)
        {
            allMaps[name] = map;
        }

        var binding = new GraphBinding(allSizes, allMaps, inPlace.Except(moreMaps.Keys));
        binding.Keep(this, [.. moreSizes.Keys, .. moreMaps.Keys]);
        return binding;
    }

    /// <summary>Takes over what another binding has derived without the given names.</summary>
    private void Keep(GraphBinding other, HashSet<string> changed)
    {
        lock (other.gate)
        {
            foreach ((Map map, WeakReference<BoundMap> held) in other.maps.Where(entry => !Mentions(entry.Key, changed)))
            {
                maps.Add(map, held);
                KeepAs(held);
            }

            foreach ((IndexSpace.Distinct space, var held) in other.distinct.Where(entry => !Mentions(entry.Key, changed)))
            {
                distinct.Add(space, held);
                KeepAs(held.Pairs);
            }

            foreach ((IndexSpace.Either space, var held) in other.either.Where(entry => !Mentions(entry.Key, changed)))
            {
                either.Add(space, held);
            }
        }

        void KeepAs<T>(WeakReference<T> held)
            where T : class
        {
            if (held.TryGetTarget(out T? target) && other.kept.Contains(target))
            {
                kept.Add(target);
            }
        }
    }

    /// <summary>
    /// Keeps derived maps no longer than somebody uses them, now that plans are chosen and programs bound: on a graph of many edges each
    /// takes as much as the edges' own arrays, and a search asks for dozens. What is asked for again is computed again, and kept again;
    /// sizes are remembered.
    /// </summary>
    public void LetGo()
    {
        lock (gate)
        {
            kept.Clear();
        }
    }

    private static bool Mentions(Map map, HashSet<string> names) => map switch
    {
        Map.Stored s => names.Contains(s.Name) || Mentions(s.From, names) || Mentions(s.To, names),
        Map.Composed c => Mentions(c.Outer, names) || Mentions(c.Inner, names),
        Map.Pair p => Mentions(p.First, names) || Mentions(p.Second, names),
        Map.Component c => Mentions(c.Pairs, names),
        Map.Index i => Mentions(i.First, names) || Mentions(i.Second, names),
        Map.Into i => Mentions(i.Ways, names),
        Map.Via v => Mentions(v.Ways, names) || Mentions(v.Whole, names),
        _ => Mentions(map.From, names),
    };

    private static bool Mentions(IndexSpace space, HashSet<string> names) => space switch
    {
        IndexSpace.Declared d => names.Contains(d.Name),
        IndexSpace.Distinct d => Mentions(d.First, names) || Mentions(d.Second, names),
        IndexSpace.Either e => Mentions(e.Type, names) || Mentions(e.First, names) || Mentions(e.Second, names),
        IndexSpace.Product p => Mentions(p.First, names) || Mentions(p.Second, names),
        IndexSpace.Sorted s => Mentions(s.By, names),
        _ => false,
    };

    /// <summary>The number of rows of a space.</summary>
    /// <exception cref="PigeonException">PG0203: the graph has no such space. PG0204: the size passes 2^31.</exception>
    public int SizeOf(IndexSpace space) => space switch
    {
        IndexSpace.OneSpace => 1,
        IndexSpace.Range range => range.Count,
        IndexSpace.Declared d => sizes.TryGetValue(d.Name, out int size)
            ? size
            : throw new PigeonException("PG0203", "the graph does not provide it", $"space {d.Name}",
                $"provided: {string.Join(", ", sizes.Keys.Order(StringComparer.Ordinal))}"),
        IndexSpace.Distinct d => RowsOf(d),
        IndexSpace.Either e => RowsOf(e),
        IndexSpace.Sorted s => SizeOf(s.By.From),
        IndexSpace.Product p => checked(ToRows((long)SizeOf(p.First) * SizeOf(p.Second), p)),
        _ => throw new InvalidOperationException($"unknown space {space}"),
    };

    /// <summary>The bound form of a map.</summary>
    /// <exception cref="PigeonException">PG0201: an index is out of range. PG0205: the array is missing or has a wrong length.</exception>
    public BoundMap Resolve(Map map)
    {
        lock (gate)
        {
            if (!maps.TryGetValue(map, out WeakReference<BoundMap>? held) || !held.TryGetTarget(out BoundMap? bound))
            {
                maps[map] = new(bound = Bind(map));
                if (map is not (Map.Into or Map.Via))
                {
                    kept.Add(bound);
                }
            }

            return bound;
        }
    }

    /// <summary>Whether a map's values never fall. It is remembered where the map is not.</summary>
    /// <exception cref="PigeonException">As of <see cref="Resolve"/>.</exception>
    public bool IsSorted(Map map)
    {
        lock (gate)
        {
            if (!sorted.TryGetValue(map, out bool rising))
            {
                sorted[map] = rising = Resolve(map).IsSorted;
            }

            return rising;
        }
    }

    /// <summary>The most elements that one row of a map has. It is remembered where the map is not.</summary>
    /// <exception cref="PigeonException">As of <see cref="Resolve"/>.</exception>
    public int LongestOf(Map map)
    {
        lock (gate)
        {
            if (!longest.TryGetValue(map, out int most))
            {
                longest[map] = most = Resolve(map).Longest;
            }

            return most;
        }
    }

    /// <summary>How soon a walk comes back to the rows that it reads. It is remembered where the maps are not.</summary>
    /// <param name="walk">The map in whose groups elements are walked, groups in their order; null for the elements' own order.</param>
    /// <param name="along">The map from an element to the row that is read.</param>
    /// <param name="shift">Rows whose numbers differ in so many lowest bits only are one: they share a line of the cache.</param>
    /// <exception cref="PigeonException">As of <see cref="Resolve"/>.</exception>
    public Reuse ReuseOf(Map? walk, Map along, int shift)
    {
        lock (gate)
        {
            if (!reuse.TryGetValue((walk, along, shift), out Reuse? known))
            {
                (Map rows, Map? through) = along is Map.Composed composed ? (composed.Outer, composed.Inner) : (along, null);
                reuse[(walk, along, shift)] = known = Reuse.Of(Resolve(rows), through is null ? null : Resolve(through), walk is null ? null : Resolve(walk), shift);
            }

            return known;
        }
    }

    private static int ToRows(long rows, IndexSpace space) => rows < int.MaxValue
        ? (int)rows
        : throw new PigeonException("PG0204", $"it would have {rows} rows; a space has fewer than 2^31", $"space {space}");

    private BoundMap Bind(Map map)
    {
        switch (map)
        {
            case Map.Stored { From: IndexSpace.Sorted sorted } s:
                BoundMap given = Resolve(s.Given());
                return Resolve(sorted.By).Order is { } order ? Compute(map, order.Length, given.ToSize, i => given.Values[order[i]]) : given;
            case Map.Stored s:
                int size = SizeOf(s.From);
                return stored.TryGetValue(s.Name, out int[]? values) && values.Length == size
                    ? inPlace.Contains(s.Name) ? BoundMap.InPlace(s.Name, values, SizeOf(s.To)) : new BoundMap(s.Name, values.AsSpan(), SizeOf(s.To))
                    : throw new PigeonException("PG0205", values is null
                        ? "the graph does not provide it"
                        : $"it has {values.Length} elements, but {s.From} has {size}", $"map {s.Name}");
            case Map.Identity id:
                return Compute(map, SizeOf(id.From), SizeOf(id.To), i => i);
            case Map.Unit unit:
                return Compute(map, SizeOf(unit.From), 1, _ => 0);
            case Map.Composed c:
                int[] inner = Resolve(c.Inner).Values;
                BoundMap outer = Resolve(c.Outer);
                return Compute(map, inner.Length, outer.ToSize, i => outer.Values[inner[i]]);
            case Map.Pair p:
                return Pairs((IndexSpace.Distinct)p.To).Pair;
            case Map.Component c:
                BoundPairs pairs = Pairs(c.Pairs);
                return c.Position == 0 ? pairs.First : pairs.Second;
            case Map.Index index:
                int[] rows = Resolve(index.First).Values;
                BoundMap columns = Resolve(index.Second);
                return Compute(map, rows.Length, SizeOf(index.To), i => (rows[i] * columns.ToSize) + columns.Values[i]);
            case Map.Into into:
                BoundEither ways = Ways(into.Ways);
                return new BoundMap(map.ToString(), ways.Rows, ways.Elements.Length);
            case Map.Via via:
                int[] elements = Ways(via.Ways).Elements;
                BoundMap whole = Resolve(via.Whole);
                return Compute(map, elements.Length, whole.ToSize, i => whole.Values[elements[i]]);
            default:
                throw new InvalidOperationException($"unknown map {map}");
        }
    }

    private static BoundMap Compute(Map map, int fromSize, int toSize, Func<int, int> value)
    {
        int[] values = GC.AllocateUninitializedArray<int>(fromSize, pinned: true);
        for (int i = 0; i < fromSize; i++)
        {
            values[i] = value(i);
        }

        return BoundMap.InPlace(map.ToString(), values, toSize);
    }

    private int RowsOf(IndexSpace.Either space)
    {
        lock (gate)
        {
            return either.TryGetValue(space, out var held) ? held.Rows : Ways(space).Elements.Length;
        }
    }

    private BoundEither Ways(IndexSpace.Either space)
    {
        lock (gate)
        {
            if (!either.TryGetValue(space, out var held) || !held.Ways.TryGetTarget(out BoundEither? ways))
            {
                var first = new Map.Pair(space.Type, space.First);
                var second = new Map.Pair(space.Type, space.Second);
                ways = BoundEither.Of(space.Part, Resolve(space.Type), (Resolve(first), TypesOf(first)), (Resolve(second), TypesOf(second)));
                either[space] = (ways.Elements.Length, new(ways));
            }

            return ways;
        }

        BoundMap TypesOf(Map.Pair pair) => Pairs((IndexSpace.Distinct)pair.To).First;
    }

    private int RowsOf(IndexSpace.Distinct space)
    {
        lock (gate)
        {
            return distinct.TryGetValue(space, out var held) ? held.Rows : Pairs(space).First.Values.Length;
        }
    }

    private BoundPairs Pairs(IndexSpace.Distinct space)
    {
        lock (gate)
        {
            if (!distinct.TryGetValue(space, out var held) || !held.Pairs.TryGetTarget(out BoundPairs? pairs))
            {
                pairs = BoundPairs.Of(space, Resolve(space.First), Resolve(space.Second));
                distinct[space] = (pairs.First.Values.Length, new(pairs));
                kept.Add(pairs);
            }

            return pairs;
        }
    }
}
