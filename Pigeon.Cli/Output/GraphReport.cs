using Pigeon.Datasets;

namespace Pigeon.Cli;

/// <summary>What a graph counts.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Provenance">Where it comes from.</param>
/// <param name="Nodes">N.</param>
/// <param name="Edges">E.</param>
/// <param name="NodeTypes">The number of node types.</param>
/// <param name="EdgeTypes">R.</param>
/// <param name="UniqueSource">The distinct pairs (edge type, source).</param>
/// <param name="UniqueDestination">The distinct pairs (edge type, destination).</param>
/// <param name="SourceRatio">Distinct source pairs per edge.</param>
/// <param name="DestinationRatio">Distinct destination pairs per edge.</param>
/// <param name="MaxInDegree">The most edges into one node.</param>
/// <param name="MaxOutDegree">The most edges out of one node.</param>
/// <param name="IsolatedNodes">Nodes without an edge.</param>
/// <param name="MaxEdgesOfType">The edges of the largest type.</param>
/// <param name="MedianEdgesOfType">The edges of the median type.</param>
/// <param name="MinEdgesOfType">The edges of the smallest type.</param>
/// <param name="DegreeGini">The Gini coefficient of the degrees: 0 equal, towards 1 skewed.</param>
/// <param name="IndexBytes">The memory of the index arrays: edges, their types, and compressed rows by destination.</param>
/// <param name="NodeRowBytes">The memory of 64 floats for each node.</param>
/// <param name="EdgeRowBytes">The memory of 64 floats for each edge.</param>
/// <param name="Labels">How many nodes have a class; null where none has.</param>
internal sealed record GraphReport(string Name, string Provenance, int Nodes, int Edges, int NodeTypes, int EdgeTypes, int UniqueSource,
    int UniqueDestination, double SourceRatio, double DestinationRatio, int MaxInDegree, int MaxOutDegree, int IsolatedNodes,
    int MaxEdgesOfType, int MedianEdgesOfType, int MinEdgesOfType, double DegreeGini, long IndexBytes, long NodeRowBytes, long EdgeRowBytes,
    LabelCounts? Labels)
{
    private const int Width = 64;

    /// <summary>Counts a graph.</summary>
    public static GraphReport Of(GraphDataset dataset)
    {
        GraphStatistics s = GraphStatistics.Of(dataset.Graph);

        // Kept for each edge: source, destination, type, its place in the list it came from, and its place by destination.
        long index = sizeof(int) * ((5L * s.Edges) + (2L * s.Nodes));
        return new(dataset.Name, dataset.Provenance, s.Nodes, s.Edges, s.NodeTypes, s.EdgeTypes, s.UniqueSource, s.UniqueDestination,
            s.SourceRatio, s.DestinationRatio, s.MaxInDegree, s.MaxOutDegree, s.IsolatedNodes, s.MaxEdgesOfType, s.MedianEdgesOfType,
            s.MinEdgesOfType, s.DegreeGini, index, (long)s.Nodes * Width * sizeof(float), (long)s.Edges * Width * sizeof(float),
            dataset.Labels is { } labels ? new(labels.ClassNames.Length, labels.Train.Count, labels.Valid.Count, labels.Test.Count) : null);
    }

    /// <summary>Writes the counts as a table.</summary>
    public void Write(Terminal terminal)
    {
        terminal.Out.WriteLine($"{Name}: {Provenance}");
        var table = new Table("count", ">value", "note");
        table.Add("nodes", Format.Count(Nodes), $"of {Format.Count(NodeTypes)} types, {Format.Count(IsolatedNodes)} without an edge");
        table.Add("edges", Format.Count(Edges), $"of {Format.Count(EdgeTypes)} types");
        table.Add("edges of a type", Format.Count(MaxEdgesOfType),
            $"the largest; median {Format.Count(MedianEdgesOfType)}, smallest {Format.Count(MinEdgesOfType)}");
        table.Add("edges into a node", Format.Count(MaxInDegree), "the most");
        table.Add("edges out of a node", Format.Count(MaxOutDegree), $"the most; Gini of all degrees {Format.Ratio(DegreeGini)}");
        table.Add("(type, source) pairs", Format.Count(UniqueSource), $"{Format.Ratio(SourceRatio)} of the edges");
        table.Add("(type, destination) pairs", Format.Count(UniqueDestination), $"{Format.Ratio(DestinationRatio)} of the edges");
        table.Add("memory, MiB", Format.Mebibytes(IndexBytes),
            $"for indices; 64 floats a node {Format.Mebibytes(NodeRowBytes)}, an edge {Format.Mebibytes(EdgeRowBytes)}");
        if (Labels is { } labels)
        {
            table.Add("nodes with a label", Format.Count(labels.Train + labels.Valid + labels.Test), $"of {Format.Count(labels.Classes)} classes: " +
                $"train {Format.Count(labels.Train)}, valid {Format.Count(labels.Valid)}, test {Format.Count(labels.Test)}");
        }

        table.Write(terminal);
    }
}

/// <summary>How many nodes of each split have a class, and how many classes there are.</summary>
internal sealed record LabelCounts(int Classes, int Train, int Valid, int Test);
