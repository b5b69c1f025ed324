using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes the steps of a kernel for one row. The row's number is the variable <c>i</c>; in a loop <c>p</c> is the position in the
/// compressed rows and <c>e</c> the neighbour. Short rows are unrolled into vectors, long ones become loops.
/// </summary>
internal sealed partial class StageEmitter(CodeWriter writer, KernelSymbols symbols, int lanes)
{
    private const int UnrolledPieces = 16;

    /// <summary>A vector of a function such as erf is dozens of instructions, each of which costs the JIT compiler more than a loop costs a run.</summary>
    private const int UnrolledFunctions = 2;
    private const int AccumulatorRegisters = 20;

    /// <summary>Sums that are folded to numbers at once: a vector of 128 bits.</summary>
    private const int Together = 4;
    private int names;

    /// <summary>The values whose rows go past the caches where they are large: see <see cref="Streaming"/>.</summary>
    public int[] Streamed { get; set; } = [];

    private delegate void Piece(int width, Position position);

    /// <summary>
    /// A reduction of a loop: where its row is, where it adds up, which is not in its row where that is narrow, and its accumulators where
    /// these are in registers.
    /// </summary>
    private sealed record Reduction(Stage Stage, Code Row, Code Sums, List<Code>? Accumulators);

    /// <summary>Writes one step.</summary>
    public void Emit(Step step)
    {
        using (writer.Block())
        {
            var pointers = new Dictionary<(int, RowIndex), Code>();
            DeclareRows(step, pointers);
            if (step.Loop is { } loop)
            {
                EmitLoop(step, loop, pointers);
                return;
            }

            foreach (Stage stage in step.Stages)
            {
                EmitStage(stage, Declare(stage.Value, RowOf(stage, null), null, pointers), pointers);
            }
        }
    }

    /// <summary>Declares what a step reads of the row itself.</summary>
    private void DeclareRows(Step step, Dictionary<(int, RowIndex), Code> pointers)
    {
        foreach (Access access in step.Stages.SelectMany(s => s.Arguments).Where(a => !a.Index.OfNeighbour))
        {
            Declare(access.Value, access.Index, step.Loop, pointers);
        }
    }

    private static RowIndex RowOf(Stage stage, Map? loop) =>
        new(loop is not null && stage.Kind != StageKind.Reduce, new Map.Identity(loop?.From ?? IndexSpace.One));

    private void EmitLoop(Step step, Map loop, Dictionary<(int, RowIndex), Code> pointers)
    {
        if (step.IsOnline)
        {
            EmitOnlineLoop(step, loop, pointers);
            return;
        }

        Code offsets = symbols.Offsets(loop);
        List<Reduction> reductions = StartReductions(step.Stages, pointers);
        Code end = Name("end");
        writer.Line($"int first = {offsets}[i];");
        writer.Line($"int {end} = {offsets}[i + 1];");
        foreach (Reduction reduction in EmitNeighbours(step, loop, pointers, reductions, Code.Of($"first"), end))
        {
            Finish(reduction, Code.Of($"{end} - first"), pointers);
        }
    }

    /// <summary>The first values of the reductions among stages, in registers as long as there are enough.</summary>
    private List<Reduction> StartReductions(IEnumerable<Stage> stages, Dictionary<(int, RowIndex), Code> pointers)
    {
        var reductions = new List<Reduction>();
        int registers = 0;
        foreach (Stage stage in stages.Where(s => s.Kind == StageKind.Reduce))
        {
            Code row = isShare
                ? Code.Of($"(&sums[{symbols.Program.SumsOffset(stage.Value)}])")
                : Declare(stage.Value, RowOf(stage, null), null, pointers);
            int pieces = Pieces(Domain.AxesOf(stage));
            bool inRegisters = pieces <= UnrolledPieces && registers + pieces <= AccumulatorRegisters;
            registers += inRegisters ? pieces : 0;
            var accumulators = inRegisters ? new List<Code>() : null;
            Code sums = inRegisters || isShare ? row : Sums(stage.Value, row);
            ForEachPiece(stage, (width, position) =>
            {
                Code start = Lanes.Start(width, stage.Reduction);
                if (accumulators is null)
                {
                    writer.Line($"{Lanes.Store(width, sums, position.Offset(0), start)}");
                    return;
                }

                Code name = Name("a");
                accumulators.Add(name);
                writer.Line($"var {name} = {start};");
            });
            reductions.Add(new(stage, row, sums, accumulators));
        }

        return reductions;
    }

    /// <summary>Writes the loop over the neighbours at positions, and returns where the reductions end up.</summary>
    private IReadOnlyList<Reduction> EmitNeighbours(Step step, Map loop, Dictionary<(int, RowIndex), Code> pointers, List<Reduction> reductions,
        Code from, Code to)
    {
        if (loop is Map.Unit && reductions.Any(IsSum))
        {
            return EmitBunches(step, loop, pointers, reductions, from, to);
        }

        if (TakesBlocks(step))
        {
            EmitBlocks(step, loop, pointers, reductions, from, to);
            return reductions;
        }

        using (writer.Block($"for (int p = {from}; p < {to}; p++)"))
        {
            EmitNeighbour(step, loop, pointers, reductions);
        }

        return reductions;
    }

    /// <summary>Writes what is done for the neighbour at position <c>p</c>, and returns the rows that were declared.</summary>
    private Dictionary<(int, RowIndex), Code> EmitNeighbour(Step step, Map loop, Dictionary<(int, RowIndex), Code> pointers, List<Reduction> reductions)
    {
        var inner = new Dictionary<(int, RowIndex), Code>(pointers);
        bool needsElement = step.Stages.SelectMany(s => s.Arguments.Select(a => (a.Value, a.Index)).Append((s.Value, RowOf(s, loop))))
            .Any(x => x.Item2 is { OfNeighbour: true, Along: Map.Identity } &&
                (symbols.Plan.Storage[x.Item1] == Storage.Buffer || symbols.IsCounted(x.Item1)));
        if (needsElement)
        {
            Code order = symbols.Order(loop);
            writer.Line($"int e = {order} == null ? p : {order}[p];");
        }

        EmitPrefetch(step, loop);
        if (needsElement && loop is not Map.Unit)
        {
            EmitPrefetchOfElements(step, loop);
        }

        foreach (Stage stage in step.Stages)
        {
            foreach (Access access in stage.Arguments.Where((a, number) => a.Index.OfNeighbour && number != stage.Rises))
            {
                Declare(access.Value, access.Index, loop, inner);
            }

            if (stage.Kind != StageKind.Reduce)
            {
                EmitStage(stage, Declare(stage.Value, RowOf(stage, loop), loop, inner), inner);
                continue;
            }

            // A maximum that rises is taken of a block.
            if (reductions.Find(r => r.Stage == stage) is not { } reduction)
            {
                continue;
            }

            ForEachAccumulator(reduction, (width, position, accumulator) => Lanes.Combine(width, stage.Reduction, accumulator, stage.Expression,
                x => Lanes.Evaluate(width, x, Argument(stage, inner, width, position))));
        }

        return inner;
    }

    /// <summary>Gives every accumulator of a reduction a new value.</summary>
    private void ForEachAccumulator(Reduction reduction, Func<int, Position, Code, Code> value)
    {
        (Stage stage, _, Code sums, List<Code>? accumulators) = reduction;
        int next = 0;
        ForEachPiece(stage, (width, position) =>
        {
            Code accumulator = accumulators?[next++] ?? Lanes.Load(width, sums, position.Offset(0));
            Code result = value(width, position, accumulator);
            writer.Line($"{(accumulators is null
                ? Lanes.Store(width, sums, position.Offset(0), result)
                : Code.Of($"{accumulator} = {result};"))}");
        });
    }

    /// <summary>Stores the accumulators of a reduction: the mean divides, extremes of nothing are 0.</summary>
    private void Finish(Reduction reduction, Code count, Dictionary<(int, RowIndex), Code> pointers, bool elsewhere = false)
    {
        (Stage stage, Code row, Code sums, List<Code>? accumulators) = reduction;
        bool extreme = stage.Reduction is ReduceKind.Max or ReduceKind.Min;
        if (!elsewhere && accumulators is null && !extreme && stage.Reduction != ReduceKind.Mean && !stage.IsRescaled && symbols.Element(stage.Value) == ElementType.F32)
        {
            return;
        }

        int next = 0;
        ForEachPiece(stage, (width, position) =>
        {
            Code value = accumulators?[next++] ?? Lanes.Load(width, sums, position.Offset(0));
            Code finished = stage.Reduction switch
            {
                ReduceKind.Mean => Code.Of($"{value} / {(width == 1 ? Code.Of($"Math.Max({count}, 1)") : Code.Of($"{Lanes.Type(width)}.Create<float>((float)Math.Max({count}, 1))"))}"),
                _ when extreme => Code.Of($"{count} == 0 ? {Lanes.Constant(width, 0)} : {value}"),
                _ when stage.IsRescaled => OfInfinite(value, Argument(stage, pointers, width, position)(stage.Rises)),
                _ => value,
            };
            writer.Line($"{Store(stage, width, row, position, finished)}");
        });
    }

    private void EmitStage(Stage stage, Code pointer, Dictionary<(int, RowIndex), Code> pointers)
    {
        if (stage.Kind == StageKind.RowReduce)
        {
            EmitRowReduce(stage, pointer, pointers);
            return;
        }

        int unrolled = Lanes.HasLongFunction(stage.Expression) ? UnrolledFunctions : UnrolledPieces;
        if (Streamed.Contains(stage.Value))
        {
            using (writer.Block($"if ({Streaming.Flag(stage.Value)})"))
            {
                ForEachPiece(stage, (width, position) => writer.Line($"{Lanes.Stream(width, pointer, position.Offset(0), Value(width, position))}"), unrolled);
            }

            using (writer.Block($"else"))
            {
                Store();
            }

            return;
        }

        Store();

        Code Value(int width, Position position) => Lanes.Evaluate(width, stage.Expression, Argument(stage, pointers, width, position));

        void Store() => ForEachPiece(stage, (width, position) => writer.Line($"{this.Store(stage, width, pointer, position, Value(width, position))}"), unrolled);
    }

    private void EmitRowReduce(Stage stage, Code pointer, Dictionary<(int, RowIndex), Code> pointers)
    {
        List<Axis> axes = Domain.AxesOf(stage);
        int count = (int)(stage.Domain.Width / symbols.Width(stage.Value));
        Axis? last = axes.Count > 0 ? axes[^1] : null;
        List<Axis> reduced = [.. axes.Where(a => a.Reduced && a != last)];
        List<Axis> kept = [.. axes.Where(a => !a.Reduced && a != last)];
        if (last is null || !last.Reduced)
        {
            // The innermost axis stays: its vectors are reduced as they are.
            List<Axis> outer = last is null ? kept : [.. kept, last];
            ForEachPiece(outer, Start(stage), Widest(outer), (width, position) => Reduce(width, position, [width], (accumulators, at) =>
                Loop(reduced, at, inner => Add(width, accumulators[width], inner))));
            return;
        }

        int widest = Vectorises(last, destination: false) ? lanes : 1;
        int[] widths = [.. Lanes.Cut(last.Extent, widest).Select(c => c.Width).Distinct()];
        if (stage.Reduction is ReduceKind.Sum or ReduceKind.Mean && widths is [>= Together] && kept.Count > 0 &&
            kept[^1].Strides[0] == 1 && kept[^1].Extent % Together == 0)
        {
            // Neighbouring sums end in one vector: scalars stored one by one would be slow to read back as a vector.
            ForEachPiece(kept, Start(stage), Together, (_, position) => ReduceTogether(widths[0], position));
            return;
        }

        ForEachPiece(kept, Start(stage), 1, (_, position) => Reduce(1, position,
            widths, (accumulators, at) => Loop(reduced, at, outer =>
                ForEachPiece([last], outer, widest, (width, inner) => Add(width, accumulators[width], inner)))));

        void Reduce(int width, Position position, int[] widths, Action<Dictionary<int, Code>, Position> body)
        {
            using (writer.Block())
            {
                var accumulators = widths.ToDictionary(w => w, _ => Name("s"));
                foreach ((int w, Code name) in accumulators)
                {
                    writer.Line($"var {name} = {Lanes.Start(w, stage.Reduction)};");
                }

                body(accumulators, position);
                Code value = width > 1
                    ? accumulators[width]
                    : accumulators.Select(a => Lanes.Fold(a.Key, stage.Reduction, a.Value)).Aggregate((x, y) => Lanes.Join(1, stage.Reduction, x, y));
                Code mean = stage.Reduction == ReduceKind.Mean ? Code.Of($"({value}) / {Lanes.Constant(width, count)}") : value;
                writer.Line($"{Store(stage, width, pointer, position, mean)}");
            }
        }

        void ReduceTogether(int width, Position position)
        {
            using (writer.Block())
            {
                Code[] sums = [.. Enumerable.Range(0, Together).Select(_ => Name("s"))];
                for (int k = 0; k < Together; k++)
                {
                    writer.Line($"var {sums[k]} = {Lanes.Start(width, stage.Reduction)};");
                    Loop(reduced, position.Move(kept[^1], k), outer =>
                        ForEachPiece([last], outer, width, (_, inner) => Add(width, sums[k], inner)));
                }

                Code sum = Code.Of($"VectorMath.Sums({Code.Join(Separator.Comma, sums)})");
                Code value = stage.Reduction == ReduceKind.Mean ? Code.Of($"{sum} / {Lanes.Constant(Together, count)}") : sum;
                writer.Line($"{Store(stage, Together, pointer, position, value)}");
            }
        }

        void Add(int width, Code accumulator, Position position) => writer.Line($"{accumulator} = {Lanes.Combine(width, stage.Reduction,
            accumulator, stage.Expression, x => Lanes.Evaluate(width, x, Argument(stage, pointers, width, position)))};");
    }

    /// <summary>Runs over whole axes, outermost first: unrolled where they are short.</summary>
    private void Loop(List<Axis> axes, Position position, Action<Position> body) =>
        ForEachPiece(axes, position, 1, (_, at) => body(at));

    private Func<int, Code> Argument(Stage stage, Dictionary<(int, RowIndex), Code> pointers, int width, Position position) => argument =>
    {
        Access access = stage.Arguments[argument];
        Code pointer = pointers[(access.Value, access.Index)];
        Code offset = position.Offset(argument + 1);
        List<Axis> axes = Domain.AxesOf(stage);
        bool repeats = axes.Count > 0 && axes[^1].Strides[argument + 1] == 0;
        if (symbols.IsCounted(access.Value))
        {
            return Lanes.Uniform(width, symbols.RandomKey(access.Value), Code.Of($"{pointer} + (ulong)({offset})"), repeats);
        }

        ElementType element = symbols.Element(access.Value);
        return repeats ? Lanes.Repeat(width, pointer, offset, element) : Lanes.Load(width, pointer, offset, element);
    };

    private Code Store(Stage stage, int width, Code pointer, Position position, Code value) =>
        Lanes.Store(width, pointer, position.Offset(0), value, symbols.Element(stage.Value));

    /// <summary>Where a reduction that registers don't hold adds up: in its row, or in scratch where its row is narrow.</summary>
    private Code Sums(int value, Code row)
    {
        if (symbols.Element(value) == ElementType.F32)
        {
            return row;
        }

        Code name = Name("sums");
        writer.Line($"float* {name} = scratch + {symbols.Program.WidenedOffset(value)};");
        return name;
    }

    private static Position Start(Stage stage) => Position.At([stage.Offset, .. stage.Arguments.Select(a => a.Offset)]);

    private static bool Vectorises(Axis axis, bool destination) =>
        (!destination || axis.Strides[0] == 1) && axis.Strides.Skip(1).All(s => s is 0 or 1);

    private int Widest(List<Axis> axes) => axes.Count > 0 && Vectorises(axes[^1], destination: true) ? lanes : 1;

    private int Pieces(List<Axis> axes) => axes.Count == 0
        ? 1
        : (int)Math.Min(int.MaxValue / 2, axes.SkipLast(1).Aggregate(1L, (n, a) => n * a.Extent) * Lanes.Cut(axes[^1].Extent, Widest(axes)).LongCount());

    private void ForEachPiece(Stage stage, Piece body, int unrolled = UnrolledPieces)
    {
        List<Axis> axes = Domain.AxesOf(stage);
        ForEachPiece(axes, Start(stage), Widest(axes), body, unrolled);
    }

    private void ForEachPiece(List<Axis> axes, Position position, int widest, Piece body, int unrolled = UnrolledPieces)
    {
        if (axes.Count == 0)
        {
            body(1, position);
            return;
        }

        Axis axis = axes[0];
        List<Axis> inner = axes[1..];
        bool last = inner.Count == 0;
        long below = inner.Aggregate(1L, (n, a) => n * a.Extent);
        if (last)
        {
            int vectors = axis.Extent / widest;
            int first = 0;
            if (vectors > unrolled)
            {
                Code c = Name("c");
                first = vectors * widest;
                using (writer.Block($"for (nint {c} = 0; {c} < {first}; {c} += {widest})"))
                {
                    body(widest, position.Move(axis, c));
                }
            }

            foreach ((int start, int width) in Lanes.Cut(axis.Extent - first, widest))
            {
                body(width, position.Move(axis, first + start));
            }
        }
        else if (axis.Extent * Math.Max(1, below / widest) <= unrolled)
        {
            for (int c = 0; c < axis.Extent; c++)
            {
                ForEachPiece(inner, position.Move(axis, c), widest, body, unrolled);
            }
        }
        else
        {
            Code c = Name("c");
            using (writer.Block($"for (nint {c} = 0; {c} < {axis.Extent}; {c}++)"))
            {
                ForEachPiece(inner, position.Move(axis, c), widest, body, unrolled);
            }
        }
    }

    /// <summary>Declares a pointer to a value's row, unless the scope has one; and returns its name.</summary>
    private Code Declare(int value, RowIndex index, Map? loop, Dictionary<(int, RowIndex), Code> pointers)
    {
        // A stage's own row is at an identity, whatever space that was written with.
        if (index.Along is Map.Identity)
        {
            index = index with { Along = new Map.Identity(symbols.Plan.Program.Types[value].Space) };
        }

        if (!pointers.TryGetValue((value, index), out Code name))
        {
            name = Name("t");
            pointers[(value, index)] = name;
            writer.Line($"{(symbols.IsCounted(value)
                ? Code.Of($"ulong {name} = (ulong){RowNumber(value, index, loop)} * {symbols.Width(value)};")
                : Code.Of($"{Lanes.Pointer(symbols.Element(value))} {name} = {Address(value, index, loop)};"))}");
        }

        return name;
    }

    private Code Address(int value, RowIndex index, Map? loop)
    {
        Storage storage = symbols.Plan.Storage[value];
        Code start = symbols.Base(value);
        if (storage == Storage.Scratch && index.OfNeighbour && inBlock)
        {
            return Lanes.At(Code.Of($"scratch"), Code.Of($"{symbols.Program.ScratchOffset(value)} + q * {symbols.Width(value)}"));
        }

        if (storage == Storage.Scratch && isShare && !index.OfNeighbour)
        {
            return Lanes.At(Code.Of($"row"), Code.Of($"{symbols.Program.ScratchOffset(value)}"));
        }

        if (carried.Contains(value))
        {
            return Lanes.At(Code.Of($"scratch"), Code.Of($"{symbols.Program.ScratchOffset(value)} + (i - batch) * {symbols.Width(value)}"));
        }

        if (storage == Storage.Scratch || index.Along is Map.Unit)
        {
            return start;
        }

        return Lanes.AtRow(start, RowNumber(value, index, loop), symbols.Width(value));
    }

    private Code RowNumber(int value, RowIndex index, Map? loop) => (index.OfNeighbour, index.Along) switch
    {
        (_, Map.Unit) => Code.Of($"0"),
        (false, Map.Identity) => Code.Of($"i"),
        (false, var map) => Code.Of($"{symbols.Values(map)}[i]"),
        (true, Map.Identity) => symbols.Program.IsOfThread(value) ? Code.Of($"(p - {near})") : Code.Of($"e"),
        (true, var map) => Code.Of($"{symbols.Values(map, loop)}[p]"),
    };

    private Code Name(string prefix) => Code.Identifier(FormattableString.Invariant($"{prefix}{names++}"));
}
