using System.Collections.Immutable;

namespace Pigeon.Compiler;

/// <summary>The ways to compute a program that choosing its plan has to do with.</summary>
public static class PlanAlternatives
{
    /// <summary>The name of the program as its author ordered it.</summary>
    public const string Author = "author's order";

    /// <summary>The name of the one that is compiled.</summary>
    public const string Chosen = "chosen";

    /// <summary>
    /// The author's order, the best that can be had without each family of rewrites or with it alone, and the best of all with those that
    /// come next to it. Programs that several names lead to are there once, with all their names.
    /// </summary>
    /// <param name="program">The program, as written.</param>
    /// <param name="options">A graph, and the machine's costs.</param>
    /// <param name="count">How many of the best.</param>
    /// <exception cref="ArgumentException">The options name no graph.</exception>
    public static ImmutableArray<PlanAlternative> Of(Program program, CompileOptions options, int count)
    {
        Program simple = Simplify.Run(program);
        var found = new List<(string Name, RewrittenProgram Program)>();
        ImmutableArray<RewrittenProgram> best = Search(simple, options, options.Rewrites, count);
        found.AddRange(best.Select((rewritten, rank) => (rank == 0 ? Chosen : $"number {rank + 1}", rewritten)));
        foreach (RewriteFamilies family in Enum.GetValues<RewriteFamilies>().Where(f => f is not (RewriteFamilies.None or RewriteFamilies.All)))
        {
            string name = family.ToString().ToLowerInvariant();
            found.Add(($"without {name}", Search(simple, options, options.Rewrites & ~family)[0]));
            found.Add(($"only {name}", Search(simple, options, options.Rewrites & family)[0]));
        }

        found.Add((Author, PlanSearch.Run(simple, options, RewriteFamilies.None)[0]));
        return [.. found.GroupBy(f => f.Program.Program.ToString(), (_, same) => new PlanAlternative([.. same.Select(f => f.Name)], same.First().Program))];
    }

    /// <summary>The program that is chosen by the costs.</summary>
    /// <exception cref="ArgumentException">The options name no graph.</exception>
    public static RewrittenProgram Best(Program program, CompileOptions options) => Search(Simplify.Run(program), options, options.Rewrites)[0];

    /// <summary>The predicted seconds of a run of a plan.</summary>
    /// <exception cref="ArgumentException">The options name no graph.</exception>
    public static double Seconds(Plan plan, CompileOptions options) => PlanCosts.Seconds(plan, CountsOf(options), options);

    /// <summary>For each kernel of a plan, how often each of the <see cref="MachineCosts"/> goes into its predicted time.</summary>
    /// <exception cref="ArgumentException">The options name no graph.</exception>
    public static ImmutableArray<double[]> Counts(Plan plan, CompileOptions options) =>
        PlanCosts.Counts(plan, CountsOf(options), options.Machine, options.Lanes);

    private static ImmutableArray<RewrittenProgram> Search(Program simple, CompileOptions options, RewriteFamilies families, int count = 1)
    {
        CompileOptions own = options with { Rewrites = families };
        return PlanSearch.Run(UsedRows.Run(FoldWeights.Run(simple, own), own), options, families, count);
    }

    private static GraphCounts CountsOf(CompileOptions options) =>
        new(options.Graph ?? throw new ArgumentException("costs are predicted for a graph", nameof(options)));
}

/// <summary>A way to compute a program.</summary>
/// <param name="Names">What led to it.</param>
/// <param name="Rewritten">The program, how it came about, and its predicted time.</param>
public sealed record PlanAlternative(ImmutableArray<string> Names, RewrittenProgram Rewritten);
