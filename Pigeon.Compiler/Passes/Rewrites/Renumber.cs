using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Numbers the elements of a declared space in the order of a map along which they are reduced. The elements of one row then lie side by side, and so do
/// those of one pair with the row in it; walks along other maps lose the order that the graph gave. Sums along other maps have another order,
/// and nothing else changes. Unlike other rewrites it is one of the whole program: every map from the space becomes one from the sorted space.
/// <code>
/// %2 = linear etype %0, %1                   %2 = linear via(sorted(dst), etype) %0, %1
/// %3 = reduce.sum dst %2             ⇒       %3 = reduce.sum via(sorted(dst), dst) %2
/// </code>
/// Not where the caller gives or gets rows of the elements, or they draw random numbers: both go by the number of a row.
/// </summary>
internal sealed class Renumber
{
    private readonly Map.Stored by;
    private readonly IndexSpace.Sorted sorted;

    private Renumber(Map.Stored by) => (this.by, sorted) = (by, new(by));

    /// <summary>The rule's name and family; what it does is <see cref="At"/>.</summary>
    public static Rewrite Rule { get; } = new("number", RewriteFamilies.Number, _ => null);

    /// <summary>The first reduction by whose map elements could be numbered, and are not already; null for none.</summary>
    public static int? PlaceIn(StoredProgram program, GraphCounts graph)
    {
        foreach (int value in program.Order)
        {
            if (KeyOf(program, value) is { } key && !graph.IsSorted(key))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The program with elements numbered by the map of the reduction that computes a value; null where they can't be.</summary>
    public static StoredProgram? At(StoredProgram program, int value)
    {
        if (KeyOf(program, value) is not { } key)
        {
            return null;
        }

        var renumber = new Renumber(key);
        var renamed = new Dictionary<int, int>();
        foreach (int id in program.Order)
        {
            Operator op = program.Store.OperatorOf(id);
            renamed[id] = program.Store.Add(renumber.Of(op.With([.. op.Operands.Select(o => renamed[o])]))).Id;
        }

        return program.Renamed(renamed);
    }

    /// <summary>The map to number by.</summary>
    private static Map.Stored? KeyOf(StoredProgram program, int value) =>
        program.Store.OperatorOf(value) is Operator.Reduce reduce && StoredIn(reduce.Map) is { From: IndexSpace.Declared } key && Allows(program, key.From)
            ? key
            : null;

    /// <summary>The stored map that alone decides where a map leads: itself, or that of a pair whose other part follows from it.</summary>
    private static Map.Stored? StoredIn(Map map) => map switch
    {
        Map.Stored stored => stored,
        Map.Pair pair when StoredIn(pair.First) is { } first && first == StoredIn(pair.Second) => first,
        Map.Composed composed => StoredIn(composed.Inner),
        _ => null,
    };

    private static bool Allows(StoredProgram program, IndexSpace space) =>
        program.Order.All(id => program.Store.OperatorOf(id) switch
        {
            Operator.Input or Operator.Weight or Operator.Uniform => !Mentions(program.Store.TypeOf(id).Space, space),
            var op => ProgramPrinter.MapOf(op) is not { } map || !LeadsTo(map, space),
        }) && program.Outputs.All(output => !Mentions(program.Store.TypeOf(output.Value).Space, space));

    /// <summary>Whether a stored map in a map leads to a space: its values would be numbers of other rows.</summary>
    private static bool LeadsTo(Map map, IndexSpace space) => map switch
    {
        Map.Stored stored => stored.To == space || stored.From is IndexSpace.Sorted,
        Map.Identity or Map.Unit => false,
        Map.Composed c => LeadsTo(c.Outer, space) || LeadsTo(c.Inner, space),
        Map.Pair p => LeadsTo(p.First, space) || LeadsTo(p.Second, space),
        Map.Component c => LeadsTo(c.Pairs.First, space) || LeadsTo(c.Pairs.Second, space),
        Map.Index i => LeadsTo(i.First, space) || LeadsTo(i.Second, space),
        Map.Into i => LeadsTo(i.Ways.Type, space) || LeadsTo(i.Ways.First, space) || LeadsTo(i.Ways.Second, space),
        Map.Via v => LeadsTo(v.Whole, space),
        _ => true,
    };

    private static bool Mentions(IndexSpace within, IndexSpace space) => within == space || within switch
    {
        IndexSpace.Distinct d => Mentions(d.First.From, space),
        IndexSpace.Either e => Mentions(e.Type.From, space),
        IndexSpace.Product p => Mentions(p.First, space) || Mentions(p.Second, space),
        _ => false,
    };

    private Operator Of(Operator op) => op switch
    {
        Operator.Constant o => o with { Type = o.Type with { Space = Of(o.Type.Space) } },
        Operator.TypedLinear o => o with { Type = Of(o.Type) },
        Operator.OuterSum o => o with { Type = Of(o.Type) },
        Operator.Gather o => o with { Map = Of(o.Map) },
        Operator.Reduce o => o with { Map = Of(o.Map) },
        Operator.Regroup o => o with { Space = Of(o.Space) },
        _ => op,
    };

    private Map Of(Map map) => map switch
    {
        Map.Stored m => m.From == by.From ? m with { From = sorted } : m,
        Map.Identity m => new Map.Identity(Of(m.Space)),
        Map.Unit m => new Map.Unit(Of(m.Space)),
        Map.Composed m => new Map.Composed(Of(m.Outer), Of(m.Inner)),
        Map.Pair m => new Map.Pair(Of(m.First), Of(m.Second)),
        Map.Component m => new Map.Component((IndexSpace.Distinct)Of(m.Pairs), m.Position),
        Map.Index m => new Map.Index(Of(m.First), Of(m.Second)),
        Map.Into m => new Map.Into((IndexSpace.Either)Of(m.Ways)),
        Map.Via m => new Map.Via((IndexSpace.Either)Of(m.Ways), Of(m.Whole)),
        _ => throw new InvalidOperationException($"unknown map {map}"),
    };

    private IndexSpace Of(IndexSpace space) => space switch
    {
        _ when space == by.From => sorted,
        IndexSpace.Distinct s => new IndexSpace.Distinct(Of(s.First), Of(s.Second)),
        IndexSpace.Either s => s with { Type = Of(s.Type), First = Of(s.First), Second = Of(s.Second) },
        IndexSpace.Product s => new IndexSpace.Product(Of(s.First), Of(s.Second)),
        _ => space,
    };
}
