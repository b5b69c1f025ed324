using TorchSharp;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>A model of questions in eager torch, trained by autograd and Adam.</summary>
internal sealed class TorchQuestionPeer : Peer
{
    private readonly Parameters parameters;
    private readonly EpiGnnLayers layers;
    private readonly TorchAdam adam;
    private PeerResult? result;

    /// <summary>Makes parameters and index tensors.</summary>
    public TorchQuestionPeer(PeerKind kind, string variant, Workload workload, Func<Parameters, EpiGnnLayers> write)
        : base(kind, variant)
    {
        using DisposeScope scope = NewDisposeScope();
        parameters = new(workload.Model, workload.Numbers, learning: true);
        layers = write(parameters);
        adam = TorchAdam.Create(parameters.All, fused: kind == PeerKind.TorchByHand);
    }

    public override void Run()
    {
        using DisposeScope scope = NewDisposeScope();
        adam.ForgetGradients();
        Tensor loss = layers.Loss();
        loss.backward();
        adam.Step();
        result ??= new(null, loss.item<float>(), parameters.Gradients(), parameters.Values());
    }

    public override PeerResult Result() => result!;

    public override void Dispose()
    {
        adam.Dispose();
        parameters.Dispose();
        layers.Dispose();
    }
}
