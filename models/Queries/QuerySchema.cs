using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>
/// The spaces and maps of a batch of questions about small graphs: which relation holds between two of a graph's nodes? The graphs are
/// one disjoint union, and its nodes, edges and edge types are those of <see cref="HeteroSchema"/>.
/// </summary>
public static class QuerySchema
{
    /// <summary>The questions, one for each graph.</summary>
    public static IndexSpace Queries { get; } = new IndexSpace.Declared("Queries");

    /// <summary>The nodes on one shortest way from head to tail of each question, both included.</summary>
    public static IndexSpace Steps { get; } = new IndexSpace.Declared("Steps");

    /// <summary>Every question with every relation, question by question.</summary>
    public static IndexSpace Candidates { get; } = new IndexSpace.Declared("Candidates");

    /// <summary>The node that a question begins at.</summary>
    public static Map Head { get; } = new Map.Stored("head", Queries, HeteroSchema.Nodes);

    /// <summary>The node that a question ends at.</summary>
    public static Map Tail { get; } = new Map.Stored("tail", Queries, HeteroSchema.Nodes);

    /// <summary>The relation that answers a question.</summary>
    public static Map Answer { get; } = new Map.Stored("answer", Queries, HeteroSchema.EdgeTypes);

    /// <summary>A relation that does not, drawn for each training step.</summary>
    public static Map Wrong { get; } = new Map.Stored("wrong", Queries, HeteroSchema.EdgeTypes);

    /// <summary>The node of a step.</summary>
    public static Map StepNode { get; } = new Map.Stored("step_node", Steps, HeteroSchema.Nodes);

    /// <summary>The question of a step.</summary>
    public static Map StepQuery { get; } = new Map.Stored("step_query", Steps, Queries);

    /// <summary>The question of a candidate.</summary>
    public static Map CandidateQuery { get; } = new Map.Stored("candidate_query", Candidates, Queries);

    /// <summary>The relation of a candidate.</summary>
    public static Map CandidateRelation { get; } = new Map.Stored("candidate_relation", Candidates, HeteroSchema.EdgeTypes);
}
