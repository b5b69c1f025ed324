namespace Pigeon.Compiler;

/// <summary>
/// Writes a reduction of a row's axes. Where results are fewer than lanes, runs of lanes share one, and join what they found; a single
/// result is then known to every lane.
/// </summary>
internal sealed class CudaRowReduce(CodeWriter writer, PlacedStage placed, int lanes, Func<string, Code> name)
{
    private const int ShortAxis = 2;
    private readonly Stage stage = placed.Stage;

    /// <summary>Writes it.</summary>
    /// <param name="register">Where a single result is kept; empty where it is not.</param>
    /// <param name="pointer">The value's row in memory; empty where it has none.</param>
    /// <param name="mayStore">The condition under which this group stores results; empty where it always does.</param>
    /// <param name="arguments">The code of the arguments at a position.</param>
    public void Emit(Code register, Code pointer, Code mayStore, Func<Position, Func<int, Code>> arguments)
    {
        List<Axis> axes = Domain.AxesOf(stage);
        List<Axis> kept = [.. axes.Where(a => !a.Reduced)];
        List<Axis> reduced = [.. axes.Where(a => a.Reduced)];
        (int results, int terms) = (Count(kept), Count(reduced));
        int group = placed.Layout.Lanes == 1 ? 1 : lanes;
        int run = results == 1 ? group : results >= group || terms <= ShortAxis ? 1 : Math.Min(group, RoundUp(terms));
        Code lane = group == 1 ? Code.Of($"0") : Code.Of($"lane");
        if (!register.IsEmpty)
        {
            writer.Line($"float {register};");
        }

        (Code k0, Code k, Code t, Code sum) = (name("k"), name("k"), name("k"), name("sum"));
        Code reduction = CudaExpression.Reduction(stage.Reduction);
        using (writer.Block($"for (int {k0} = 0; {k0} < {results}; {k0} += {group / run})"))
        {
            writer.Line($"const int {k} = {k0} + {lane} / {run};");
            writer.Line($"float {sum} = {reduction}::start();");
            using (writer.Block($"if ({k} < {results})"))
            {
                Position at = CudaCoordinates.At(writer, name, kept, Start(), k);
                using (writer.Block($"for (int {t} = {lane} % {run}; {t} < {terms}; {t} += {run})"))
                {
                    Position here = CudaCoordinates.At(writer, name, reduced, at, t);
                    writer.Line($"{sum} = {CudaExpression.Combine(stage.Reduction, sum, stage.Expression, arguments(here))};");
                }
            }

            if (run > 1)
            {
                writer.Line($"{sum} = pg_fold<{reduction}, {run}>({sum}, mask);");
            }

            if (stage.Reduction == ReduceKind.Mean)
            {
                writer.Line($"{sum} = {sum} / {CudaExpression.Constant(terms)};");
            }

            if (!register.IsEmpty)
            {
                writer.Line($"{register} = {sum};");
            }

            if (!pointer.IsEmpty)
            {
                Code[] conditions = [Code.Of($"{k} < {results}"), Code.Of($"{lane} % {run} == 0"), mayStore];
                using (writer.Block($"if ({Code.Join(Separator.And, conditions.Where(c => !c.IsEmpty))})"))
                {
                    Position at = CudaCoordinates.At(writer, name, kept, Start(), k);
                    writer.Line($"{pointer}[{at.Offset(0)}] = {sum};");
                }
            }
        }
    }

    private Position Start() => Position.At([stage.Offset, .. stage.Arguments.Select(a => a.Offset)]);

    private static int Count(List<Axis> axes) => axes.Aggregate(1, (n, a) => n * a.Extent);

    private static int RoundUp(int count)
    {
        int power = 1;
        while (power < count)
        {
            power *= 2;
        }

        return power;
    }
}
