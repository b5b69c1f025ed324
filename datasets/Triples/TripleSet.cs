using Pigeon.Runtime;

namespace Pigeon.Datasets;

/// <summary>A knowledge graph in splits.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Provenance">Where it comes from.</param>
/// <param name="EntityCount">The number of entities, with those that only valid and test mention, or none at all.</param>
/// <param name="RelationNames">The relations.</param>
/// <param name="EntityNames">The name of each entity, or null where there are ids only.</param>
public sealed record TripleSet(string Name, string Provenance, int EntityCount, IReadOnlyList<string> RelationNames,
    IReadOnlyList<string>? EntityNames = null)
{
    /// <summary>The facts to learn from.</summary>
    public TripleList Train { get; init; } = new();

    /// <summary>The facts to choose a model by.</summary>
    public TripleList Valid { get; init; } = new();

    /// <summary>The facts to report.</summary>
    public TripleList Test { get; init; } = new();

    /// <summary>A graph of one node type whose edges lead from head to tail.</summary>
    /// <param name="splits">The splits that are edges; entities of all splits are nodes.</param>
    /// <param name="reverse">Whether relation <c>r</c> gets the partner <c>rev-r</c> at index <c>R + r</c>.</param>
    public GraphDataset ToGraph(TripleSplits splits = TripleSplits.Train, bool reverse = false)
    {
        TripleList facts = splits == TripleSplits.Train ? Train : Concatenate(splits);
        var graph = HeteroGraph.Create(EntityCount, RelationNames, facts.Heads, facts.Tails, facts.Relations);
        return new(Name, reverse ? graph.WithReverse() : graph,
            $"{Provenance}; edges: {splits.ToString().ToLowerInvariant()}{(reverse ? ", with reverse edges" : "")}", EntityNames);
    }

    private TripleList Concatenate(TripleSplits splits)
    {
        var all = new TripleList();
        foreach (var (split, facts) in new[] { (TripleSplits.Train, Train), (TripleSplits.Valid, Valid), (TripleSplits.Test, Test) })
        {
            if (splits.HasFlag(split))
            {
                all.AddRange(facts);
            }
        }

        return all;
    }
}
