namespace Pigeon.Benchmarks;

/// <summary>Something that runs a workload. Its constructor prepares everything that does not belong to a run.</summary>
internal abstract class Peer(PeerKind kind, string variant) : IDisposable
{
    /// <summary>What it stands for.</summary>
    public PeerKind Kind { get; } = kind;

    /// <summary>Which of several of its kind it is.</summary>
    public string Variant { get; } = variant;

    /// <summary>Runs once: the model, or a training step, after which the weights are new.</summary>
    public abstract void Run();

    /// <summary>What the first run computed.</summary>
    public abstract PeerResult Result();

    /// <inheritdoc/>
    public abstract void Dispose();
}
