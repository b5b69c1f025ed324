namespace Pigeon.Compiler;

/// <summary>
/// Linear operator reordering, aggregate first and compact materialisation, chosen for a graph by <see cref="PlanSearch"/>. Needs a
/// simplified program; guarantees one with the same outputs.
/// </summary>
internal static class ChooseRewrites
{
    /// <summary>Rewrites a program for a graph; returns the same reference when nothing pays.</summary>
    public static Program Run(Program program, CompileOptions options) => options.Graph is null
        ? program
        : PlanSearch.Run(program, CostModel.Of(options), options.Rewrites)[0].Program;
}
