namespace Pigeon.Compiler;

/// <content>
/// Loops over the neighbours of one row that threads share: each walks the positions <c>from … to</c>, and its sums go to <c>sums</c>; then one of them
/// joins the sums of all, in the order of the threads. The row's own values in scratch are in <c>row</c>, where all threads find them.
/// </content>
internal sealed partial class StageEmitter
{
    private bool isShare;

    /// <summary>Writes one thread's share of a loop.</summary>
    public void EmitShare(Step step)
    {
        isShare = true;
        using (writer.Block())
        {
            var pointers = new Dictionary<(int, RowIndex), Code>();
            DeclareRows(step, pointers);
            List<Reduction> reductions = StartReductions(step.Stages, pointers);
            foreach (Reduction reduction in EmitNeighbours(step, step.Loop!, pointers, reductions, Code.Of($"from"), Code.Of($"to"))
                .Where(r => r.Accumulators is not null))
            {
                int next = 0;
                ForEachPiece(reduction.Stage, (width, position) =>
                    writer.Line($"{Lanes.Store(width, reduction.Sums, position.Offset(0), reduction.Accumulators![next++])}"));
            }
        }

        isShare = false;
    }

    /// <summary>Joins what the threads left of a loop's sums, and stores it in the row.</summary>
    public void EmitJoin(Step step)
    {
        Code offsets = symbols.Offsets(step.Loop!);
        foreach (Stage stage in step.Stages.Where(s => s.Kind == StageKind.Reduce))
        {
            using (writer.Block())
            {
                var pointers = new Dictionary<(int, RowIndex), Code>();
                Code row = Declare(stage.Value, RowOf(stage, null), null, pointers);
                int offset = symbols.Program.SumsOffset(stage.Value);
                writer.Line($"float* sums = SumsOfShared(row, 0) + {offset};");
                using (writer.Block($"for (int part = 1; part < parts; part++)"))
                {
                    writer.Line($"float* more = SumsOfShared(row, part) + {offset};");
                    ForEachPiece(stage, (width, position) => writer.Line($"{Lanes.Store(width, Code.Of($"sums"), position.Offset(0), Lanes.Join(width,
                        stage.Reduction, Lanes.Load(width, Code.Of($"sums"), position.Offset(0)), Lanes.Load(width, Code.Of($"more"), position.Offset(0))))}"));
                }

                Finish(new(stage, row, Code.Of($"sums"), null), Code.Of($"({offsets}[i + 1] - {offsets}[i])"), pointers, elsewhere: true);
            }
        }
    }
}
