namespace Pigeon.Datasets;

/// <summary>What a CSV file of edges can't say.</summary>
public sealed record CsvGraphOptions
{
    /// <summary>A file with the type of each node, one whole number a line; without it all nodes are of type 0.</summary>
    public string? NodeTypesPath { get; init; }

    /// <summary>The number of nodes; without it, and without node types, the largest id + 1.</summary>
    public int? NodeCount { get; init; }
}
