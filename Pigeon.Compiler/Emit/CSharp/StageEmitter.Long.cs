using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Sums of everything into one row, such as a loss. Added one after another the terms would be lost to rounding: once the sum is a million times a
/// term, most of the term's digits are gone. So a bunch of terms is summed from zero, a bunch of these sums again, and then the sums of the bunches.
/// </summary>
internal sealed partial class StageEmitter
{
    private const int BunchTerms = 128;

    private static bool IsSum(Reduction reduction) =>
        reduction is { Accumulators: not null, Stage.Reduction: ReduceKind.Sum or ReduceKind.Mean };

    private List<Reduction> EmitBunches(Step step, Map loop, Dictionary<(int, RowIndex), Code> pointers, List<Reduction> reductions, Code from, Code to)
    {
        Reduction[] sums = [.. reductions.Where(IsSum)];
        Dictionary<Reduction, Code[]> ofBunches = sums.ToDictionary(sum => sum, Zeros);
        Dictionary<Reduction, Code[]> totals = sums.ToDictionary(sum => sum, Zeros);
        Code stop = Name("stop");
        Code bunches = Name("bunches");
        writer.Line($"int {stop} = {from};");
        using (writer.Block($"for (int {bunches} = 1; {stop} < {to}; {bunches}++)"))
        {
            writer.Line($"int p = {stop};");
            writer.Line($"{stop} += Math.Min({to} - {stop}, {BunchTerms});");
            using (writer.Block($"for (; p < {stop}; p++)"))
            {
                EmitNeighbour(step, loop, pointers, reductions);
            }

            foreach (Reduction sum in sums)
            {
                Move([.. sum.Accumulators!], sum, ofBunches[sum]);
            }

            using (writer.Block($"if ({bunches} % {BunchTerms} == 0 || {stop} == {to})"))
            {
                foreach (Reduction sum in sums)
                {
                    Move(ofBunches[sum], sum, totals[sum]);
                }
            }
        }

        return [.. reductions.Select(reduction => totals.TryGetValue(reduction, out Code[]? total) ? reduction with { Accumulators = [.. total] } : reduction)];
    }

    /// <summary>Declares sums like those of a reduction.</summary>
    private Code[] Zeros(Reduction sum)
    {
        var names = new List<Code>();
        ForEachPiece(sum.Stage, (width, _) =>
        {
            names.Add(Name("total"));
            writer.Line($"var {names[^1]} = {Lanes.Constant(width, 0)};");
        });
        return [.. names];
    }

    /// <summary>Adds sums to others, and begins them anew.</summary>
    private void Move(Code[] from, Reduction sum, Code[] to)
    {
        int next = 0;
        ForEachPiece(sum.Stage, (width, _) =>
        {
            writer.Line($"{to[next]} += {from[next]};");
            writer.Line($"{from[next++]} = {Lanes.Constant(width, 0)};");
        });
    }
}
