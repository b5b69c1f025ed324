using Pigeon.Datasets;
using Pigeon.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>Sets up the peers of a cell, leaves out those that don't fit in memory, and measures the others.</summary>
/// <param name="options">How long to measure.</param>
/// <param name="memoryLimit">The bytes that a peer may be predicted to need.</param>
/// <param name="threads">The threads of Pigeon and torch.</param>
/// <param name="kinds">The kinds of peers to set up; Pigeon is always there.</param>
/// <param name="tell">Told what is left out.</param>
internal sealed class CellRunner(
    ContestOptions options, long memoryLimit, int threads, IReadOnlyCollection<PeerKind> kinds, Action<string> tell)
{
    /// <summary>Measures one layer of a model on a graph.</summary>
    /// <param name="name">The model's name in reports.</param>
    /// <param name="model">The model.</param>
    /// <param name="dataset">The graph.</param>
    /// <param name="graph">The same graph for torch; null where there is no torch.</param>
    /// <param name="training">A training step, or the model alone.</param>
    public Cell Run(string name, ModelProgram model, GraphDataset dataset, TorchGraph? graph, bool training)
    {
        Workload workload = Workload.OfLayer(model, dataset.Graph.Binding, training);
        var peers = new List<Peer>();
        var absent = new List<CellPeer>();
        var bytes = new List<long>();
        try
        {
            var pigeon = new PigeonPeer(workload, threads);
            Add(pigeon, pigeon.TotalBytes);
            AddOperators(workload);
            AddTorch(workload, model, graph);
            var results = new Contest(options).Run(peers);
            return new(name, dataset.Name, training ? "training" : "inference", dataset.Graph.NodeCount, dataset.Graph.EdgeCount,
                dataset.Graph.EdgeTypes.Length, threads, pigeon.CompileMs,
                [
                    .. results.Select((r, i) => new CellPeer(r.Peer.Kind, r.Peer.Variant, r.Times.CpuMs, r.Times.LeastCpuMs, r.Times.WallMs,
                        r.Times.Count, r.Error, bytes[i], null)),
                    .. absent,
                ]);
        }
        finally
        {
            peers.ForEach(p => p.Dispose());
            Malloc.Trim();
        }

        void Add(Peer peer, long needed)
        {
            peers.Add(peer);
            bytes.Add(needed);
        }

        void AddOperators(Workload w)
        {
            if (kinds.Contains(PeerKind.Operators) && Fits(PeerKind.Operators, OperatorPeer.Name, OperatorPeer.Bytes(w)))
            {
                Add(new OperatorPeer(w), OperatorPeer.Bytes(w));
            }
        }

        void AddTorch(Workload w, ModelProgram m, TorchGraph? g)
        {
            foreach (FormulationEntry entry in g is null ? [] : FormulationCatalog.Of(m).Where(e => kinds.Contains(e.Kind)))
            {
                long needed = entry.Bytes(g!, training);
                if (Fits(entry.Kind, entry.Name, needed))
                {
                    Add(new TorchPeer(entry.Kind, entry.Name, w, g!, (x, p) => entry.Create(g!, x, p)), needed);
                }
            }
        }

        bool Fits(PeerKind kind, string variant, long needed)
        {
            if (needed <= memoryLimit)
            {
                return true;
            }

            string why = FormattableString.Invariant($"out of memory: {needed / 1e9:F1} GB");
            tell($"  {variant}: {why}");
            absent.Add(new(kind, variant, null, null, null, 0, null, needed, why));
            return false;
        }
    }
}
