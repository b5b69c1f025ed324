namespace Pigeon.Benchmarks;

/// <summary>A model on a graph, in one mode.</summary>
/// <param name="Model">The model, with its heads.</param>
/// <param name="Graph">The graph.</param>
/// <param name="Mode"><c>inference</c>, <c>training</c>, <c>epoch</c>, or <c>questions</c>.</param>
/// <param name="Nodes">Its nodes.</param>
/// <param name="Edges">Its edges.</param>
/// <param name="EdgeTypes">Its edge types.</param>
/// <param name="Threads">The threads of every peer but the operators.</param>
/// <param name="CompileMs">Pigeon's time from the program to code that is bound to the graph.</param>
/// <param name="Peers">What every peer did.</param>
/// <param name="BoundMs">The least that a core takes for Pigeon's plan, measured beside it; null where it was not measured.</param>
internal sealed record Cell(string Model, string Graph, string Mode, int Nodes, int Edges, int EdgeTypes, int Threads, double CompileMs,
    IReadOnlyList<CellPeer> Peers, double? BoundMs = null)
{
    /// <summary>Pigeon's kernels.</summary>
    public CellPeer? Pigeon => Best(PeerKind.Pigeon);

    /// <summary>The fastest of a kind that ran.</summary>
    public CellPeer? Best(PeerKind kind) => Peers.Where(p => p.Kind == kind && p.CpuMs is not null).MinBy(p => p.CpuMs);

    /// <summary>How many times less CPU time Pigeon takes than the fastest of a kind.</summary>
    public double? Ratio(PeerKind kind) => Best(kind)?.CpuMs / Pigeon?.CpuMs;

    /// <summary>The share of the bound that Pigeon reaches.</summary>
    public double? OfBound => BoundMs / Pigeon?.CpuMs;

    /// <summary>How many times less CPU time than the fastest of a kind the plan can take at best on this machine.</summary>
    public double? Reach(PeerKind kind) => Best(kind)?.CpuMs / BoundMs;
}
