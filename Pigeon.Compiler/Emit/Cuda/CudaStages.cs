using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes the steps of a kernel for one row, <c>i</c>, and a group of lanes. In a loop <c>p</c> is the position in the compressed rows
/// and <c>e</c> the neighbour. Where rows are narrow the lanes of a group take a neighbour each, otherwise they share its elements.
/// In a traversal <c>SLOTS</c> groups may work on one row: each takes every <c>SLOTS</c>th neighbour, and their sums are joined.
/// </summary>
internal sealed class CudaStages
{
    private readonly CodeWriter writer;
    private readonly CudaKernelSymbols symbols;
    private readonly CudaPlaces places;
    private readonly int lanes;
    private readonly bool tiled;
    private readonly CudaNames names = new();
    private readonly CudaRows rows;
    private readonly CudaElements elements;
    private readonly CudaArguments arguments;
    private readonly CudaStores stores;
    private readonly CudaReductions reductions;

    public CudaStages(CodeWriter writer, CudaKernelSymbols symbols, CudaPlaces places, Kernel kernel, int lanes, int threads, int parts)
    {
        (this.writer, this.symbols, this.places, this.lanes) = (writer, symbols, places, lanes);
        tiled = kernel.Contraction is not null;
        rows = new(writer, symbols, places, names, tiled);
        elements = new(writer, names, lanes, parts);
        arguments = new(writer, symbols, places, rows, names);
        stores = new(writer, places, tiled, lanes, parts);
        reductions = new(writer, places, rows, elements, arguments, stores, names, tiled, lanes, threads);
    }

    /// <summary>Writes the steps of one phase.</summary>
    public void Emit(int phase)
    {
        rows.OfRow.Clear();
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
                EmitStage(stage, rows.OfRow);
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
        PlacedStage[] reduced = [.. stages.Where(s => s.Stage.Kind == StageKind.Reduce)];
        foreach (PlacedStage stage in reduced)
        {
            reductions.EmitStart(stage);
        }

        (Code begin, Code end) = (names.Next("begin"), names.Next("end"));
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
            foreach (Access access in stage.Stage.Arguments.Where(a => !a.Index.OfNeighbour && rows.NeedsPointer(stage, a)))
            {
                rows.Declare(access.Value, access.Index, null, rows.OfRow);
            }
        }

        // Where whole rows are read, the rounds are counted first: then the compiler may have several neighbours' rows under way.
        Code round = !tiled && !narrow ? names.Next("round") : default;
        using (writer.Block($"{(round.IsEmpty ? Code.Of($"for (int p = {first}; p < {end}; p += {step})")
            : Code.Of($"for (int {round} = 0, rounds = ({end} - ({first}) + SLOTS - 1) >> SLOT_BITS; {round} < rounds; {round}++)"))}"))
        {
            if (!round.IsEmpty)
            {
                writer.Line($"const int p = {first} + {round} * SLOTS;");
            }

            var pointers = new Dictionary<(int, RowIndex), Code>(rows.OfRow);
            if (rows.NeedsElement(stages))
            {
                Code order = symbols.Order(loop);
                writer.Line($"const int e = pg_at({order}, p);");
            }

            bool waits = false;
            foreach (PlacedStage stage in stages)
            {
                if (stage.Stage.Kind == StageKind.Reduce)
                {
                    reductions.EmitAccumulate(stage, pointers);
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

        foreach (PlacedStage stage in reduced)
        {
            reductions.EmitFinish(stage, Code.Of($"{end} - {begin}"), narrow);
        }

        if (stages.Any(s => places.IsExchanged(s.Stage.Value)))
        {
            EmitRowSync();
        }
    }

    private void EmitStage(PlacedStage stage, Dictionary<(int, RowIndex), Code> pointers)
    {
        Stage s = stage.Stage;
        rows.DeclareArguments(stage, pointers);
        bool memory = places.NeedsMemory(s.Value);
        if (places.IsPrivate(s.Value))
        {
            if (places.Stages.First(x => x.Stage.Value == s.Value) == stage)
            {
                writer.Line($"float s{s.Value}[{symbols.Width(s.Value)}];");
            }
        }

        Code pointer = memory ? rows.Declare(s.Value, CudaRows.RowOf(stage), stage.Loop, pointers) : default;
        if (s.Kind == StageKind.RowReduce)
        {
            new CudaRowReduce(writer, stage, lanes, names.Next).Emit(places.InRegister(s.Value) ? Code.Of($"s{s.Value}") : default, pointer,
                stores.MayStore(stage), position => arguments.Scalars(stage, pointers, position));
            return;
        }

        if (places.InRegister(s.Value))
        {
            writer.Line($"float s{s.Value};");
            using (writer.Block())
            {
                writer.Line($"s{s.Value} = {CudaExpression.Evaluate(s.Expression, arguments.Scalars(stage, pointers, CudaElements.Start(s)))};");
            }

            if (memory)
            {
                stores.StoreOnce(Code.Of($"{pointer}[{s.Offset}] = s{s.Value};"), stage);
            }

            return;
        }

        bool kept = places.InLanes(s.Value);
        int vector = stage.Layout.Vector;
        if (kept)
        {
            // Lanes without elements compare them with a maximum too, in code that the compiler has made of branches: they must be numbers.
            bool compared = stage.Layout.Pieces % stage.Layout.Lanes != 0 && places.IsOnline(stage.Step);
            writer.Line($"float r{s.Value}[{stage.Layout.Rounds}][{vector}]{(compared ? Code.Of($" = {{}}") : default)};");
        }

        elements.ForEachPiece(stage, (position, j) =>
        {
            Code values = kept ? Code.Of($"r{s.Value}[{j}]") : names.Next("y");
            if (!kept)
            {
                writer.Line($"float {values}[{vector}];");
            }

            Func<int, Code, Code> argument = arguments.Vectors(stage, pointers, position, j);
            elements.ForEachElement(stage, c => writer.Line($"{values}[{c}] = {CudaExpression.Evaluate(s.Expression, a => argument(a, c))};"));
            if (memory)
            {
                writer.Line($"{CudaStores.When(stores.MayStore(stage))}pg_store<{vector}>({pointer} + {position.Offset(0)}, {values});");
            }
        });
    }
}
