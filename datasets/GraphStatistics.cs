using Pigeon.Runtime;

namespace Pigeon.Datasets;

/// <summary>The counts of a graph that decide which plan is cheapest, and how skewed it is.</summary>
/// <param name="Nodes">N.</param>
/// <param name="Edges">E.</param>
/// <param name="NodeTypes">T.</param>
/// <param name="EdgeTypes">R.</param>
/// <param name="UniqueSource">U_src: the distinct pairs (edge type, source).</param>
/// <param name="UniqueDestination">U_dst: the distinct pairs (edge type, destination).</param>
/// <param name="MaxInDegree">The most edges that end at one node.</param>
/// <param name="MaxOutDegree">The most edges that start at one node.</param>
/// <param name="IsolatedNodes">Nodes without any edge.</param>
/// <param name="MaxEdgesOfType">The edges of the largest edge type.</param>
/// <param name="MedianEdgesOfType">The edges of the median edge type; of two in the middle, the larger.</param>
/// <param name="MinEdgesOfType">The edges of the smallest edge type.</param>
/// <param name="DegreeGini">The Gini coefficient of the degrees, in and out together: 0 equal, towards 1 skewed.</param>
public sealed record GraphStatistics(int Nodes, int Edges, int NodeTypes, int EdgeTypes, int UniqueSource, int UniqueDestination,
    int MaxInDegree, int MaxOutDegree, int IsolatedNodes, int MaxEdgesOfType, int MedianEdgesOfType, int MinEdgesOfType, double DegreeGini)
{
    /// <summary>U_src / E, 0 without edges: the rows that compaction on sources leaves of a message per edge.</summary>
    public double SourceRatio => Edges == 0 ? 0 : (double)UniqueSource / Edges;

    /// <summary>U_dst / E, 0 without edges: the rows that compaction on destinations leaves.</summary>
    public double DestinationRatio => Edges == 0 ? 0 : (double)UniqueDestination / Edges;

    /// <summary>Counts a graph in one walk over its edges.</summary>
    public static GraphStatistics Of(HeteroGraph graph)
    {
        int[] inDegree = new int[graph.NodeCount];
        int[] outDegree = new int[graph.NodeCount];
        int[] ofType = new int[graph.EdgeTypes.Length];
        int[] sourceSeen = new int[graph.NodeCount];
        int[] destinationSeen = new int[graph.NodeCount];
        int uniqueSource = 0;
        int uniqueDestination = 0;
        for (int e = 0; e < graph.EdgeCount; e++)
        {
            int stamp = graph.EdgeTypeOf[e] + 1;
            uniqueSource += Stamp(ref sourceSeen[graph.Source[e]], stamp);
            uniqueDestination += Stamp(ref destinationSeen[graph.Destination[e]], stamp);
            outDegree[graph.Source[e]]++;
            inDegree[graph.Destination[e]]++;
            ofType[graph.EdgeTypeOf[e]]++;
        }

        int maxIn = inDegree.DefaultIfEmpty().Max();
        int maxOut = outDegree.DefaultIfEmpty().Max();
        long[] degree = [.. inDegree.Zip(outDegree, (i, o) => (long)i + o)];
        Array.Sort(degree);
        Array.Sort(ofType);
        return new(graph.NodeCount, graph.EdgeCount, graph.NodeTypes.Length, ofType.Length, uniqueSource, uniqueDestination, maxIn, maxOut,
            degree.TakeWhile(d => d == 0).Count(), ofType.ElementAtOrDefault(ofType.Length - 1),
            ofType.ElementAtOrDefault(ofType.Length / 2), ofType.FirstOrDefault(), Gini(degree));
    }

    /// <summary>
    /// Marks a node as seen with an edge type; 1 if it is new. Edge types come in rising order, so the last one is enough.
    /// </summary>
    private static int Stamp(ref int seen, int stamp)
    {
        int isNew = seen == stamp ? 0 : 1;
        seen = stamp;
        return isNew;
    }

    /// <summary>G = Σ (2i − n − 1) x_i / (n Σ x_i) over rising x_i, i = 1 … n.</summary>
    private static double Gini(long[] rising)
    {
        double weighted = 0;
        double sum = 0;
        for (int i = 0; i < rising.Length; i++)
        {
            weighted += (2.0 * (i + 1) - rising.Length - 1) * rising[i];
            sum += rising[i];
        }

        return sum == 0 ? 0 : weighted / (rising.Length * sum);
    }
}
