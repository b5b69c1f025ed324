using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>A formulation in eager torch, trained by autograd and Adam.</summary>
internal sealed class TorchPeer : Peer
{
    private readonly Workload workload;
    private readonly TorchGraph graph;
    private readonly Parameters parameters;
    private readonly Tensor? x;
    private readonly IReadOnlyList<Layer> layers;
    private readonly Func<Tensor, Tensor> lossOf;
    private readonly TorchAdam? adam;
    private PeerResult? result;

    /// <summary>Makes parameters and index tensors.</summary>
    /// <param name="kind">What it stands for.</param>
    /// <param name="variant">The formulation.</param>
    /// <param name="workload">What it runs.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="write">Makes the layers; there is a ReLU between two.</param>
    /// <param name="loss">The loss; null for the mean square.</param>
    public TorchPeer(PeerKind kind, string variant, Workload workload, TorchGraph graph, Func<Parameters, IReadOnlyList<Layer>> write,
        Func<Tensor, Tensor>? loss = null)
        : base(kind, variant)
    {
        using DisposeScope scope = NewDisposeScope();
        this.workload = workload;
        this.graph = graph;
        parameters = new(workload.Model, workload.Numbers, workload.IsTraining);
        x = workload.Numbers.TryGetValue("x", out float[]? rows)
            ? tensor(InOrder(rows, graph.NodeOrder), graph.Nodes, rows.Length / graph.Nodes).DetachFromDisposeScope()
            : null;
        layers = write(parameters);
        lossOf = loss ?? (y => y.square().mean());
        adam = workload.IsTraining ? TorchAdam.Create(parameters.All, fused: kind == PeerKind.TorchByHand) : null;
    }

    public override void Run()
    {
        using DisposeScope scope = NewDisposeScope();
        if (adam is null)
        {
            using var noGradient = no_grad();
            Tensor output = Forward();
            result ??= new(Output(output), null, ImmutableDictionary<string, float[]>.Empty, ImmutableDictionary<string, float[]>.Empty);
            return;
        }

        adam.ForgetGradients();
        Tensor y = Forward();
        Tensor loss = lossOf(y);
        loss.backward();
        adam.Step();
        result ??= new(workload.HasOutput ? Output(y) : null, loss.item<float>(), parameters.Gradients(), parameters.Values());
    }

    public override PeerResult Result() => result!;

    public override void Dispose()
    {
        adam?.Dispose();
        parameters.Dispose();
        x?.Dispose();
    }

    private Tensor Forward() => layers.Skip(1).Aggregate(layers[0].Apply(x), (y, layer) => layer.Apply(y.relu()));

    private static float[] InOrder(float[] rows, int[] order)
    {
        int width = rows.Length / order.Length;
        float[] sorted = new float[rows.Length];
        for (int i = 0; i < order.Length; i++)
        {
            rows.AsSpan(order[i] * width, width).CopyTo(sorted.AsSpan(i * width));
        }

        return sorted;
    }

    private float[] Output(Tensor y)
    {
        float[] rows = y.detach().contiguous().data<float>().ToArray();
        int width = rows.Length / graph.Nodes;
        float[] inGraphOrder = new float[rows.Length];
        for (int i = 0; i < graph.Nodes; i++)
        {
            rows.AsSpan(i * width, width).CopyTo(inGraphOrder.AsSpan(graph.NodeOrder[i] * width));
        }

        return inGraphOrder;
    }
}
