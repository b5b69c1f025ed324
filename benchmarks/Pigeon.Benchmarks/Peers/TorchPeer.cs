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
    private readonly Tensor x;
    private readonly Formulation formulation;
    private readonly TorchAdam? adam;
    private PeerResult? result;

    /// <summary>Makes parameters and index tensors.</summary>
    public TorchPeer(PeerKind kind, string variant, Workload workload, TorchGraph graph, Func<Tensor, Parameters, Formulation> write)
        : base(kind, variant)
    {
        using DisposeScope scope = NewDisposeScope();
        this.workload = workload;
        this.graph = graph;
        parameters = new(workload.Model.Program, workload.Numbers, workload.IsTraining);
        x = tensor(InOrder(workload.Numbers["x"], graph.NodeOrder), graph.Nodes, workload.Model.Options.In).DetachFromDisposeScope();
        formulation = write(x, parameters);
        adam = workload.IsTraining ? TorchAdam.Create(parameters.All, fused: kind == PeerKind.TorchByHand) : null;
    }

    public override void Run()
    {
        using DisposeScope scope = NewDisposeScope();
        if (adam is null)
        {
            using var noGradient = no_grad();
            Tensor output = formulation.Forward();
            result ??= new(Output(output), null, ImmutableDictionary<string, float[]>.Empty, ImmutableDictionary<string, float[]>.Empty);
            return;
        }

        adam.ForgetGradients();
        Tensor y = formulation.Forward();
        Tensor loss = y.square().mean();
        loss.backward();
        adam.Step();
        result ??= new(Output(y), loss.item<float>(), parameters.Gradients(), parameters.Values());
    }

    public override PeerResult Result() => result!;

    public override void Dispose()
    {
        adam?.Dispose();
        parameters.Dispose();
        x.Dispose();
    }

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
