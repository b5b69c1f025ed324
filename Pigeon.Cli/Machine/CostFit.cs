namespace Pigeon.Cli;

/// <summary>
/// Fits costs to measured times: the least sum of squared relative errors with costs that are not negative, by coordinate descent. A
/// little weight on what the costs were before keeps those that the measurements say nothing about.
/// </summary>
internal static class CostFit
{
    private const int Sweeps = 4000;

    /// <summary>The weight of what a cost was before, against one measurement.</summary>
    private const double Prior = 0.01;

    /// <summary>The fitted costs.</summary>
    /// <param name="counts">For each measurement, how often each cost goes into it.</param>
    /// <param name="times">The measured times, positive.</param>
    /// <param name="before">The costs before, positive.</param>
    public static double[] Solve(IReadOnlyList<IReadOnlyList<double>> counts, IReadOnlyList<double> times, IReadOnlyList<double> before)
    {
        // In units of the costs before and of the times: a perfect prediction is 1 everywhere.
        double[][] shares = [.. counts.Select((row, i) => row.Select((count, j) => count * before[j] / times[i]).ToArray())];
        double[] scale = [.. before.Select(_ => 1.0)];
        double[] missing = [.. shares.Select(row => 1 - row.Sum())];
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            for (int j = 0; j < scale.Length; j++)
            {
                double slope = Prior * (1 - scale[j]);
                double curvature = Prior;
                for (int i = 0; i < shares.Length; i++)
                {
                    slope += shares[i][j] * missing[i];
                    curvature += shares[i][j] * shares[i][j];
                }

                double step = Math.Max(-scale[j], slope / curvature);
                scale[j] += step;
                for (int i = 0; i < shares.Length; i++)
                {
                    missing[i] -= shares[i][j] * step;
                }
            }
        }

        return [.. scale.Select((s, j) => s * before[j])];
    }
}
