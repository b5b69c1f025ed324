using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>The memory that a run may take, and with how many threads.</summary>
/// <param name="Bytes">The limit for everything that a run touches.</param>
/// <param name="Threads">The threads; each has scratch and loop buffers of its own.</param>
public sealed record MemoryBudget(long Bytes, int Threads);

/// <summary>What it took to make a plan smaller.</summary>
/// <param name="Copied">The values that are computed again instead of being kept.</param>
/// <param name="BytesBefore">What a run of the fastest plan takes.</param>
/// <param name="BytesAfter">What a run of the chosen plan takes.</param>
/// <param name="SecondsBefore">The predicted seconds of the fastest plan.</param>
/// <param name="SecondsAfter">The predicted seconds of the chosen plan.</param>
public sealed record MemoryFit(int Copied, long BytesBefore, long BytesAfter, double SecondsBefore, double SecondsAfter);

/// <summary>
/// Makes a plan that takes too much memory smaller: values are computed again in the kernels that read them, as by <see cref="Recompute"/>,
/// those first that free the most bytes for the time they cost, until the plan fits or nothing helps. A plan that fits is left as it
/// is, by reference. Needs a program in its final order; later passes must not merge equal values.
/// </summary>
internal static class FitMemory
{
    /// <summary>Whether a run of a program's plan takes no more than the budget; true where there is none.</summary>
    public static bool Fits(Program program, CompileOptions options) => options is not { Graph: { } binding, Memory: { } budget } ||
        Estimate(ProgramCompiler.PlanToRun(program, new(binding), options), binding, options, budget).Estimate.Total <= budget.Bytes;

    /// <summary>Copies values until a run takes no more than the budget; where that can't be had, until it takes the least.</summary>
    public static Program Run(Program program, CompileOptions options)
    {
        if (options is not { Graph: { } binding, Memory: { } budget, Fuse: true })
        {
            return program;
        }

        var graph = new GraphCounts(binding);
        Candidate first = Measure(program);
        Candidate best = first;
        int copied = 0;
        while (best.Bytes > budget.Bytes && Improve(best) is { } better)
        {
            (best, copied) = (better, copied + 1);
        }

        if (copied > 0 && best.Bytes <= budget.Bytes)
        {
            options.Fitted?.Invoke(new(copied, first.Bytes, best.Bytes, first.Seconds, best.Seconds));
        }

        return best.Plan.Program;

        Candidate? Improve(Candidate from) => Enumerable.Range(0, from.Plan.Program.Values.Length)
            .Select(value => Recompute.Split(from.Plan, value)).OfType<Program>().Select(Measure)
            .Where(c => c.Bytes < from.Bytes || (c.Bytes == from.Bytes && c.Excess < from.Excess))
            .MaxBy(c => (from.Excess - c.Excess) / Math.Max(c.Seconds - from.Seconds, from.Seconds * LeastCost));

        Candidate Measure(Program candidate)
        {
            Plan plan = ProgramCompiler.PlanToRun(candidate, graph, options);
            (ProgramSignature signature, MemoryEstimate estimate) = Estimate(plan, binding, options, budget);
            long room = budget.Bytes - (estimate.Total - estimate.Arena);
            double excess = Enumerable.Range(0, plan.Kernels.Count)
                .Sum(kernel => Math.Max(0.0, MemoryEstimate.AliveAt(signature, binding, budget.Threads, kernel) - room));
            return new(plan, estimate.Total, excess, PlanCosts.Seconds(plan, graph, options));
        }
    }

    private static (ProgramSignature Signature, MemoryEstimate Estimate) Estimate(Plan plan, GraphBinding binding, CompileOptions options, MemoryBudget budget)
    {
        ProgramSignature signature = CSharpEmitter.Emit(plan, options.Lanes, options.SharesRows).Signature;
        return (signature, MemoryEstimate.Of(signature, binding, budget.Threads));
    }

    /// <summary>A copy that is predicted to cost less than this share of the time, or to save time, counts as costing this much.</summary>
    private const double LeastCost = 0.001;

    /// <summary>A plan, the bytes of a run, and by how much its kernels together pass what is left of the budget.</summary>
    private sealed record Candidate(Plan Plan, long Bytes, double Excess, double Seconds);
}
