using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pigeon.Compiler;

/// <summary>
/// Searches the programs that rewrites lead to for the ones that a cost model likes best. A beam: from the best few programs every
/// rewrite that fits anywhere is tried, the best few of what comes out go on, and the search ends when some rounds in a row have found
/// nothing better. A step may cost first and save later. The cost is that of the whole simplified program, so a rewrite gets credit for what it
/// makes dead or common elsewhere. What the search ends with is planned beside the program itself, and ranked by the kernels of the plans; the first few, where they are
/// close, once more with what <see cref="Recompute"/> makes of them. Where elements may be <see cref="Renumber">numbered</see> another way, each of them is planned
/// with either numbering. The result depends on program, costs and families alone.
/// </summary>
internal sealed class PlanSearch
{
    /// <summary>The programs that go on.</summary>
    private const int Width = 6;

    /// <summary>The rounds without anything better that end the search.</summary>
    private const int Patience = 3;

    /// <summary>The programs that are planned at the end, with each numbering: as many of each beam, and of programs of exactly one cost the first.</summary>
    private const int Finalists = 16;

    /// <summary>The most programs of a numbering that are ranked once more, with the values that they compute again.</summary>
    private const int Contenders = 8;

    /// <summary>What is dearer than the best plan of its numbering by this factor is not among them.</summary>
    private const double Near = 1.1;

    /// <summary>What is dearer than the best by this factor does not go on.</summary>
    private const double Slack = 1.5;

    /// <summary>Savings below this share of the cost are noise of the model.</summary>
    private const double Threshold = 0.001;

    /// <summary>By what factor a plan without another numbering has to be dearer than one with it.</summary>
    private const double NumberingSaves = 1.01;

    /// <summary>The most rewrites of a program that are taken together.</summary>
    private const int MostTogether = 64;

    /// <summary>Rewrites that pay where a product stores what it multiplies; see <see cref="CompileOptions.StoresBefore"/>.</summary>
    private static readonly ImmutableArray<Rewrite> Storing =
        [AggregateFirst.WeightGradientOfSums, SoftmaxByPairs.Rule, SoftmaxByPairs.Numerators, SoftmaxByPairs.Sum, SoftmaxByPairs.Factors];

    /// <summary>What has to come before rewrites that make products of all elements, or loops over them, dead.</summary>
    private static readonly ImmutableArray<Rewrite> Before =
        [ReorderLinear.Rule, ReorderLinear.LeftOfGradient, ReorderLinear.TermOfGradient, NormaliseLast.Rule, DotsLast.Rule];

    private static readonly ImmutableArray<Rewrite> Reordered = Before[..3];

    /// <summary>
    /// Rewrites that add products, or steps, and pay where all of them together make those of the elements dead: some wherever they fit, then the next. One that does
    /// not only come before has to fit.
    /// </summary>
    private static readonly ImmutableArray<ImmutableArray<ImmutableArray<Rewrite>>> Companions =
    [
        [[.. Reordered, WeighedSides.Sum, WeighedSides.WeightGradient, WeighedSides.Dot, WeighedSides.TypeSum]],
        [Before, [SoftmaxByPairs.Numerators], [SoftmaxByPairs.Sum, SoftmaxByPairs.Factors], [SoftmaxByPairs.Rule]],
    ];

    private readonly Rewrite[] rules;
    private readonly Dictionary<int, (Rewrite Rule, int Other)[]> ways = [];
    private readonly HashSet<Key> seen = [];

    private PlanSearch(RewriteFamilies families, bool storesBefore = true) =>
        rules = [.. Rules.Where(rule => families.HasFlag(rule.Family) && (storesBefore || !Storing.Contains(rule)))];

    /// <summary>What may be done.</summary>
    public static ImmutableArray<Rewrite> Rules { get; } =
    [
        ReorderLinear.Rule,
        ReorderLinear.LeftOfGradient,
        ReorderLinear.RightOfGradient,
        ReorderLinear.TermOfGradient,
        ColumnAsDot.Rule,
        AggregateFirst.SameTarget,
        AggregateFirst.ThroughPairs,
        AggregateFirst.OfTerm,
        AggregateFirst.WeightGradient,
        AggregateFirst.WeightGradientOfSums,
        ConcatenateTypes.Sum,
        ConcatenateTypes.WeightGradient,
        NormaliseLast.Rule,
        DotsLast.Rule,
        SoftmaxByPairs.Rule,
        SoftmaxByPairs.Numerators,
        SoftmaxByPairs.Sum,
        SoftmaxByPairs.Factors,
        Compact.Linear,
        Compact.Rows,
        Compact.Earlier,
        EitherSide.Sum,
        EitherSide.WeightGradient,
        WeighedSides.Sum,
        WeighedSides.WeightGradient,
        WeighedSides.Dot,
        WeighedSides.TypeSum,
        JoinLinears.Rule,
    ];

    /// <summary>The best programs, the cheapest first; the program itself may be among them.</summary>
    /// <param name="program">A simplified program.</param>
    /// <param name="options">The graph and the machine's costs.</param>
    /// <param name="families">The rewrites that may be used.</param>
    /// <param name="count">The most programs to return.</param>
    /// <exception cref="ArgumentException">The options name no graph.</exception>
    public static ImmutableArray<RewrittenProgram> Run(Program program, CompileOptions options, RewriteFamilies families, int count = 1)
    {
        var counts = new GraphCounts(options.Graph ?? throw new ArgumentException("plans are chosen for a graph", nameof(options)));
        var start = StoredProgram.Of(program);
        var model = new CostModel(counts, options);
        var author = new State(start, model.Of(start), null, null, 0);
        var search = new PlanSearch(families, options.StoresBefore);
        State[] finalists = search.FinalistsFrom(author, model, Math.Max(count, Finalists));
        State[] numbered = families.HasFlag(RewriteFamilies.Number) && Renumber.PlaceIn(start, counts) is { } place && Renumber.At(start, place) is { } sorted
            ? search.NumberedFrom(new(sorted, model.Of(sorted), author, Renumber.Rule, place), finalists, model)
            : [];
        State[] all = [.. finalists, .. numbered];
        foreach ((State state, double seconds) in Times(all, options, PlanCosts.Seconds))
        {
            state.Planned = seconds;
        }

        State[] close = [.. new[] { finalists, numbered }.SelectMany(Close)];
        IEnumerable<State> contenders = close.Length < 2 ? close : Times(close, options, SecondsRecomputed)
            .OrderBy(contender => contender.Seconds * contender.State.Handicap).Select(contender => contender.State);
        IEnumerable<State> others = all.Where(state => !Array.Exists(close, other => ReferenceEquals(other, state)));
        return [.. contenders.Concat(others.OrderBy(state => Seconds(state) * state.Handicap)).Take(count).Select(state => state.ToRewritten(program, Seconds))];

        double Seconds(State state) => state.Planned ??= PlanCosts.Seconds(state.Program.ToProgram(), counts, options);

        static IEnumerable<State> Close(State[] states)
        {
            State[] ordered = [.. states.OrderBy(state => state.Planned)];
            return ordered.Take(Contenders).TakeWhile(state => state.Planned <= Near * ordered[0].Planned);
        }
    }

    /// <summary>
    /// The program with some rewrites wherever they fit: each adds work, and only all of them together, with what has to come before, make that of the
    /// elements dead, so that a search of one step at a time would stop before. Null where none fits, and where a search is not <see cref="IsQuick">quick</see>.
    /// </summary>
    private State? WithAll(State start, CostModel model, ImmutableArray<ImmutableArray<Rewrite>> together)
    {
        if (!IsQuick(start.Program))
        {
            return null;
        }

        State state = start;
        bool fits = false;
        int steps = 0;
        foreach (ImmutableArray<Rewrite> group in together)
        {
            for (; steps < MostTogether; steps++)
            {
                (int value, (Rewrite Rule, int Other) way) = state.Program.Order.SelectMany(value => WaysOf(state.Program.Store, value)
                    .Where(way => group.Contains(way.Rule)).Select(way => (value, way))).FirstOrDefault();
                if (way.Rule is null)
                {
                    break;
                }

                StoredProgram next = state.Program.With(value, way.Other);
                state = new(next, model.Of(next), state, way.Rule, value);
                fits |= !Before.Contains(way.Rule);
            }
        }

        return fits && seen.Add(new(state.Program)) ? state : null;
    }

    /// <summary>Whether more than one search is worth its time: not where heads have blocks of their own, as in HGT, whose products are small and searches long.</summary>
    private static bool IsQuick(StoredProgram program) => !program.Order.Any(value => FoldWeights.IsOfBlocks(program.Store, value));

    /// <summary>All programs that one rewrite leads to.</summary>
    public static IEnumerable<(Rewrite Rule, Program Program)> Neighbours(Program program)
    {
        var search = new PlanSearch(RewriteFamilies.All);
        var stored = StoredProgram.Of(program);
        return search.Next(stored).Select(next => (next.Rule, next.Program.ToProgram())).Concat(stored.Order
            .Select(value => Renumber.At(stored, value)).OfType<StoredProgram>().Select(next => (Renumber.Rule, next.ToProgram())));
    }

    /// <summary>The program that given rewrites lead to, each at the number of a value; null where one does not fit.</summary>
    public static Program? Follow(Program program, IReadOnlyList<(int Value, string Rule)> steps)
    {
        var search = new PlanSearch(RewriteFamilies.All);
        var at = StoredProgram.Of(program);
        foreach ((int place, string rule) in steps)
        {
            if (search.Step(at, place, rule) is not { } next)
            {
                return null;
            }

            at = next;
        }

        return steps.Count == 0 ? program : at.ToProgram();
    }

    /// <summary>The times of programs, half of them on a thread of its own: they have nothing in common but the graph.</summary>
    private static (State State, double Seconds)[] Times(State[] states, CompileOptions options, Func<Program, GraphCounts, CompileOptions, double> time) =>
        [.. Task.WhenAll(states.Chunk((states.Length + 1) / 2).Select(half => Task.Run(() =>
        {
            var counts = new GraphCounts(options.Graph!);
            return Array.ConvertAll(half, state => (state, time(state.Program.ToProgram(), counts, options)));
        }))).GetAwaiter().GetResult().SelectMany(half => half)];

    /// <summary>The predicted time of a program with the values that it computes again.</summary>
    public static double SecondsRecomputed(Program program, GraphCounts graph, CompileOptions options)
    {
        Program recomputed = Recompute.Run(Sink.Run(SeparateOutputs.Run(HoistWeights.Run(program)), options), options);
        return PlanCosts.Seconds(ProgramCompiler.PlanKernels(recomputed, graph, options with { Fuse = true }), graph, options);
    }

    /// <summary>What searches from a program end with.</summary>
    private State[] FinalistsFrom(State first, CostModel model, int most)
    {
        List<List<State>> beams = [From(first, model, most)];
        foreach (ImmutableArray<ImmutableArray<Rewrite>> together in Companions)
        {
            if (WithAll(first, model, together) is { } state)
            {
                beams.Add(From(state, model, most));
            }
        }

        // Costs without a plan are wrong by much the same factor for programs of one beam, and by different ones for programs of several: each beam has its share.
        int share = (most + beams.Count - 1) / beams.Count;
        State[] finalists = [.. beams.SelectMany(beam => beam.Take(share))];

        // Costs without a plan may have taken it for a dear one.
        return Array.Exists(finalists, state => ReferenceEquals(state, first)) ? finalists : [.. finalists, first];
    }

    /// <summary>
    /// What may be the best programs with elements numbered another way: what the steps to those without lead to from there, as far as they fit, and what a
    /// search from there ends with where it is <see cref="IsQuick">quick</see>.
    /// </summary>
    /// <param name="first">The program with another numbering.</param>
    /// <param name="finalists">The programs that were found without.</param>
    /// <param name="model">What programs cost.</param>
    private State[] NumberedFrom(State first, State[] finalists, CostModel model)
    {
        var known = new Dictionary<State, State?>(ReferenceEqualityComparer.Instance) { [first.Before!] = first };
        IEnumerable<State> same = finalists.Select(Of).OfType<State>();
        IEnumerable<State> found = IsQuick(first.Program) ? From(first, model, Finalists / 2) : [];
        return [.. same.Concat(found).DistinctBy(state => new Key(state.Program))];

        State? Of(State state)
        {
            if (!known.TryGetValue(state, out State? there))
            {
                known[state] = there = Of(state.Before!) is { } before ? After(before, state) : null;
            }

            return there;
        }

        State? After(State before, State state)
        {
            int place = state.Before!.Program.NumberOf(state.Value);
            return Step(before.Program, place, state.Rule!.Name) is { } next ? new(next, state.Cost, before, state.Rule, before.Program.Order[place]) : null;
        }
    }

    /// <summary>The program after a rewrite at the number of a value; null where it does not fit.</summary>
    private StoredProgram? Step(StoredProgram program, int place, string rule)
    {
        if (place >= program.Order.Length)
        {
            return null;
        }

        int value = program.Order[place];
        if (rule == Renumber.Rule.Name)
        {
            return Renumber.At(program, value);
        }

        (Rewrite? way, int other) = WaysOf(program.Store, value).FirstOrDefault(way => way.Rule.Name == rule);
        return way is null ? null : program.With(value, other);
    }

    private List<State> From(State start, CostModel model, int count)
    {
        seen.Add(new(start.Program));
        List<State> best = [start];
        List<State> front = [start];
        for (int idle = 0; idle < Patience && front.Count > 0; idle++)
        {
            // Stable: of two programs that cost the same, the one that was found first.
            front = [.. front.SelectMany(state => Next(state.Program).Select(next =>
                new State(next.Program, model.Of(next.Program), state, next.Rule, next.Value))).ToArray().OrderBy(state => state.Cost).Take(Math.Max(Width, count))];
            double lowest = best[0].Cost;
            best = [.. best.Concat(front).OrderBy(state => state.Cost).DistinctBy(state => state.Cost).Take(count)];
            if (best[0].Cost < lowest * (1 - Threshold))
            {
                idle = -1;
            }

            front = [.. front.Where(state => state.Cost <= Slack * best[0].Cost).Take(Width)];
        }

        return best;
    }

    /// <summary>The programs that one rewrite leads to and that were not seen before.</summary>
    private IEnumerable<(StoredProgram Program, Rewrite Rule, int Value)> Next(StoredProgram program)
    {
        foreach (int value in program.Order)
        {
            foreach ((Rewrite rule, int other) in WaysOf(program.Store, value))
            {
                StoredProgram next = program.With(value, other);
                if (seen.Add(new(next)))
                {
                    yield return (next, rule, value);
                }
            }
        }
    }

    /// <summary>The other ways to compute a value; they depend on the value alone.</summary>
    private (Rewrite Rule, int Other)[] WaysOf(ValueStore store, int value)
    {
        ref var found = ref CollectionsMarshal.GetValueRefOrAddDefault(ways, value, out bool known);
        if (!known)
        {
            var all = new List<(Rewrite, int)>();
            foreach (Rewrite rule in rules)
            {
                if (rule.Apply(new(store, value)) is { } other && other.Id != value)
                {
                    all.Add((rule, other.Id));
                }
            }

            found = [.. all];
        }

        return found!;
    }

    /// <summary>Two programs over one store compute their outputs in the same way where these are the same values.</summary>
    private readonly struct Key(StoredProgram program) : IEquatable<Key>
    {
        private readonly ImmutableArray<Output> outputs = program.Outputs;

        public bool Equals(Key other)
        {
            for (int i = 0; i < outputs.Length; i++)
            {
                if (outputs[i].Value != other.outputs[i].Value)
                {
                    return false;
                }
            }

            return true;
        }

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (Output output in outputs)
            {
                hash.Add(output.Value);
            }

            return hash.ToHashCode();
        }
    }

    private sealed record State(StoredProgram Program, double Cost, State? Before, Rewrite? Rule, int Value)
    {
        /// <summary>The seconds of its plan, where they were asked for.</summary>
        public double? Planned { get; set; }

        /// <summary>What its time counts for where programs are ranked: another numbering has to save what sorting takes, and more than noise of the model.</summary>
        public double Handicap => Rule == Renumber.Rule ? NumberingSaves : Before?.Handicap ?? 1;

        public RewrittenProgram ToRewritten(Program author, Func<State, double> seconds)
        {
            var steps = new Stack<RewriteStep>();
            for (State state = this; state.Before is { } before; state = before)
            {
                ValueStore store = before.Program.Store;
                int place = before.Program.NumberOf(state.Value);
                steps.Push(new(state.Rule!.Name, state.Rule.Family, place,
                    $"{ProgramPrinter.Print(before.Program.Numbered(state.Value))} : {store.TypeOf(state.Value)}", seconds(before) - seconds(state)));
            }

            return new(Before is null ? author : Program.ToProgram(), [.. steps], seconds(this));
        }
    }
}
