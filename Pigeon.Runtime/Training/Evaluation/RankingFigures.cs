namespace Pigeon.Runtime;

/// <summary>How well answers rank: means over questions of figures of the rank, which counts from 1.</summary>
/// <param name="Questions">How many questions.</param>
/// <param name="Mrr">The mean of 1 / rank.</param>
/// <param name="MeanRank">The mean rank.</param>
/// <param name="HitsAt1">The share of ranks up to 1.</param>
/// <param name="HitsAt3">The share of ranks up to 3.</param>
/// <param name="HitsAt10">The share of ranks up to 10.</param>
public sealed record RankingFigures(int Questions, double Mrr, double MeanRank, double HitsAt1, double HitsAt3, double HitsAt10)
{
    /// <summary>The figures of some ranks, summed in their order.</summary>
    internal static RankingFigures Of(ReadOnlySpan<double> ranks)
    {
        double reciprocal = 0;
        double sum = 0;
        int at1 = 0;
        int at3 = 0;
        int at10 = 0;
        foreach (double rank in ranks)
        {
            reciprocal += 1 / rank;
            sum += rank;
            at1 += rank <= 1 ? 1 : 0;
            at3 += rank <= 3 ? 1 : 0;
            at10 += rank <= 10 ? 1 : 0;
        }

        double count = ranks.Length;
        return new(ranks.Length, reciprocal / count, sum / count, at1 / count, at3 / count, at10 / count);
    }
}
