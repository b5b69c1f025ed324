using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <content>
/// Loops that sum relative to a maximum that rises: see <see cref="OnlineSoftmax"/>. Neighbours are taken in blocks. Of each block first come the
/// logits, then their maximum; where it rises the sums are rescaled, once for the block. The weights of all its neighbours are then
/// exponentials of whole vectors, and last the sums are taken. <c>q</c> is the neighbour's number in the block.
/// <para>
/// Weights are relative to a maximum that is finite, the lowest number where all logits so far are minus infinity: these weigh 0 and not
/// <c>exp(-inf + inf)</c>. Where no logit was finite the sums are no numbers at the end, as they are with two loops.
/// </para>
/// </content>
internal sealed partial class StageEmitter
{
    /// <summary>The neighbours of a block.</summary>
    public const int BlockNeighbours = 8;

    private const int RowAlignment = 16;
    private bool inBlock;

    /// <summary>The numbers of scratch that a loop needs for a maximum that rises, beside its row.</summary>
    public static int RisingFloats(int width) => (3 * Padded(width)) + (BlockNeighbours * width);

    private static int Padded(int width) => (width + RowAlignment - 1) / RowAlignment * RowAlignment;

    private void EmitOnlineLoop(Step step, Map loop, Dictionary<(int, RowIndex), Code> pointers)
    {
        int place = step.Stages.Items.IndexOf(step.Stages.Items.Single(step.IsRising));
        Stage max = step.Stages[place];
        Access logits = max.Arguments[0];
        Stage[] weights = [.. step.Stages.Where(step.IsWeight)];
        Step before = step with { Stages = [.. step.Stages.Take(place + 1).ToArray()] };
        Step after = step with { Stages = [.. step.Stages.Skip(place + 1).Where(s => !weights.Contains(s)).ToArray()] };
        List<Reduction> reductions = StartReductions(step.Stages.Where(s => s != max), pointers);
        Reduction[] rescaled = [.. reductions.Where(r => r.Stage.IsRescaled)];

        int width = symbols.Width(max.Value);
        int scratch = symbols.Program.RisingOffset(max.Value);
        bool inPlace = symbols.Plan.Storage[logits.Value] == Storage.Scratch && symbols.Width(logits.Value) == width;
        Code top = Declare(max.Value, RowOf(max, null), null, pointers);
        Code shift = Row(scratch);
        Code blockTop = Row(scratch + Padded(width));
        Code factor = Row(scratch + (2 * Padded(width)));
        Code block = Row(inPlace ? symbols.Program.ScratchOffset(logits.Value) : scratch + (3 * Padded(width)));
        ForEachPiece(max, (w, position) =>
        {
            writer.Line($"{Lanes.Store(w, top, position.Offset(0), Lanes.Constant(w, double.NegativeInfinity))}");
            writer.Line($"{Lanes.Store(w, shift, position.Offset(0), Lanes.Constant(w, float.MinValue))}");
        });

        Code offsets = symbols.Offsets(loop);
        (Code start, Code end, Code count) = (Name("start"), Name("end"), Name("count"));
        writer.Line($"int first = {offsets}[i];");
        writer.Line($"int {end} = {offsets}[i + 1];");
        inBlock = true;
        using (writer.Block($"for (int {start} = first; {start} < {end}; {start} += {BlockNeighbours})"))
        {
            writer.Line($"int {count} = Math.Min({BlockNeighbours}, {end} - {start});");
            using (writer.Block($"for (int q = 0; q < {count}; q++)"))
            {
                writer.Line($"int p = {start} + q;");
                Dictionary<(int, RowIndex), Code> inner = EmitNeighbour(before, loop, pointers, reductions);
                if (!inPlace)
                {
                    ForEachPiece(max, (w, position) => writer.Line(
                        $"{Lanes.Store(w, Code.Of($"({block} + q * {width})"), position.Offset(0), Argument(max, inner, w, position)(0))}"));
                }
            }

            using (writer.Block($"for (int q = {count} * {width}; q < {BlockNeighbours * width}; q++)"))
            {
                writer.Line($"{block}[q] = float.NegativeInfinity;");
            }

            EmitStage(OfBlock(max with { Kind = StageKind.RowReduce }, logits, reduced: true), blockTop, new() { [(logits.Value, logits.Index)] = block });
            EmitRise(max, rescaled, pointers, logits, (top, shift, blockTop, factor));
            foreach (Stage weight in weights)
            {
                var read = new Dictionary<(int, RowIndex), Code> { [(logits.Value, logits.Index)] = block };
                foreach (Access access in weight.Arguments.Where(a => a.Value == max.Value))
                {
                    read[(access.Value, access.Index)] = shift;
                }

                EmitStage(OfBlock(weight, logits, reduced: false), Row(symbols.Program.ScratchOffset(weight.Value)), read);
            }

            using (writer.Block($"for (int q = 0; q < {count}; q++)"))
            {
                writer.Line($"int p = {start} + q;");
                EmitNeighbour(after, loop, pointers, reductions);
            }
        }

        inBlock = false;
        Code neighbours = Code.Of($"{end} - first");
        Finish(new(max, top, top, null), neighbours, pointers);
        var finished = new Dictionary<(int, RowIndex), Code>(pointers) { [(logits.Value, logits.Index)] = top };
        foreach (Reduction reduction in reductions)
        {
            Finish(reduction, neighbours, finished);
        }

        Code Row(int offset)
        {
            Code name = Name("t");
            writer.Line($"float* {name} = scratch + {offset};");
            return name;
        }
    }

    /// <summary>Where the maximum of a block is higher than all before, or no number, the sums are rescaled.</summary>
    private void EmitRise(Stage max, Reduction[] rescaled, Dictionary<(int, RowIndex), Code> pointers, Access logits,
        (Code Top, Code Shift, Code BlockTop, Code Factor) rows)
    {
        Code rises = Name("rises");
        writer.Line($"bool {rises} = false;");
        ForEachPiece(max, (width, position) =>
        {
            (Code x, Code y) = (Lanes.Load(width, rows.BlockTop, position.Offset(0)), Lanes.Load(width, rows.Top, position.Offset(0)));
            writer.Line($"{rises} |= {(width == 1 ? Code.Of($"!({x} <= {y})") : Code.Of($"!{Lanes.Type(width)}.LessThanOrEqualAll({x}, {y})"))};");
        });
        using (writer.Block($"if ({rises})"))
        {
            ForEachPiece(max, (width, position) =>
            {
                (Code old, Code risen) = (Name("x"), Name("x"));
                Code at = position.Offset(0);
                writer.Line($"var {old} = {Lanes.Load(width, rows.Shift, at)};");
                writer.Line($"var {risen} = {Lanes.Join(width, ReduceKind.Max, Lanes.Load(width, rows.Top, at), Lanes.Load(width, rows.BlockTop, at))};");
                writer.Line($"{Lanes.Store(width, rows.Top, at, risen)}");
                writer.Line($"{risen} = {Lanes.Join(width, ReduceKind.Max, risen, Lanes.Constant(width, float.MinValue))};");
                writer.Line($"{Lanes.Store(width, rows.Shift, at, risen)}");
                writer.Line($"{Lanes.Store(width, rows.Factor, at, Code.Of($"VectorMath.Exp({old} - {risen})"))}");
            });
            var factors = new Dictionary<(int, RowIndex), Code>(pointers) { [(logits.Value, logits.Index)] = rows.Factor };
            foreach (Reduction reduction in rescaled)
            {
                Stage stage = reduction.Stage;
                ForEachAccumulator(reduction, (width, position, sum) => Code.Of($"{sum} * {Argument(stage, factors, width, position)(stage.Rises)}"));
            }
        }
    }

    /// <summary>A stage of one neighbour for all neighbours of a block, as its outermost axis.</summary>
    private Stage OfBlock(Stage stage, Access logits, bool reduced)
    {
        int width = symbols.Width(stage.Value);
        return stage with
        {
            Domain = new([BlockNeighbours, .. stage.Domain.Extents.Items]),
            Strides = [reduced ? 0 : width, .. stage.Strides.Items],
            Arguments = [.. stage.Arguments.Select(a => a with
            {
                Offset = a == logits ? 0 : a.Offset,
                Strides = [a == logits ? width : 0, .. a.Strides.Items],
            })],
        };
    }

    /// <summary>A sum at the end: unchanged where the maximum is finite, otherwise no number.</summary>
    private static Code OfInfinite(Code sum, Code max) => Code.Of($"{sum} + ({max} - {max})");
}
