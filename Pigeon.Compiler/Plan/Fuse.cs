using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Groups the values of a program into kernels. Each value with rows joins the latest kernel that may compute it, otherwise it
/// begins one. A value may join a kernel when the kernel runs over its rows (or loops over them, as the neighbours of its
/// rows) and everything it reads is either computed by an earlier kernel, or by this one at the same row or neighbour.
/// <para>
/// Edge softmax, for example, is a maximum, a sum and the expressions between them, all along one map: they become the loops
/// of one traversal, and nothing of the size of the edges but the numerators is stored.
/// </para>
/// <code>
/// %3 = reduce.max dst %2                         kernel over Nodes
/// %4 = gather dst %3                               loop dst: %3 max= %2
/// %5 = pointwise {exp($0 - $1)} %2, %4     ⇒       loop dst: %5 = exp(%2 - %3); %6 += %5
/// %6 = reduce.sum dst %5
/// </code>
/// </summary>
public static partial class Fuse
{
    /// <summary>Plans a program.</summary>
    /// <param name="program">A simplified program.</param>
    /// <param name="fuse">False to give every operator a kernel of its own: the plan that all others are compared with.</param>
    /// <param name="fixedWeights">Whether kernels that depend on weights and the graph alone run once, when weights are given.</param>
    /// <param name="storesBefore">Whether a traversal may become a product's steps before where others read what it computes too.</param>
    /// <param name="neighboursOf">How many neighbours a row has along a map on average; infinitely many where threads have to share those of one row. Null where
    /// it is not known: then no traversal becomes the first steps of another, nor those before a weight gradient.</param>
    /// <param name="walksNodes">Whether dots of pairs of a type and a node are computed node by node: see <see cref="NarrowProducts"/>.</param>
    /// <exception cref="PigeonException">PG0130: an operator or an element type has no kernel.</exception>
    public static Plan Run(Program program, bool fuse = true, bool fixedWeights = false, bool storesBefore = true,
        Func<Map, double>? neighboursOf = null, bool walksNodes = false)
    {
        for (int i = 0; i < program.Values.Length; i++)
        {
            if (program.Types[i].Element != ElementType.F32)
            {
                throw new PigeonException("PG0130", $"there are no kernels for {program.Types[i].Element.ToString().ToLowerInvariant()} yet",
                    $"{program.Name}: %{i}", "use f32, or the reference evaluator");
            }
        }

        return new Planner(program, fuse, fixedWeights, storesBefore, neighboursOf, walksNodes).Run();
    }

    private sealed class Draft(IndexSpace rows, bool once, bool ofDots = false)
    {
        public IndexSpace Rows { get; } = rows;

        public bool Once { get; } = once;

        /// <summary>Whether it walks the pairs of a row for dots of that row: see <see cref="NarrowProducts"/>.</summary>
        public bool OfDots { get; } = ofDots;

        public Contraction? Contraction { get; set; }

        public List<Step> Before { get; } = [];

        public List<Step> After { get; } = [];

        public HashSet<int> Values { get; } = [];

        public List<Step> Open => Contraction is null ? Before : After;
    }

    private sealed partial class Planner
    {
        private readonly Program program;
        private readonly bool fuse;
        private readonly bool storesBefore;
        private readonly Func<Map, double>? neighboursOf;
        private readonly bool[] located;
        private readonly bool[] constant;
        private readonly ImmutableArray<ImmutableArray<int>> users;
        private readonly StageBuilder stages;
        private readonly List<Draft> drafts = [];
        private readonly Draft?[] homes;
        private readonly Map?[] loops;
        private readonly Map?[] reducedAlong;
        private readonly bool[] isForOneMap;
        private readonly Map?[] walked;
        private readonly HashSet<Operator> placed = [];

        public Planner(Program program, bool fuse, bool fixedWeights, bool storesBefore, Func<Map, double>? neighboursOf, bool walksNodes)
        {
            this.program = program;
            this.fuse = fuse;
            this.storesBefore = storesBefore;
            this.neighboursOf = neighboursOf;
            located = Materialise.Run(program);
            if (!fuse)
            {
                for (int i = 0; i < located.Length; i++)
                {
                    located[i] |= program.Values[i] is not (Operator.Constant or Operator.Reshape or Operator.Uniform);
                }
            }

            constant = new bool[located.Length];
            for (int i = 0; i < constant.Length; i++)
            {
                constant[i] = program.Values[i] switch
                {
                    Operator.Input => false,
                    Operator.Weight => fixedWeights,
                    Operator op => op.Operands.All(o => constant[o]),
                };
            }

            users = program.Users();
            stages = new(program, located);
            homes = new Draft?[located.Length];
            loops = new Map?[located.Length];
            reducedAlong = FindReductions();
            isForOneMap = FindValuesForOneMap();
            walked = [.. located.Select((_, value) => fuse && walksNodes ? NarrowProducts.WalkOf(program, value) : null)];
        }

        public Plan Run()
        {
            for (int value = 0; value < located.Length; value++)
            {
                switch (program.Values[value])
                {
                    case Operator.Input or Operator.Weight:
                        break;
                    case Operator.Uniform uniform when located[value] || program.Values[uniform.Seed] is not Operator.Input:
                        throw new PigeonException("PG0130", "random numbers have kernels only inside expressions, from a seed that is an input",
                            $"{program.Name}: %{value}");
                    case Operator.Regroup regroup:
                        homes[value] = homes[regroup.X];
                        break;
                    case Operator.TypedLinear linear:
                        PlaceContraction(value, linear);
                        break;
                    case Operator.OuterSum outer:
                        PlaceOuterSum(value, outer);
                        break;
                    case var _ when located[value]:
                        Place(value);
                        break;
                }
            }

            if (fuse)
            {
                MoveIntoProducts();
                MoveIntoTraversals();
            }

            // Kernels of the graph alone, and of fixed weights, run before all others.
            ImmutableArray<Kernel> kernels = [.. drafts.Where(d => d.Once).Concat(drafts.Where(d => !d.Once)).Select((d, i) =>
                new Kernel($"k{i}_{Describe(d)}", d.Rows, d.Once, d.Contraction, [.. d.Before.ToArray()], [.. d.After.ToArray()]))];
            return new(program, new(kernels), StorageOf(), [.. Enumerable.Repeat(ElementType.F32, located.Length)]);
        }

        private static string Describe(Draft draft) =>
            draft.Contraction is not null ? "gemm" : draft.Before.Any(s => s.Loop is not null) ? "traverse" : "map";

        private void Place(int value)
        {
            Operator op = program.Values[value];
            Map? reduced = (op as Operator.Reduce)?.Map;
            IndexSpace space = program.Types[value].Space;
            bool isCopy = !placed.Add(op);
            (Draft Draft, Map? Loop, ImmutableArray<Stage> Stages)? found = null;
            for (int k = drafts.Count - 1; k >= 0 && fuse; k--)
            {
                Draft draft = drafts[k];
                if (draft.Once == constant[value] && (found is null || (reduced is not null && ReadsFrom(draft, value))) &&
                    (draft.OfDots == walked[value] is not null || ReadsFrom(draft, value)))
                {
                    foreach (Map? loop in LoopsFor(draft, value, space, reduced))
                    {
                        // A copy is for the kernel of its user.
                        if (isCopy && loop != reducedAlong[value])
                        {
                            continue;
                        }

                        ImmutableArray<Stage> built = stages.Build(value, loop);
                        if (!IsStranger(draft, value, loop, built) && MayJoin(draft, loop, built, reduced is not null))
                        {
                            found = (draft, loop, built);
                            break;
                        }
                    }
                }

                // Nothing before a kernel that computes an operand can compute this value.
                if (ReadsFrom(draft, value))
                {
                    break;
                }
            }

            if (found is { } place)
            {
                Append(place.Draft, value, place.Loop, place.Stages, reduced is not null);
                return;
            }

            Map? over = reduced ?? walked[value] ?? (fuse ? reducedAlong[value] : null);
            var fresh = new Draft(over?.To ?? space, constant[value], ofDots: walked[value] is not null);
            drafts.Add(fresh);
            Append(fresh, value, over, stages.Build(value, over), reduced is not null);
        }

        /// <summary>Whether a loop would compute, from nothing of its own, what loops along another map alone read: it would be stored for them.</summary>
        private bool IsStranger(Draft draft, int value, Map? loop, ImmutableArray<Stage> built) =>
            loop is not null && isForOneMap[value] && loop != reducedAlong[value] && program.Values[value] is not Operator.Reduce &&
            !built.SelectMany(stage => stage.Arguments).Any(read => read.Index.OfNeighbour && homes[read.Value] == draft);

        /// <summary>The places in a kernel where a value may be computed: its rows (null), or a loop over its space.</summary>
        private IEnumerable<Map?> LoopsFor(Draft draft, int value, IndexSpace space, Map? reduced)
        {
            if ((reduced ?? walked[value]) is { } along)
            {
                return draft.Rows == along.To && draft.Contraction is null ? [along] : [];
            }

            if (draft.Contraction is { Kind: ContractionKind.OuterSum })
            {
                return [];
            }

            if (draft.Rows == space)
            {
                return [null];
            }

            if (draft.Contraction is not null)
            {
                return [];
            }

            IEnumerable<Map?> over = draft.Before.Select(s => s.Loop).Where(m => m is not null && m.From == space);
            return reducedAlong[value] is { } later && later.To == draft.Rows ? over.Append(later).Distinct() : over.Distinct();
        }

        private bool MayJoin(Draft draft, Map? loop, ImmutableArray<Stage> built, bool reduces)
        {
            bool readsHere = false;
            foreach (Access access in built.SelectMany(s => s.Arguments))
            {
                Draft? home = homes[access.Value];
                if (home is null)
                {
                    continue;
                }

                if (home != draft)
                {
                    if (!RunsBefore(home, draft))
                    {
                        return false;
                    }

                    continue;
                }

                if (program.Values[access.Value] is Operator.Regroup)
                {
                    // Its rows are not those of the kernel: all of them must be there.
                    return false;
                }

                readsHere = true;
                bool sameLevel = access.Index.OfNeighbour ? loops[access.Value] == loop : loops[access.Value] is null;
                if (!sameLevel || access.Index.Along is not Map.Identity)
                {
                    return false;
                }
            }

            // A GEMM takes on only what continues it, row by row.
            return draft.Contraction is null || (readsHere && !reduces && draft.Contraction.Lead == 1);
        }

        private void Append(Draft draft, int value, Map? loop, ImmutableArray<Stage> built, bool reduces)
        {
            homes[value] = draft;
            loops[value] = reduces ? null : loop;
            draft.Values.Add(value);
            List<Step> steps = draft.Open;
            if (steps.Count > 0 && steps[^1] is { } last && last.Loop == loop && !ReadsReductionOf(last, built))
            {
                steps[^1] = last with { Stages = [.. last.Stages.Concat(built).ToArray()] };
            }
            else
            {
                steps.Add(new(loop, [.. built.ToArray()]));
            }
        }

        private static bool ReadsReductionOf(Step step, ImmutableArray<Stage> built) => built.Any(stage => stage.Arguments.Any(access =>
            step.Stages.Any(s => s.Kind == StageKind.Reduce && s.Value == access.Value)));

        private void PlaceContraction(int value, Operator.TypedLinear op)
        {
            if (op.Transposed)
            {
                throw new InvalidOperationException("transposed linears are rewritten before planning");
            }

            IndexSpace space = program.Types[value].Space;
            Shape x = program.Types[op.X].Row;
            Shape w = program.Types[op.W].Row;
            int blocks = w.Rank == 3 ? w[0] : 1;
            var contraction = new Contraction(ContractionKind.Linear, value, stages.Rows(op.X, space), stages.Rows(op.W, op.Type.To), op.Type, blocks,
                (int)(x.Width / x[^1] / blocks), w[^2], w[^1]);
            Draft? before = homes[contraction.X.Value];
            Draft draft;
            if (fuse && before is not null && MayPrecede(before, value, contraction))
            {
                draft = before;
            }
            else
            {
                draft = new Draft(space, constant[value]);
                drafts.Add(draft);
            }

            draft.Contraction = contraction;
            draft.Values.Add(value);
            homes[value] = draft;
        }

        private void PlaceOuterSum(int value, Operator.OuterSum op)
        {
            Shape x = program.Types[op.X].Row;
            IndexSpace rows = program.Types[op.X].Space;
            int blocks = op.Blocks ? x[0] : 1;
            var draft = new Draft(rows, constant[value])
            {
                Contraction = new(ContractionKind.OuterSum, value, stages.Rows(op.X, rows), stages.Rows(op.Y, rows), op.Type, blocks,
                    (int)(x.Width / x[^1] / blocks), x[^1], program.Types[op.Y].Row[^1]),
            };
            draft.Values.Add(value);
            homes[value] = draft;
            drafts.Add(draft);
        }

        /// <summary>Whether a traversal computes nothing but the rows that a contraction multiplies.</summary>
        private bool MayPrecede(Draft traversal, int value, Contraction contraction)
        {
            return program.Values[contraction.X.Value] is not Operator.Regroup && traversal.Contraction is null && traversal.Once == constant[value] && traversal.Rows == program.Types[value].Space &&
                contraction is { Lead: 1, X.Index.Along: Map.Identity } &&
                (homes[contraction.Y.Value] is not { } w || RunsBefore(w, traversal)) &&
                traversal.Values.All(v => IsPrivate(v, traversal, value)) &&
                program.Outputs.All(o => !traversal.Values.Contains(o.Value));
        }

        /// <summary>Kernels of the graph alone run before all others, otherwise the order is that of the drafts.</summary>
        private bool RunsBefore(Draft first, Draft second) =>
            first.Once == second.Once ? drafts.IndexOf(first) < drafts.IndexOf(second) : first.Once;

        private bool IsPrivate(int value, Draft draft, int consumer) => users[value].All(user =>
            user == consumer || (located[user] ? draft.Values.Contains(user) : IsPrivate(user, draft, consumer)));

        /// <summary>For each value, the map along which it is reduced, directly or after expressions; null if there is none.</summary>
        private Map?[] FindReductions()
        {
            var along = new Map?[program.Values.Length];
            for (int value = along.Length - 1; value >= 0; value--)
            {
                IndexSpace space = program.Types[value].Space;
                along[value] = users[value].Select(user => program.Values[user] switch
                {
                    Operator.Reduce reduce => reduce.Map,
                    Operator.TypedLinear or Operator.Gather => null,
                    _ => program.Types[user].Space == space ? along[user] : null,
                }).FirstOrDefault(map => map is not null);
            }

            return along;
        }

        /// <summary>Whether all that reads a value, directly or after expressions, reduces it along one map.</summary>
        private bool[] FindValuesForOneMap()
        {
            bool[] isForOne = new bool[program.Values.Length];
            for (int value = isForOne.Length - 1; value >= 0; value--)
            {
                isForOne[value] = reducedAlong[value] is not null && program.Outputs.All(output => output.Value != value) &&
                    users[value].All(user => program.Values[user] switch
                    {
                        Operator.Reduce reduce => reduce.Map == reducedAlong[value],
                        Operator.TypedLinear or Operator.OuterSum or Operator.Gather or Operator.Regroup => false,
                        _ => isForOne[user] && reducedAlong[user] == reducedAlong[value],
                    });
            }

            return isForOne;
        }

        private bool ReadsFrom(Draft draft, int value) => program.Values[value].Operands.Any(operand =>
            homes[operand] == draft || (!located[operand] && ReadsFrom(draft, operand)));

        private EquatableArray<Storage> StorageOf()
        {
            var storage = new Storage[located.Length];
            var outputs = program.Outputs.Select(o => o.Value).ToHashSet();
            List<Draft>[] readers = FindReaders();
            for (int v = 0; v < storage.Length; v++)
            {
                if (!located[v])
                {
                    continue;
                }

                Draft? home = homes[v];
                if (home is null || program.Values[v] is Operator.Regroup || users[v].Any(user => program.Values[user] is Operator.Regroup) || outputs.Contains(v) || readers[v].Any(d => d != home))
                {
                    storage[v] = Storage.Buffer;
                    continue;
                }

                int loopsUsed = home.Before.Count(s => s.Loop is not null && s.Stages.Any(st => st.Value == v || st.Arguments.Any(a =>
                    a.Value == v && a.Index.OfNeighbour)));
                storage[v] = loops[v] is not null && loopsUsed > 1 ? Storage.LoopBuffer : Storage.Scratch;
            }

            return [.. storage];
        }
    }
}
