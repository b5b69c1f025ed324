namespace Pigeon.Cli;

/// <summary>What several runs come to.</summary>
internal static class Statistics
{
    /// <summary>The mean; null of nothing.</summary>
    public static double? Mean(double[] figures) => figures.Length == 0 ? null : figures.Average();

    /// <summary>The standard deviation of a sample; 0 of one figure, null of nothing.</summary>
    public static double? Deviation(double[] figures)
    {
        if (figures.Length < 2)
        {
            return figures.Length == 0 ? null : 0;
        }

        double mean = figures.Average();
        return Math.Sqrt(figures.Sum(figure => Math.Pow(figure - mean, 2)) / (figures.Length - 1));
    }
}
