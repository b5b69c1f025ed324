using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>A model with its weights.</summary>
/// <param name="Model">The program, with the options that the weights tell.</param>
/// <param name="Weights">For each weight of the program its numbers, slice after slice, each in C order.</param>
/// <param name="Graph">
/// The graph to run on: the one that was given, or, where the weights have more types than it, the same graph with more
/// types. Nodes and edges are the same, in the same order; <see cref="HeteroGraph.EdgeOrder"/> then counts in the given graph.
/// </param>
public sealed record LoadedModel(ModelProgram Model, IReadOnlyDictionary<string, float[]> Weights, HeteroGraph Graph);
