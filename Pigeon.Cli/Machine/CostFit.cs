namespace Pigeon.Cli;

/// <summary>
/// Fits costs to measured times: the least sum of squared relative errors with costs that are not negative, by coordinate descent. What the
/// costs were before, all of them as much faster or slower as the machine is, weighs as some measurements do: parts that always occur together
/// share a time as they did before, and parts that nothing was measured of follow the others.
/// </summary>
internal static class CostFit
{
    private const int Sweeps = 4000;

    /// <summary>The weight of what a cost was before, against one measurement.</summary>
    private const double Prior = 1;

    /// <summary>The fitted costs.</summary>
    /// <param name="counts">For each measurement, how often each cost goes into it.</param>
    /// <param name="times">The measured times, positive.</param>
    /// <param name="before">The costs before, positive.</param>
    public static double[] Solve(IReadOnlyList<IReadOnlyList<double>> counts, IReadOnlyList<double> times, IReadOnlyList<double> before)
    {
        // In units of the costs before, as fast as the machine is, and of the times: a perfect prediction is 1 everywhere.
        double[] slower = [.. counts.Select((row, i) => times[i] / row.Zip(before, (count, cost) => count * cost).Sum()).Order()];
        before = [.. before.Select(cost => cost * slower[slower.Length / 2])];
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
