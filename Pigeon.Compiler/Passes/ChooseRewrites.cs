using System.Collections.Immutable;

namespace Pigeon.Compiler;

/// <summary>
/// Linear operator reordering, aggregate first and compact materialisation, chosen for a graph: by <see cref="PlanSearch"/>, or by an
/// <see cref="IPlanTuner"/> among what the search finds. An answer that was found before is used again. Needs a simplified program;
/// guarantees one with the same outputs.
/// </summary>
internal static class ChooseRewrites
{
    /// <summary>Rewrites a program for a graph; returns the same reference when nothing pays.</summary>
    public static Program Run(Program program, CompileOptions options)
    {
        if (options.Graph is null || options.Rewrites == RewriteFamilies.None)
        {
            return program;
        }

        if (options.Cache is not { } folder)
        {
            return Search(program, options).Program;
        }

        string key = PlanStore.KeyOf(options.Tuner is null ? "chosen" : "tuned", program, options);
        if (PlanStore.Find(folder, key, program) is { } known)
        {
            return known;
        }

        RewrittenProgram found = Search(program, options);
        PlanStore.Keep(folder, key, found);
        return found.Program;
    }

    private static RewrittenProgram Search(Program program, CompileOptions options)
    {
        if (options.Tuner is not { } tuner)
        {
            return PlanSearch.Run(program, options, options.Rewrites)[0];
        }

        ImmutableArray<PlanAlternative> alternatives = PlanAlternatives.Of(program, options, tuner.Count);
        return alternatives[tuner.Choose(alternatives, options.Graph!, options with { Rewrites = RewriteFamilies.None, Tuner = null, Trace = null })].Rewritten;
    }
}
