using Pigeon.Datasets;
using Pigeon.Models;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Benchmarks;

/// <summary>Sets up the peers of a cell, leaves out those that don't fit in memory, and measures the others.</summary>
/// <param name="options">How long to measure.</param>
/// <param name="memoryLimit">The bytes that a peer may be predicted to need.</param>
/// <param name="threads">The threads of Pigeon and torch.</param>
/// <param name="kinds">The kinds of peers to set up; Pigeon is always there.</param>
/// <param name="variants">The formulations in torch to set up; all where there are none.</param>
/// <param name="tell">Told what is left out.</param>
internal sealed class CellRunner(
    ContestOptions options, long memoryLimit, int threads, IReadOnlyCollection<PeerKind> kinds, IReadOnlyCollection<string> variants,
    Action<string> tell)
{
    /// <summary>Measures one layer of a model on a graph.</summary>
    /// <param name="name">The model's name in reports.</param>
    /// <param name="model">The model.</param>
    /// <param name="dataset">The graph.</param>
    /// <param name="graph">The same graph for torch; null where there is no torch.</param>
    /// <param name="training">A training step, or the model alone.</param>
    public Cell RunLayer(string name, ModelProgram model, GraphDataset dataset, TorchGraph? graph, bool training)
    {
        Workload workload = Workload.OfLayer(model, dataset.Graph.Binding, training);
        var absent = new List<CellPeer>();
        return Run(name, training ? "training" : "inference", workload, dataset.Name, absent, () => graph is null ? [] : TorchPeers(graph));

        IEnumerable<Candidate> TorchPeers(TorchGraph torchGraph)
        {
            foreach (FormulationEntry entry in FormulationCatalog.Of(model).Where(entry => Wants(entry.Kind, entry.Name)))
            {
                long bytes = entry.Bytes(torchGraph, training);
                if (Fits(absent, entry.Kind, entry.Name, bytes))
                {
                    var peer = new TorchPeer(entry.Kind, entry.Name, workload, torchGraph, p => [entry.Create(torchGraph, p)]);
                    yield return new(peer, bytes);
                }
            }
        }
    }

    /// <summary>Measures an epoch of node classification.</summary>
    /// <param name="name">The model's name in reports.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="dataset">The graph.</param>
    /// <param name="withTorch">Whether there is torch.</param>
    public Cell RunEpoch(string name, NodeClassificationEpoch epoch, GraphDataset dataset, bool withTorch) =>
        Run(name, "epoch", epoch.Workload, dataset.Name, [], () => withTorch
            ? epoch.TorchPeers(Wants).Select(peer => new Candidate(peer, 0))
            : []);

    /// <summary>Measures a training step on a batch of questions.</summary>
    /// <param name="name">The model's name in reports.</param>
    /// <param name="step">The step.</param>
    /// <param name="dataset">The name of the batch's dataset.</param>
    /// <param name="withTorch">Whether there is torch.</param>
    public Cell RunQuestions(string name, QuestionStep step, string dataset, bool withTorch) =>
        Run(name, "questions", step.Workload, dataset, [], () => withTorch
            ? step.TorchPeers(Wants).Select(peer => new Candidate(peer, 0))
            : []);

    private bool Wants(PeerKind kind, string variant) =>
        kinds.Contains(kind) && (variants.Count == 0 || variants.Contains(variant, StringComparer.OrdinalIgnoreCase));

    private Cell Run(string name, string mode, Workload workload, string graph, List<CellPeer> absent,
        Func<IEnumerable<Candidate>> torchPeers)
    {
        var candidates = new List<Candidate>();
        try
        {
            var pigeon = new PigeonPeer(workload, threads);
            candidates.Add(new(pigeon, pigeon.TotalBytes));
            long operatorBytes = OperatorPeer.Bytes(workload);
            if (kinds.Contains(PeerKind.Operators) && Fits(absent, PeerKind.Operators, OperatorPeer.Name, operatorBytes))
            {
                candidates.Add(new(new OperatorPeer(workload), operatorBytes));
            }

            candidates.AddRange(torchPeers());
            var results = new Contest(options).Run([.. candidates.Select(c => c.Peer)]);
            double? bound = threads == 1 ? pigeon.BoundMs(results.Single(r => r.Peer == pigeon).Times.CpuMs) : null;
            return new(name, graph, mode, workload.Graph.SizeOf(Nodes), workload.Graph.SizeOf(Edges), workload.Graph.SizeOf(EdgeTypes), threads,
                pigeon.CompileMs,
                [
                    .. results.Select((r, i) => new CellPeer(r.Peer.Kind, r.Peer.Variant, r.Times.CpuMs, r.Times.LeastCpuMs, r.Times.WallMs,
                        r.Times.Count, r.Error, candidates[i].Bytes, null)),
                    .. absent,
                ],
                bound);
        }
        finally
        {
            candidates.ForEach(c => c.Peer.Dispose());
            Malloc.Trim();
        }
    }

    private bool Fits(List<CellPeer> absent, PeerKind kind, string variant, long needed)
    {
        if (needed <= memoryLimit)
        {
            return true;
        }

        string why = needed == long.MaxValue ? "a value does not fit in an array" : $"out of memory: {needed / 1e9:F1} GB";
        tell($"  {variant}: {why}");
        absent.Add(new(kind, variant, null, null, null, 0, null, needed, why));
        return false;
    }

    private sealed record Candidate(Peer Peer, long Bytes);
}
