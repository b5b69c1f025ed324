using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <content>
/// Loops whose rows are short: see <see cref="NeighbourBlocks"/>. Where fewer neighbours are left than fit in a block, the other lanes are computed too,
/// and neither stored nor reduced.
/// </content>
internal sealed partial class StageEmitter
{
    /// <summary>Writes steps, one after the other: loops that take blocks of the same neighbours together.</summary>
    public void Emit(IReadOnlyList<Step> steps)
    {
        for (int begin = 0, end; begin < steps.Count; begin = end)
        {
            end = begin + 1;
            while (end < steps.Count && TakesSameBlocks(steps[begin], steps[end]))
            {
                end++;
            }

            if (end - begin > 1)
            {
                using (writer.Block())
                {
                    EmitLoops([.. steps.Skip(begin).Take(end - begin)]);
                }
            }
            else
            {
                Emit(steps[begin]);
            }
        }
    }

    /// <summary>Whether a step takes blocks: a plan may be for wider vectors, of which a block is more than one row.</summary>
    private bool TakesBlocks(Step step) => step.InBlocks && 2 * NeighbourBlocks.WidthOf(step) <= lanes;

    private bool TakesSameBlocks(Step step, Step next) => TakesBlocks(step) && TakesBlocks(next) && step.Loop == next.Loop &&
        NeighbourBlocks.WidthOf(step) == NeighbourBlocks.WidthOf(next);

    /// <summary>Writes the loop over the blocks at positions. The reductions end in their accumulators.</summary>
    private void EmitBlocks(Step step, Map loop, Dictionary<(int, RowIndex), Code> pointers, List<Reduction> reductions, Code from, Code to)
    {
        int width = NeighbourBlocks.WidthOf(step);
        Dictionary<(Stage, int), Code> ofRow = DeclareRepeated(step, loop, pointers);
        Dictionary<Stage, Code> sums = StartSums(step);
        using (writer.Block($"for (int p = {from}; p < {to}; p += {lanes / width})"))
        {
            Code numbers = Name("numbers");
            writer.Line($"int {numbers} = Math.Min({to} - p, {lanes / width}) * {width};");
            EmitPrefetchOfElements(step, loop, Code.Of($"{lanes / width}"));
            EmitBlock(step, loop, (numbers, IsNeighbour(numbers)), ofRow, sums, []);
        }

        foreach (Reduction reduction in reductions)
        {
            Code folded = Name("b");
            writer.Line($"var {folded} = {Fold(sums[reduction.Stage], width, reduction.Stage.Reduction)};");
            ForEachAccumulator(reduction, (piece, _, accumulator) => Lanes.Join(piece, reduction.Stage.Reduction, accumulator, folded));
        }
    }

    /// <summary>
    /// Writes loops along one map that follow each other. The neighbours of most rows fit in a block: what one loop computes for them is still in its
    /// register in the next.
    /// </summary>
    private void EmitLoops(Step[] steps)
    {
        Map loop = steps[0].Loop!;
        int width = NeighbourBlocks.WidthOf(steps[0]);
        int rows = lanes / width;
        Code offsets = symbols.Offsets(loop);
        (Code p, Code count, Code numbers) = (Name("p"), Name("count"), Name("numbers"));
        writer.Line($"int {p} = {offsets}[i];");
        writer.Line($"int {count} = {offsets}[i + 1] - {p};");
        using (writer.Block($"{(width == 1 ? Code.Of($"if ({count} <= {rows})") : Code.Of($"if ({count} > 0 && {count} <= {rows})"))}"))
        {
            var pointers = new Dictionary<(int, RowIndex), Code>();
            var read = new Dictionary<(int, RowIndex), Code>();
            writer.Line($"int p = {p};");
            writer.Line($"int first = {p};");
            writer.Line($"int {numbers} = {count} * {width};");
            Code isNeighbour = IsNeighbour(numbers);
            foreach (Step step in steps)
            {
                DeclareRows(step, pointers);
                EmitPrefetchOfElements(step, loop, count);
                Dictionary<Stage, Code> sums = StartSums(step);
                EmitBlock(step, loop, (numbers, isNeighbour), DeclareRepeated(step, loop, pointers), sums, read);
                foreach ((Stage stage, Code sum) in sums)
                {
                    Code row = Declare(stage.Value, RowOf(stage, null), null, pointers);
                    Code folded = Name("b");
                    writer.Line($"var {folded} = {Fold(sum, width, stage.Reduction)};");
                    Finish(new(stage, row, row, [folded]), count, pointers);
                }
            }
        }

        using (writer.Block($"else"))
        {
            foreach (Step step in steps)
            {
                Emit(step);
            }
        }
    }

    private Code IsNeighbour(Code numbers)
    {
        Code name = Name("b");
        writer.Line($"var {name} = RowBlocks.First{32 * lanes}({numbers});");
        return name;
    }

    private Dictionary<Stage, Code> StartSums(Step step)
    {
        var sums = new Dictionary<Stage, Code>();
        foreach (Stage stage in step.Stages.Where(s => s.Kind == StageKind.Reduce))
        {
            sums[stage] = Name("b");
            writer.Line($"var {sums[stage]} = {Lanes.Start(lanes, stage.Reduction)};");
        }

        return sums;
    }

    /// <summary>Declares vectors of what is the same for all neighbours.</summary>
    private Dictionary<(Stage, int), Code> DeclareRepeated(Step step, Map loop, Dictionary<(int, RowIndex), Code> pointers)
    {
        var names = new Dictionary<(Stage, int), Code>();
        foreach (Stage stage in step.Stages)
        {
            for (int number = 0; number < stage.Arguments.Count; number++)
            {
                if (stage.Arguments[number] is not { } access || !NeighbourBlocks.IsOfRow(access))
                {
                    continue;
                }

                Code pointer = Declare(access.Value, access.Index, loop, pointers);
                Code name = names[(stage, number)] = Name("b");
                bool isOne = Domain.AxesOf(stage).All(axis => axis.Strides[number + 1] == 0);
                writer.Line($"var {name} = {(isOne
                    ? Lanes.Repeat(lanes, pointer, Code.Of($"{access.Offset}"))
                    : Code.Of($"RowBlocks.Repeat{32 * lanes}({Lanes.At(pointer, Code.Of($"{access.Offset}"))}, {NeighbourBlocks.WidthOf(step)})"))};");
            }
        }

        return names;
    }

    /// <summary>Writes what is done for the block of neighbours from position <c>p</c> on.</summary>
    /// <param name="step">The step.</param>
    /// <param name="loop">The map that it walks.</param>
    /// <param name="block">How many numbers its neighbours have, and the lanes that hold one.</param>
    /// <param name="ofRow">Vectors of what is the same for all neighbours.</param>
    /// <param name="sums">The sums of the reductions.</param>
    /// <param name="known">Rows of the neighbours that are in vectors already; takes those that are read and computed here.</param>
    private void EmitBlock(Step step, Map loop, (Code Numbers, Code IsNeighbour) block, Dictionary<(Stage, int), Code> ofRow, Dictionary<Stage, Code> sums,
        Dictionary<(int, RowIndex), Code> known)
    {
        int width = NeighbourBlocks.WidthOf(step);
        Code fours = width == 1 ? default : Code.Of($"Fours");
        foreach (Stage stage in step.Stages)
        {
            foreach (Access access in stage.Arguments.Where(a => !NeighbourBlocks.IsOfRow(a) && !known.ContainsKey((a.Value, a.Index))))
            {
                Code name = known[(access.Value, access.Index)] = Name("b");
                writer.Line($"var {name} = {(IsNear(access.Value, access.Index)
                    ? Lanes.Load(lanes, symbols.Buffer(access.Value), Near())
                    : Code.Of($"RowBlocks.Load{fours}{32 * lanes}({Place(access.Value, access.Index)}, {block.Numbers})"))};");
            }

            Code Value(Expr expression) => Lanes.Evaluate(lanes, expression, number => ofRow.TryGetValue((stage, number), out Code repeated)
                ? repeated
                : known[(stage.Arguments[number].Value, stage.Arguments[number].Index)]);
            if (sums.TryGetValue(stage, out Code sum))
            {
                Code all = Lanes.Combine(lanes, stage.Reduction, sum, stage.Expression, Value);
                writer.Line($"{sum} = {Lanes.Type(lanes)}.ConditionalSelect({block.IsNeighbour}, {all}, {sum});");
                continue;
            }

            Code result = Name("b");
            writer.Line($"var {result} = {Value(stage.Expression)};");
            RowIndex own = RowOf(stage, loop) with { Along = new Map.Identity(symbols.Plan.Program.Types[stage.Value].Space) };
            known[(stage.Value, own)] = result;
            if (IsNear(stage.Value, own))
            {
                writer.Line($"{Lanes.Store(lanes, symbols.Buffer(stage.Value), Near(), result)}");
            }
            else if (symbols.Plan.Storage[stage.Value] != Storage.Scratch)
            {
                writer.Line($"RowBlocks.Store{fours}({result}, {Place(stage.Value, own)}, {block.Numbers});");
            }
        }

        // A thread's own rows of the neighbours of one row have room for a vector behind them.
        bool IsNear(int value, RowIndex index) => index.Along is Map.Identity && symbols.Program.IsOfThread(value);

        Code Near() => Code.Of($"(nint)(p - {near}) * {width}");

        Code Place(int value, RowIndex index) => Code.Of($"{symbols.Buffer(value)}, {(index.Along is Map.Identity
            ? symbols.Order(loop)
            : symbols.Values(index.Along, loop))}, p");
    }

    /// <summary>The row that the rows of a vector are reduced to.</summary>
    private Code Fold(Code sum, int width, ReduceKind kind)
    {
        if (width == 1)
        {
            return Lanes.Fold(lanes, kind, sum);
        }

        for (int half = lanes / 2; half >= width; half /= 2)
        {
            Code name = Name("b");
            writer.Line($"var {name} = {Lanes.Join(half, kind, Code.Of($"{sum}.GetLower()"), Code.Of($"{sum}.GetUpper()"))};");
            sum = name;
        }

        return sum;
    }
}
