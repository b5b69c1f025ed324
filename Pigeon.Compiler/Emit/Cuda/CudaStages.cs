using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes the steps of a kernel for one row, <c>i</c>, and a group of lanes. In a loop <c>p</c> is the position in the compressed rows
/// and <c>e</c> the neighbour. Where rows are narrow the lanes of a group take a neighbour each, otherwise they share its elements.
/// In a traversal <c>SLOTS</c> groups may work on one row: each takes every <c>SLOTS</c>th neighbour, and their sums are joined.
/// </summary>
internal sealed class CudaStages(CodeWriter writer, CudaKernelSymbols symbols, CudaPlaces places, Kernel kernel, int lanes, int threads, int parts)
{
    private const int UnrolledRounds = 8;
    private readonly Dictionary<(int Value, RowIndex Index), Code> rowPointers = [];
    private readonly bool tiled = kernel.Contraction is not null;
    private int names;

    private Code Lane => lanes == 1 ? Code.Of($"0") : Code.Of($"lane");

    /// <summary>Writes the steps of one phase.</summary>
    public void Emit(int phase)
    {
        rowPointers.Clear();
        foreach (IGrouping<int, PlacedStage> step in places.Stages.Where(s => s.Phase == phase).GroupBy(s => s.Step))
        {
            PlacedStage[] stages = [.. step];
            if (stages[0].Loop is { } loop)
            {
                EmitLoop(stages, loop);
                continue;
            }

            foreach (PlacedStage stage in stages)
            {
                EmitStage(stage, rowPointers);
                if (places.IsExchanged(stage.Stage.Value))
                {
                    EmitRowSync();
                }
            }
        }
    }

    private void EmitRowSync()
    {
        if (tiled)
        {
            writer.Line($"pg_sync<{lanes}>(mask);");
        }
        else
        {
            writer.Line($"if (SLOTS > 1) __syncthreads(); else pg_sync<{lanes}>(mask);");
        }
    }

    private void EmitLoop(PlacedStage[] stages, Map loop)
    {
        bool narrow = stages[0].Layout.Lanes == 1 && lanes > 1;
        Code offsets = symbols.Offsets(loop);
        PlacedStage[] reductions = [.. stages.Where(s => s.Stage.Kind == StageKind.Reduce)];
        foreach (PlacedStage stage in reductions)
        {
            EmitStart(stage);
        }

        (Code begin, Code end) = (Name("begin"), Name("end"));
        writer.Line($"const int {begin} = {offsets}[i], {end} = {offsets}[i + 1];");
        Code first = (tiled, narrow) switch
        {
            (true, true) => Code.Of($"{begin} + lane"),
            (true, false) => begin,
            (false, true) => Code.Of($"{begin} + slot * {lanes} + lane"),
            _ => Code.Of($"{begin} + slot"),
        };
        Code step = (tiled, narrow) switch
        {
            (true, true) => Code.Of($"{lanes}"),
            (true, false) => Code.Of($"1"),
            (false, true) => Code.Of($"SLOTS * {lanes}"),
            _ => Code.Of($"SLOTS"),
        };
        foreach (PlacedStage stage in stages)
        {
            foreach (Access access in stage.Stage.Arguments.Where(a => !a.Index.OfNeighbour && NeedsPointer(stage, a)))
            {
                Declare(access.Value, access.Index, null, rowPointers);
            }
        }

        using (writer.Block($"for (int p = {first}; p < {end}; p += {step})"))
        {
            var pointers = new Dictionary<(int, RowIndex), Code>(rowPointers);
            if (NeedsElement(stages))
            {
                Code order = symbols.Order(loop);
                writer.Line($"const int e = {order} == nullptr ? p : {order}[p];");
            }

            bool waits = false;
            foreach (PlacedStage stage in stages)
            {
                if (stage.Stage.Kind == StageKind.Reduce)
                {
                    EmitAccumulate(stage, pointers);
                    continue;
                }

                EmitStage(stage, pointers);
                bool read = stages.Any(s => s.Stage.Arguments.Any(a => a.Value == stage.Stage.Value && !places.IsServed(a.Value, s, a)));
                if (read && !places.IsPrivate(stage.Stage.Value) && stage.Layout.Lanes > 1)
                {
                    writer.Line($"pg_sync<{lanes}>(mask);");
                    waits |= !places.IsInBuffer(stage.Stage.Value);
                }
            }

            if (waits)
            {
                // The next neighbour's numbers go where these are still read.
                writer.Line($"pg_sync<{lanes}>(mask);");
            }
        }

        foreach (PlacedStage stage in reductions)
        {
            EmitFinish(stage, Code.Of($"{end} - {begin}"), narrow);
        }

        if (stages.Any(s => places.IsExchanged(s.Stage.Value)))
        {
            EmitRowSync();
        }
    }

    private void EmitStart(PlacedStage stage)
    {
        Stage s = stage.Stage;
        Code start = Code.Of($"{CudaExpression.Reduction(s.Reduction)}::start()");
        if (places.InRegister(s.Value))
        {
            writer.Line($"float s{s.Value} = {start};");
        }
        else if (stage.Layout.FitsRegisters)
        {
            writer.Line($"float r{s.Value}[{stage.Layout.Rounds}][{stage.Layout.Vector}];");
            ForEachRegister(stage, (j, c) => writer.Line($"r{s.Value}[{j}][{c}] = {start};"));
        }
        else
        {
            Code pointer = Declare(s.Value, RowOf(stage), null, rowPointers);
            ForEachPiece(stage, (position, _) =>
            {
                Code values = Name("y");
                writer.Line($"float {values}[{stage.Layout.Vector}];");
                ForEachElement(stage, c => writer.Line($"{values}[{c}] = {start};"));
                writer.Line($"pg_store<{stage.Layout.Vector}>({pointer} + {position.Offset(0)}, {values});");
            });
        }
    }

    private void EmitAccumulate(PlacedStage stage, Dictionary<(int, RowIndex), Code> pointers)
    {
        Stage s = stage.Stage;
        DeclareArguments(stage, pointers);
        if (places.InRegister(s.Value))
        {
            using (writer.Block())
            {
                Func<int, Code> argument = Scalars(stage, pointers, Start(s));
                writer.Line($"s{s.Value} = {CudaExpression.Combine(s.Reduction, Code.Of($"s{s.Value}"), s.Expression, argument)};");
            }

            return;
        }

        ForEachPiece(stage, (position, j) =>
        {
            int vector = stage.Layout.Vector;
            Func<int, Code, Code> argument = Vectors(stage, pointers, position, j);
            if (stage.Layout.FitsRegisters)
            {
                ForEachElement(stage, c => writer.Line($"r{s.Value}[{j}][{c}] = {CudaExpression.Combine(s.Reduction,
                    Code.Of($"r{s.Value}[{j}][{c}]"), s.Expression, a => argument(a, c))};"));
                return;
            }

            Code pointer = Declare(s.Value, RowOf(stage), null, pointers);
            Code values = Name("y");
            writer.Line($"float {values}[{vector}];");
            writer.Line($"pg_load<{vector}>({values}, {pointer} + {position.Offset(0)});");
            ForEachElement(stage, c => writer.Line($"{values}[{c}] = {CudaExpression.Combine(s.Reduction,
                Code.Of($"{values}[{c}]"), s.Expression, a => argument(a, c))};"));
            writer.Line($"pg_store<{vector}>({pointer} + {position.Offset(0)}, {values});");
        });
    }

    /// <summary>Joins what lanes and groups have reduced; a mean is divided, extremes of nothing are 0.</summary>
    private void EmitFinish(PlacedStage stage, Code count, bool narrow)
    {
        Stage s = stage.Stage;
        Code reduction = CudaExpression.Reduction(s.Reduction);
        Code Finished(Code x) => s.Reduction switch
        {
            ReduceKind.Mean => Code.Of($"{x} / (float)max({count}, 1)"),
            ReduceKind.Max or ReduceKind.Min => Code.Of($"{count} == 0 ? 0.0f : {x}"),
            _ => x,
        };

        void Join(Code x)
        {
            if (narrow)
            {
                writer.Line($"{x} = pg_fold<{reduction}, {lanes}>({x}, mask);");
            }

            if (!tiled)
            {
                writer.Line($"if (SLOTS > 1) {x} = pg_fold_block<{reduction}, {lanes}, {threads}>({x}, exchange);");
            }

            if (s.Reduction is not (ReduceKind.Sum or ReduceKind.Prod))
            {
                writer.Line($"{x} = {Finished(x)};");
            }
        }

        if (places.InRegister(s.Value))
        {
            Code x = Code.Of($"s{s.Value}");
            Join(x);
            if (places.NeedsMemory(s.Value))
            {
                Code pointer = Declare(s.Value, RowOf(stage), null, rowPointers);
                StoreOnce(Code.Of($"{pointer}[{s.Offset}] = {x};"), stage);
            }
        }
        else if (stage.Layout.FitsRegisters)
        {
            ForEachRegister(stage, (j, c) => Join(Code.Of($"r{s.Value}[{j}][{c}]")));
            if (places.NeedsMemory(s.Value))
            {
                Code pointer = Declare(s.Value, RowOf(stage), null, rowPointers);
                using (First())
                {
                    ForEachPiece(stage, (position, j) =>
                    {
                        Code store = Code.Of($"pg_store<{stage.Layout.Vector}>({pointer} + {position.Offset(0)}, r{s.Value}[{j}]);");
                        writer.Line($"{(narrow ? Code.Of($"if (lane == {j} % {lanes}) {store}") : store)}");
                    });
                }
            }
        }
        else
        {
            Code pointer = Declare(s.Value, RowOf(stage), null, rowPointers);
            if (s.Reduction is ReduceKind.Max or ReduceKind.Min or ReduceKind.Mean)
            {
                ForEachPiece(stage, (position, _) => ForEachElement(stage, c =>
                {
                    Code at = Code.Of($"{pointer}[{position.Offset(0)} + {c}]");
                    writer.Line($"{at} = {Finished(at)};");
                }));
            }
        }
    }

    private void EmitStage(PlacedStage stage, Dictionary<(int, RowIndex), Code> pointers)
    {
        Stage s = stage.Stage;
        DeclareArguments(stage, pointers);
        bool memory = places.NeedsMemory(s.Value);
        if (places.IsPrivate(s.Value))
        {
            if (places.Stages.First(x => x.Stage.Value == s.Value) == stage)
            {
                writer.Line($"float s{s.Value}[{symbols.Width(s.Value)}];");
            }
        }

        Code pointer = memory ? Declare(s.Value, RowOf(stage), stage.Loop, pointers) : default;
        if (s.Kind == StageKind.RowReduce)
        {
            new CudaRowReduce(writer, stage, lanes, Name).Emit(places.InRegister(s.Value) ? Code.Of($"s{s.Value}") : default, pointer,
                MayStore(stage), position => Scalars(stage, pointers, position));
            return;
        }

        if (places.InRegister(s.Value))
        {
            writer.Line($"float s{s.Value};");
            using (writer.Block())
            {
                writer.Line($"s{s.Value} = {CudaExpression.Evaluate(s.Expression, Scalars(stage, pointers, Start(s)))};");
            }

            if (memory)
            {
                StoreOnce(Code.Of($"{pointer}[{s.Offset}] = s{s.Value};"), stage);
            }

            return;
        }

        bool kept = places.InLanes(s.Value);
        int vector = stage.Layout.Vector;
        if (kept)
        {
            writer.Line($"float r{s.Value}[{stage.Layout.Rounds}][{vector}];");
        }

        ForEachPiece(stage, (position, j) =>
        {
            Code values = kept ? Code.Of($"r{s.Value}[{j}]") : Name("y");
            if (!kept)
            {
                writer.Line($"float {values}[{vector}];");
            }

            Func<int, Code, Code> argument = Vectors(stage, pointers, position, j);
            ForEachElement(stage, c => writer.Line($"{values}[{c}] = {CudaExpression.Evaluate(s.Expression, a => argument(a, c))};"));
            if (memory)
            {
                writer.Line($"{When(MayStore(stage))}pg_store<{vector}>({pointer} + {position.Offset(0)}, {values});");
            }
        });
    }

    /// <summary>Stores a number that every lane has: one of them does.</summary>
    private void StoreOnce(Code store, PlacedStage stage)
    {
        Code lane = lanes == 1 || (stage.Layout.Lanes == 1 && stage.OfNeighbour) ? default : Code.Of($"lane == 0");
        Code part = parts > 1 ? Code.Of($"part == 0") : default;
        writer.Line($"{When(lane, part, MayStore(stage))}{store}");
    }

    /// <summary>Whether this group stores what all groups of the row have; empty where only one group has it.</summary>
    private Code MayStore(PlacedStage stage) => tiled || stage.OfNeighbour || places.IsPrivate(stage.Stage.Value)
        ? default
        : Code.Of($"(SLOTS == 1 || slot == 0)");

    private static Code When(params IEnumerable<Code> conditions)
    {
        Code[] given = [.. conditions.Where(c => !c.IsEmpty)];
        return given.Length == 0 ? default : Code.Of($"if ({Code.Join(Separator.And, given)}) ");
    }

    private CodeWriter.Scope First() => tiled ? writer.Block() : writer.Block($"if (SLOTS == 1 || slot == 0)");

    // Arguments

    private bool NeedsPointer(PlacedStage stage, Access access) =>
        !places.IsServed(access.Value, stage, access) && !(places.IsPrivate(access.Value) && places.Computes(access.Value));

    private void DeclareArguments(PlacedStage stage, Dictionary<(int, RowIndex), Code> pointers)
    {
        foreach (Access access in stage.Stage.Arguments.Where(a => NeedsPointer(stage, a)))
        {
            Declare(access.Value, access.Index, access.Index.OfNeighbour ? stage.Loop : null, access.Index.OfNeighbour ? pointers : rowPointers);
        }
    }

    /// <summary>Arguments of a stage whose elements are taken one at a time.</summary>
    private Func<int, Code> Scalars(PlacedStage stage, Dictionary<(int, RowIndex), Code> pointers, Position position) => argument =>
    {
        Access access = stage.Stage.Arguments[argument];
        if (places.IsServed(access.Value, stage, access))
        {
            return Code.Of($"s{access.Value}");
        }

        Code offset = position.Offset(argument + 1);
        if (symbols.IsCounted(access.Value))
        {
            return Code.Of($"pg_uniform({symbols.RandomKey(access.Value)}, {Find(access, pointers)} + {offset})");
        }

        return Code.Of($"{PointerOf(access, pointers)}[{offset}]");
    };

    /// <summary>Brings the arguments of a vector of elements; gives the code of an argument's element.</summary>
    private Func<int, Code, Code> Vectors(PlacedStage stage, Dictionary<(int, RowIndex), Code> pointers, Position position, Code round)
    {
        Stage s = stage.Stage;
        List<Axis> axes = Domain.AxesOf(s);
        var elements = new Func<Code, Code>[s.Arguments.Count];
        for (int a = 0; a < elements.Length; a++)
        {
            Access access = s.Arguments[a];
            int value = access.Value;
            bool repeats = axes.Count == 0 || axes[^1].Strides[a + 1] == 0;
            Code offset = position.Offset(a + 1);
            if (places.IsServed(value, stage, access))
            {
                elements[a] = places.InRegister(value) ? _ => Code.Of($"s{value}") : c => Code.Of($"r{value}[{round}][{c}]");
            }
            else if (symbols.IsCounted(value))
            {
                Code number = Code.Of($"{Find(access, pointers)} + {offset}");
                Code key = symbols.RandomKey(value);
                elements[a] = c => repeats ? Code.Of($"pg_uniform({key}, {number})") : Code.Of($"pg_uniform({key}, {number} + {c})");
            }
            else if (repeats || stage.Layout.Vector == 1)
            {
                Code name = Name("x");
                writer.Line($"const float {name} = {PointerOf(access, pointers)}[{offset}];");
                elements[a] = _ => name;
            }
            else
            {
                Code name = Name("x");
                writer.Line($"float {name}[{stage.Layout.Vector}];");
                writer.Line($"pg_load<{stage.Layout.Vector}>({name}, {PointerOf(access, pointers)} + {offset});");
                elements[a] = c => Code.Of($"{name}[{c}]");
            }
        }

        return (argument, c) => elements[argument](c);
    }

    private Code PointerOf(Access access, Dictionary<(int, RowIndex), Code> pointers) =>
        places.Computes(access.Value) && places.IsPrivate(access.Value) ? Code.Of($"s{access.Value}") : Find(access, pointers);

    private Code Find(Access access, Dictionary<(int, RowIndex), Code> pointers) =>
        pointers.TryGetValue(Key(access.Value, access.Index), out Code name) ? name : rowPointers[Key(access.Value, access.Index)];

    // Elements

    private static Position Start(Stage stage) => Position.At([stage.Offset, .. stage.Arguments.Select(a => a.Offset)]);

    private void ForEachElement(PlacedStage stage, Action<Code> body)
    {
        if (stage.Layout.Vector == 1)
        {
            body(Code.Of($"0"));
            return;
        }

        writer.Line($"PG_UNROLL");
        using (writer.Block($"for (int c = 0; c < {stage.Layout.Vector}; c++)"))
        {
            body(Code.Of($"c"));
        }
    }

    private void ForEachRegister(PlacedStage stage, Action<Code, Code> body)
    {
        writer.Line($"PG_UNROLL");
        using (writer.Block($"for (int j = 0; j < {Rounds(stage)}; j++)"))
        {
            ForEachElement(stage, c => body(Code.Of($"j"), c));
        }
    }

    private int Rounds(PlacedStage stage) => stage.Layout.Rounds;

    /// <summary>Runs over a lane's vectors: their position, and the number of the round.</summary>
    private void ForEachPiece(PlacedStage stage, Action<Position, Code> body)
    {
        CudaLayout layout = stage.Layout;
        List<Axis> axes = Domain.AxesOf(stage.Stage);
        int rounds = Rounds(stage);
        if (rounds <= UnrolledRounds)
        {
            writer.Line($"PG_UNROLL");
        }

        using (writer.Block($"for (int j = 0; j < {rounds}; j++)"))
        {
            Code q = layout.Lanes == 1 ? Code.Of($"j")
                : parts > 1 ? Code.Of($"(j * {parts} + part) * {lanes} + {Lane}")
                : lanes == 1 ? Code.Of($"j") : Code.Of($"j * {lanes} + lane");
            writer.Line($"const int q = {q};");
            if (layout.Pieces % layout.Lanes != 0)
            {
                using (writer.Block($"if (q < {layout.Pieces})"))
                {
                    body(CudaCoordinates.At(writer, Name, axes, Start(stage.Stage), Code.Of($"q"), layout.Vector), Code.Of($"j"));
                }
            }
            else
            {
                body(CudaCoordinates.At(writer, Name, axes, Start(stage.Stage), Code.Of($"q"), layout.Vector), Code.Of($"j"));
            }
        }
    }

    // Rows

    private bool NeedsElement(PlacedStage[] stages) => stages.Any(s => s.OfNeighbour && places.IsInBuffer(s.Stage.Value) && IsByElement(s.Stage.Value) ||
        s.Stage.Arguments.Any(a => a.Index is { OfNeighbour: true, Along: Map.Identity } && NeedsPointer(s, a) &&
            (symbols.IsCounted(a.Value) || IsByElement(a.Value))));

    /// <summary>Whether rows stand in the order of their space, not in that of a loop.</summary>
    private bool IsByElement(int value) => symbols.Plan.Storage[value] == Storage.Buffer;

    private static RowIndex RowOf(PlacedStage stage) => new(stage.OfNeighbour, new Map.Identity(stage.Loop?.From ?? IndexSpace.One));

    // A stage's own row is at an identity, whatever space that was written with.
    private (int, RowIndex) Key(int value, RowIndex index) => (value, index.Along is Map.Identity
        ? index with { Along = new Map.Identity(symbols.Plan.Program.Types[value].Space) }
        : index);

    private Code Declare(int value, RowIndex index, Map? loop, Dictionary<(int, RowIndex), Code> pointers)
    {
        (int, RowIndex) key = Key(value, index);
        if (pointers.TryGetValue(key, out Code name) || rowPointers.TryGetValue(key, out name))
        {
            return name;
        }

        if (places.IsPrivate(value) && places.Computes(value))
        {
            pointers[key] = Code.Of($"s{value}");
            return pointers[key];
        }

        name = Name("t");
        pointers[key] = name;
        writer.Line($"{(symbols.IsCounted(value)
            ? Code.Of($"const pg_u64 {name} = (pg_u64)({RowNumber(value, index, loop)}) * {symbols.Width(value)};")
            : Code.Of($"{(places.Computes(value) ? Code.Of($"float*") : Code.Of($"const float*"))} {name} = {Address(value, index, loop)};"))}");
        return name;
    }

    private Code Address(int value, RowIndex index, Map? loop)
    {
        if (places.Computes(value) && !places.IsInBuffer(value))
        {
            int offset = places.SharedOffset(value);
            return tiled ? Code.Of($"tile + {offset} * {GemmTile.Rows} + r * {places.SharedStride(value)}")
                : places.IsOfNeighbour(value) ? Code.Of($"shared + {offset}") : Code.Of($"shared_row + {offset}");
        }

        Code start = symbols.Buffer(value);
        return index.Along is Map.Unit ? start : CudaKernelSymbols.Row(start, RowNumber(value, index, loop), symbols.Width(value));
    }

    private Code RowNumber(int value, RowIndex index, Map? loop) => (index.OfNeighbour, index.Along) switch
    {
        (_, Map.Unit) => Code.Of($"0"),
        (false, Map.Identity) => Code.Of($"i"),
        (false, var map) => Code.Of($"{symbols.Values(map)}[i]"),
        (true, Map.Identity) => symbols.IsCounted(value) || IsByElement(value) ? Code.Of($"e") : Code.Of($"p"),
        (true, var map) => Code.Of($"{symbols.Values(map, loop)}[p]"),
    };

    private Code Name(string prefix) => Code.Identifier(FormattableString.Invariant($"{prefix}{names++}"));
}
