using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Linear operator reordering, aggregate first and compact materialisation, chosen for a graph: of all rewrites that fit somewhere in
/// the program, the one that saves most by the cost model is done, until none saves anything. The cost is that of the whole program after
/// <see cref="Simplify"/>, so a rewrite gets credit for what it makes dead or common elsewhere. Needs a simplified program; guarantees one
/// with the same outputs.
/// </summary>
internal static class ChooseRewrites
{
    /// <summary>Savings below this share of the cost are noise of the model.</summary>
    private const double Threshold = 0.001;

    /// <summary>What may be done.</summary>
    public static ImmutableArray<Rewrite> Rules { get; } =
    [
        ReorderLinear.Rule,
        AggregateFirst.SameTarget,
        AggregateFirst.ThroughPairs,
        AggregateFirst.WeightGradient,
        Compact.Linear,
        Compact.Rows,
    ];

    /// <summary>Rewrites a program for a graph; returns the same reference when nothing pays.</summary>
    public static Program Run(Program program, GraphBinding graph)
    {
        var model = new CostModel(graph);
        double cost = model.Of(program);
        while (true)
        {
            (Program best, double lowest) = (program, cost);
            foreach ((int value, Rewrite rule) in RewriteSite.Sites(program, Rules))
            {
                Program candidate = Simplify.Run(RewriteSite.Rewritten(program, value, rule));
                double candidateCost = model.Of(candidate);
                if (candidateCost < lowest)
                {
                    (best, lowest) = (candidate, candidateCost);
                }
            }

            if (lowest >= cost * (1 - Threshold))
            {
                return program;
            }

            (program, cost) = (best, lowest);
        }
    }
}
