using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>How one run of a <see cref="ITask"/> is carried out.</summary>
public sealed record TrainingOptions
{
    /// <summary>The number of threads. A run gives the same bits again with the same number; another one sums in another order.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>The GPU, or what behaves like one, that trains; null for the CPU. It must outlive the run.</summary>
    public IGpuDevice? Device { get; init; }

    /// <summary>Where checkpoints go; null to keep none.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether to continue the run that the folder holds, where it holds one.</summary>
    public bool Resume { get; init; }

    /// <summary>Told the bytes that a run will take for values and arguments, before it takes them; an exception ends the run.</summary>
    public Action<long>? BeforeRun { get; init; }

    /// <summary>The time between two checkpoints.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The name of what trains.</summary>
    internal string DeviceName => Device?.Name ?? TrainingIdentity.Cpu;

    /// <summary>Trains from the beginning, or from where the folder's run stands, and leaves the weights of the best epoch.</summary>
    internal void Carry(Trainer trainer, IProgress<EpochReport>? progress, CancellationToken cancellation)
    {
        if (Resume)
        {
            trainer.Resume();
        }

        trainer.Run(progress, cancellation);
        trainer.RestoreBest();
    }
}
