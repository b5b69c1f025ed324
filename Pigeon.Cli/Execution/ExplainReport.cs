using Pigeon.Compiler;

namespace Pigeon.Cli;

/// <summary>Why a plan was chosen.</summary>
/// <param name="Model">The model.</param>
/// <param name="Dataset">The graph.</param>
/// <param name="Mode"><c>inference</c> or <c>training</c>.</param>
/// <param name="In">The width of the input's rows; null where the model's task fixes it.</param>
/// <param name="Out">The width of the output's rows, likewise.</param>
/// <param name="Nodes">The graph's nodes; null where it has no such space.</param>
/// <param name="Edges">The graph's edges, likewise.</param>
/// <param name="Spaces">The rows of every index space that a plan uses.</param>
/// <param name="Plans">The alternatives, those that are predicted to be faster first.</param>
internal sealed record ExplainReport(string Model, string Dataset, string Mode, int? In, int? Out, int? Nodes, int? Edges,
    IReadOnlyList<SpaceRows> Spaces, IReadOnlyList<ExplainedPlan> Plans)
{
    /// <summary>The plan that is compiled.</summary>
    public ExplainedPlan Winner => Plans.Single(plan => plan.Names.Contains(PlanAlternatives.Chosen));

    /// <summary>The plan as the author ordered it.</summary>
    public ExplainedPlan Author => Plans.Single(plan => plan.Names.Contains(PlanAlternatives.Author));

    /// <summary>The lowest measured time; null where nothing was measured.</summary>
    public double? BestMs => Plans.Min(plan => plan.MeasuredMs);
}

/// <summary>The size of an index space.</summary>
internal sealed record SpaceRows(string Space, long Rows);

/// <summary>An alternative.</summary>
/// <param name="Names">What led to it.</param>
/// <param name="Kernels">The launches of a run.</param>
/// <param name="Flops">The floating-point operations of its contractions.</param>
/// <param name="BytesMoved">For each kernel, the bytes of the values that it reads or writes, each once.</param>
/// <param name="ArenaBytes">The memory of its intermediate values.</param>
/// <param name="PredictedMs">The cost model's time of the plan as it runs, with the values that it computes again.</param>
/// <param name="MeasuredMs">The least CPU time of a run; null where it was not measured.</param>
/// <param name="Steps">The rewrites that lead to it.</param>
/// <param name="RecomputeSavedMs">What is predicted to be saved by computing values again rather than storing them, or later.</param>
/// <param name="PerKernel">Its kernels, where they were asked for.</param>
internal sealed record ExplainedPlan(IReadOnlyList<string> Names, int Kernels, long Flops, long BytesMoved, long ArenaBytes,
    double PredictedMs, double? MeasuredMs, IReadOnlyList<ExplainedStep> Steps, double RecomputeSavedMs, IReadOnlyList<ExplainedKernel>? PerKernel);

/// <summary>A kernel of an alternative.</summary>
/// <param name="Name">The kernel.</param>
/// <param name="Does">Its shape.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="PredictedMs">The cost model's time, without what it takes to begin it.</param>
/// <param name="MeasuredMs">The least CPU time; null where it was not measured.</param>
/// <param name="Counts">How often each of <see cref="Pigeon.Compiler.MachineCosts.Names"/> goes into the prediction.</param>
internal sealed record ExplainedKernel(string Name, string Does, int Rows, double PredictedMs, double? MeasuredMs, IReadOnlyList<double> Counts);

/// <summary>A rewrite.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Value">The number of the value that is computed another way, in the program before.</param>
/// <param name="Text">What computed it.</param>
/// <param name="SavedMs">The predicted saving, before values are computed again; negative where the step paves the way for others.</param>
internal sealed record ExplainedStep(string Rule, int Value, string Text, double SavedMs);
