using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Has kernels run as soon as that frees memory: what reads a large value for the last time comes right after what it waits for, where
/// planning, which follows the program, has it at the end, as it has weight gradients. Kernels stay as they are, and so does every bit of
/// their results. Needs a finished plan; its kernels are numbered anew.
/// <code>
/// k0: %2 = ...                          k0: %2 = ...
/// k1: %3 = ... %2                 ⇒     k1: %5 = sum of %0^T * %2
/// k2: %4 = ... %3                       k2: %3 = ... %2
/// k3: %5 = sum of %0^T * %2             k3: %4 = ... %3
/// </code>
/// </summary>
internal static class OrderKernels
{
    /// <summary>
    /// Values that take less together stay in the order of the program: near the caches, what was just written had better be read next.
    /// </summary>
    public const long LeastBytes = 64 << 20;

    /// <summary>A kernel moves for this share of the memory, or more.</summary>
    private const double Worth = 1.0 / 32;

    /// <summary>Moves kernels where a run on the graph takes less memory then; returns the same reference where it does not.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="graph">The graph's sizes.</param>
    /// <param name="least">The bytes of values from which on kernels may move.</param>
    public static Plan Run(Plan plan, GraphCounts graph, long least = LeastBytes)
    {
        long before = BytesOf(plan, graph);
        if (before < least)
        {
            return plan;
        }

        Plan moved = Move(plan, graph, before * Worth);
        return before - BytesOf(moved, graph) >= before * Worth ? moved : plan;
    }

    /// <summary>The plan with each kernel as early as it frees so many bytes more than it takes, otherwise in order.</summary>
    internal static Plan Move(Plan plan, GraphCounts graph, double worth) => plan with
    {
        Kernels = [.. Order(plan, graph, worth).Select((kernel, place) =>
            plan.Kernels[kernel] with { Name = Renumbered(plan.Kernels[kernel].Name, place) }).ToArray()],
    };

    /// <summary>The bytes of all values between kernels, those that are alive at different times over each other, with one thread.</summary>
    internal static long BytesOf(Plan plan, GraphCounts graph)
    {
        int[] over = InPlace.Run(plan);
        bool[] isInternal = Internal(plan);
        var lives = new Dictionary<int, (int First, int Last)>();
        for (int k = 0; k < plan.Kernels.Count; k++)
        {
            foreach (int value in plan.Kernels[k].Computed.Concat(plan.Kernels[k].Read))
            {
                if (isInternal[value])
                {
                    int owner = OwnerOf(value);
                    lives[owner] = (lives.TryGetValue(owner, out var life) ? life.First : k, k);
                }
            }
        }

        return MemoryPlan.Create([.. lives.Select(life => (BytesOf(plan, life.Key, graph), life.Value.First, life.Value.Last))]).Bytes;

        int OwnerOf(int value) => plan.Program.Values[value] is Operator.Regroup regroup
            ? OwnerOf(regroup.X)
            : over[value] < 0 ? value : OwnerOf(over[value]);
    }

    /// <summary>The kernels' numbers in their new order.</summary>
    private static int[] Order(Plan plan, GraphCounts graph, double worth)
    {
        int count = plan.Kernels.Count;
        bool[] isInternal = Internal(plan);
        HashSet<int>[] computed = [.. plan.Kernels.Select(kernel => MemoryOf(kernel.Computed))];
        HashSet<int>[] read = [.. plan.Kernels.Select(kernel => MemoryOf(kernel.Read))];
        HashSet<int>[] touched =
            [.. computed.Zip(read, (written, others) => written.Union(others).Where(value => isInternal[value]).ToHashSet())];
        int[] touches = new int[isInternal.Length];
        foreach (int value in touched.SelectMany(values => values))
        {
            touches[value]++;
        }

        int[][] waiting = [.. Enumerable.Range(0, count).Select(kernel =>
            Enumerable.Range(kernel + 1, count - kernel - 1).Where(later => !MayPass(later, kernel)).ToArray())];
        int[] waitsFor = new int[count];
        foreach (int kernel in waiting.SelectMany(kernels => kernels))
        {
            waitsFor[kernel]++;
        }

        var order = new List<int>();
        var ready = new SortedSet<int>(Enumerable.Range(0, count).Where(kernel => waitsFor[kernel] == 0));
        while (ready.Count > 0)
        {
            int best = ready.MaxBy(Freed);
            int next = Freed(best) >= worth ? best : ready.Min;
            ready.Remove(next);
            order.Add(next);
            foreach (int value in touched[next])
            {
                touches[value]--;
            }

            foreach (int kernel in waiting[next])
            {
                if (--waitsFor[kernel] == 0)
                {
                    ready.Add(kernel);
                }
            }
        }

        return [.. order];

        // Kernels of the graph alone stay before all others.
        bool MayPass(int kernel, int earlier) => !plan.Kernels[earlier].Once && !computed[earlier].Overlaps(read[kernel]) &&
            !computed[earlier].Overlaps(computed[kernel]) && !read[earlier].Overlaps(computed[kernel]);

        double Freed(int kernel) => touched[kernel].Where(value => touches[value] == 1).Sum(value => (double)BytesOf(plan, value, graph)) -
            computed[kernel].Where(value => isInternal[value]).Sum(value => (double)BytesOf(plan, value, graph));

        HashSet<int> MemoryOf(IEnumerable<int> values) => [.. values.Select(OwnerOf)];

        int OwnerOf(int value) => plan.Program.Values[value] is Operator.Regroup regroup ? OwnerOf(regroup.X) : value;
    }

    /// <summary>Whether each value is kept between kernels of one run, or between the loops of one, and is nobody else's.</summary>
    private static bool[] Internal(Plan plan)
    {
        bool[] isInternal = [.. plan.Storage.Select((storage, value) => storage is Storage.Buffer or Storage.LoopBuffer &&
            plan.Program.Values[value] is not (Operator.Input or Operator.Weight))];
        IEnumerable<int> constant = plan.Kernels.Where(kernel => kernel.Once).SelectMany(kernel => kernel.Computed);
        foreach (int value in plan.Program.Outputs.Select(output => output.Value).Concat(constant))
        {
            isInternal[value] = false;
        }

        return isInternal;
    }

    private static long BytesOf(Plan plan, int value, GraphCounts graph)
    {
        RowType type = plan.Program.Types[value];
        long rows = plan.Storage[value] == Storage.LoopBuffer
            ? graph.Longest(plan.Kernels.SelectMany(k => k.Before).First(step => step.Stages.Any(stage => stage.Value == value)).Loop!)
            : (long)graph.Rows(type.Space);
        return rows * type.Row.Width * plan.Elements[value].Bytes();
    }

    private static string Renumbered(string name, int place) =>
        FormattableString.Invariant($"k{place}{name[name.IndexOf('_', StringComparison.Ordinal)..]}");
}
