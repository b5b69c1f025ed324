using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <content>Kernels whose rows are taken in batches: see <see cref="RowBatches"/>.</content>
internal sealed partial class StageEmitter
{
    /// <summary>The most numbers that a row of a batch keeps: those of all its rows stay in the first cache.</summary>
    private const int MostCarried = 256;

    /// <summary>The values whose rows a batch keeps in scratch, each of its rows one.</summary>
    private readonly HashSet<int> carried = [];

    /// <summary>The first position of the neighbours that a thread's own rows are kept for.</summary>
    private Code near = Code.Of($"first");

    /// <summary>Writes a traversal's steps for the rows from <c>begin</c> to <c>end</c>.</summary>
    public void EmitRows(Kernel kernel)
    {
        Streamed = Streaming.Of(kernel, symbols);
        foreach (int value in Streamed)
        {
            Streaming.Declare(symbols, value);
        }

        if (GroupRows.IsInGroups(kernel, lanes))
        {
            EmitGroups(kernel);
        }
        else
        {
            EmitRows([.. kernel.Before], FirstThatWaits(kernel, symbols.Plan), [.. Carried(kernel, symbols.Plan)]);
        }

        if (Streamed.Length > 0)
        {
            writer.Line($"VectorMath.EndStreams();");
        }
    }

    private void EmitRows(Step[] steps, int waits, int[] between)
    {
        if (waits == 0)
        {
            using (writer.Block($"for (int i = begin; i < end; i++)"))
            {
                EmitPrefetchOfRows(steps);
                Emit(steps);
            }

            return;
        }

        carried.UnionWith(between);
        near = Code.Of($"near");
        Code offsets = symbols.Offsets(steps[waits].Loop!);
        using (writer.Block($"for (int batch = begin, until; batch < end; batch = until)"))
        {
            writer.Line($"until = RowBatches.End({offsets}, batch, end);");
            writer.Line($"int near = {offsets}[batch];");
            foreach (Step[] part in (Step[][])[steps[..waits], steps[waits..]])
            {
                using (writer.Block($"for (int i = batch; i < until; i++)"))
                {
                    EmitPrefetchOfRows(part);
                    Emit(part);
                }
            }
        }
    }

    /// <summary>The scratch values that a kernel computes for all rows of a batch before it reads them.</summary>
    public static IEnumerable<int> Carried(Kernel kernel, Plan plan) => Carried(kernel, plan, FirstThatWaits(kernel, plan));

    private static IEnumerable<int> Carried(Kernel kernel, Plan plan, int waits)
    {
        HashSet<int> read = [.. kernel.Before.Skip(waits).SelectMany(s => s.Stages).SelectMany(s => s.Arguments).Select(a => a.Value)];
        return kernel.Before.Take(waits).SelectMany(s => s.Stages).Select(s => s.Value)
            .Where(v => plan.Storage[v] == Storage.Scratch && read.Contains(v)).Distinct();
    }

    /// <summary>The first step that takes blocks of what an earlier step stores for one neighbour after the other; 0 for none.</summary>
    private static int FirstThatWaits(Kernel kernel, Plan plan)
    {
        Step[] steps = [.. kernel.Before];
        int waits = Array.FindIndex(steps, s => s.InBlocks);
        if (kernel.Contraction is not null || waits <= 0)
        {
            return 0;
        }

        HashSet<int> stored = [.. LoopBuffers(steps[..waits])];
        bool reads = steps[waits].Stages.SelectMany(s => s.Arguments).Any(a => stored.Contains(a.Value));
        bool isOneWalk = steps.Where(s => LoopBuffers([s]).Any()).All(s => s.Loop == steps[waits].Loop);
        return reads && isOneWalk && Carried(kernel, plan, waits).Sum(v => plan.Program.Types[v].Row.Width) <= MostCarried ? waits : 0;

        IEnumerable<int> LoopBuffers(Step[] some) => some.SelectMany(s => s.Stages).Select(s => s.Value).Where(v => plan.Storage[v] == Storage.LoopBuffer);
    }
}
