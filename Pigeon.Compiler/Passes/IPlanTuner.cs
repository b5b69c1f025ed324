using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Chooses among the ways to compute a program by trying them, in place of the cost model.</summary>
public interface IPlanTuner
{
    /// <summary>How many of the best predicted plans are tried, beside those without a family of rewrites.</summary>
    int Count { get; }

    /// <summary>The alternative that is best.</summary>
    /// <param name="alternatives">At least one.</param>
    /// <param name="graph">The graph that they are to run on.</param>
    /// <param name="options">How they are to be compiled.</param>
    /// <returns>Its position.</returns>
    int Choose(ImmutableArray<PlanAlternative> alternatives, GraphBinding graph, CompileOptions options);
}
