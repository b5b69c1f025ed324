using System.Diagnostics;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// Runs a training step again and again: epochs with their learning rates, validation, early stopping and checkpoints. What a run
/// computes depends on its first weights, its options and the number of threads, not on when it was interrupted and resumed.
/// </summary>
public sealed class Trainer : IDisposable
{
    /// <summary>The checkpoint that training continues from.</summary>
    public const string Last = "last.safetensors";

    /// <summary>The checkpoint of the best validation metric.</summary>
    public const string Best = "best.safetensors";

    private const string StepInput = "step";
    private const string LossOutput = "loss";

    private readonly IExecutable executable;
    private readonly IReadOnlyList<string> arguments;
    private readonly TrainerOptions options;
    private readonly Tensor step;
    private readonly Dictionary<string, Tensor> best = [];
    private TrainingRecord? bestRecord;
    private bool bestIsWritten;
    private long savedAt = Stopwatch.GetTimestamp();

    /// <summary>Begins a run with the executable's weights as they are.</summary>
    /// <param name="executable">
    /// A training step: input <c>step</c>, output <c>loss</c>; weights and state linked to what they become. Other inputs are set.
    /// </param>
    /// <param name="arguments">The names of the linked arguments.</param>
    /// <param name="identity">What this is a run of.</param>
    /// <param name="options">How to run.</param>
    /// <exception cref="PigeonException">PG0220: the executable isn't a training step. PG0256: no epoch, or no step.</exception>
    public Trainer(IExecutable executable, IReadOnlyList<string> arguments, TrainingIdentity identity, TrainerOptions options)
    {
        if (options.Epochs < 1 || options.StepsPerEpoch < 1)
        {
            throw new PigeonException("PG0256", $"{options.Epochs} epochs of {options.StepsPerEpoch} steps can't be",
                remedy: "use at least 1 of each");
        }

        this.executable = executable;
        this.arguments = arguments;
        this.options = options;
        Record = new() { Identity = identity, Stopping = options.Stopping };
        step = Tensor.Zeros(1, options.StepNumbers(0, 1).Length);
        executable.Set(StepInput, step);
    }

    /// <summary>How far the run has come.</summary>
    public TrainingRecord Record { get; private set; }

    /// <summary>Whether early stopping ended the run, or will before its next epoch.</summary>
    public bool IsStopped => options.Validate is not null && Record.Epoch > 0 && Record.Stopping.ShouldStop;

    private string? LastPath => options.Folder is { } folder ? Path.Combine(folder, Last) : null;

    private string? BestPath => options.Folder is { } folder ? Path.Combine(folder, Best) : null;

    /// <summary>Continues where the folder's last checkpoint stands; where there is none, at the beginning.</summary>
    /// <returns>Whether there was a checkpoint.</returns>
    /// <exception cref="PigeonException">PG0251 … PG0255: the checkpoint isn't one of this run. Nothing is changed.</exception>
    public bool Resume()
    {
        if (!File.Exists(LastPath))
        {
            return false;
        }

        using Checkpoint last = Checkpoint.Open(LastPath);
        Record.Identity.RequireRun(last.Record.Identity, last.Path);
        last.Restore(executable, arguments);
        Record = last.Record;
        return true;
    }

    /// <summary>Trains until the epochs are done or patience is at its end.</summary>
    /// <param name="progress">Told of every epoch.</param>
    /// <param name="cancellation">Asked between epochs; the last checkpoint is written before the exception is thrown.</param>
    /// <exception cref="PigeonException">
    /// PG0250: the loss is not finite; the checkpoints stay as they were. PG0257: the folder holds another run. PG0360: a checkpoint can't
    /// be written.
    /// </exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public void Run(IProgress<EpochReport>? progress = null, CancellationToken cancellation = default)
    {
        PrepareFolder();
        while (Record.Epoch < options.Epochs && !IsStopped)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                cancellation.ThrowIfCancellationRequested();
            }

            EpochReport report = RunEpoch();
            Record = Record.After(report, options.StepsPerEpoch);
            if (Record.Stopping.IsBest)
            {
                KeepBest();
            }

            if (Stopwatch.GetElapsedTime(savedAt) >= options.CheckpointEvery)
            {
                Save();
            }

            progress?.Report(report);
        }

        Save();
    }

    /// <summary>Gives the executable the weights of the best epoch; without validation, the last ones stay.</summary>
    /// <exception cref="PigeonException">PG0251 … PG0255: the run was resumed, and its best checkpoint is no longer there.</exception>
    public void RestoreBest()
    {
        if (bestRecord is not null)
        {
            foreach ((string name, Tensor tensor) in best)
            {
                executable.Set(name, tensor);
            }
        }
        else if (Record.BestEpoch > 0)
        {
            using Checkpoint checkpoint = Checkpoint.Open(BestPath!);
            Record.Identity.RequireRun(checkpoint.Record.Identity, checkpoint.Path);
            checkpoint.Restore(executable, arguments);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        step.Dispose();
        foreach (Tensor tensor in best.Values)
        {
            tensor.Dispose();
        }
    }

    private EpochReport RunEpoch()
    {
        int epoch = Record.Epoch + 1;
        double loss = 0;
        long start = Stopwatch.GetTimestamp();
        for (int i = 1; i <= options.StepsPerEpoch; i++)
        {
            long number = Record.Step + i;
            options.BeforeStep?.Invoke(number);
            options.StepNumbers(options.LearningRate.At(options.RateByEpoch ? epoch - 1 : number - 1), number).CopyTo(step.Span);

            // A device has a copy of its own.
            executable.Set(StepInput, step);
            executable.Run();
            loss += executable.Output(LossOutput).Span[0];
            executable.Advance();
        }

        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        loss /= options.StepsPerEpoch;
        return double.IsFinite(loss)
            ? new(epoch, loss, options.Validate?.Invoke(), milliseconds)
            : throw new PigeonException("PG0250", $"the loss is {loss} in epoch {epoch}", Record.Identity.Model,
                "lower the learning rate, or clip gradients by their norm; earlier checkpoints are as they were");
    }

    private void PrepareFolder()
    {
        if (options.Folder is not { } folder)
        {
            return;
        }

        if (Record.Epoch == 0 && (File.Exists(LastPath) || File.Exists(BestPath)))
        {
            throw new PigeonException("PG0257", "there is a training run already", folder, "resume it, or name another folder");
        }

        try
        {
            Directory.CreateDirectory(folder);

            // A process that is killed while it writes a checkpoint leaves a part of one under another name.
            foreach (string part in new[] { Last, Best }.SelectMany(name => Directory.GetFiles(folder, name + ".*.tmp")))
            {
                File.Delete(part);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new PigeonException(new("PG0360", "it can't be prepared: " + e.Message, folder), e);
        }
    }

    /// <summary>Copies weights and state, for the file and for <see cref="RestoreBest"/>: not every best epoch is worth a file.</summary>
    private void KeepBest()
    {
        const int chunk = 1 << 30;
        foreach (string name in arguments)
        {
            Tensor now = executable.Argument(name);
            if (!best.TryGetValue(name, out Tensor? copy))
            {
                best[name] = copy = Tensor.Zeros(now.Shape);
            }

            for (long start = 0; start < now.Length; start += chunk)
            {
                int count = (int)Math.Min(chunk, now.Length - start);
                now.Slice(start, count).CopyTo(copy.Slice(start, count));
            }
        }

        bestRecord = Record;
        bestIsWritten = false;
    }

    /// <summary>The best checkpoint goes first: the last one, which training resumes from, never speaks of one that isn't there.</summary>
    private void Save()
    {
        if (LastPath is not null && Record.Epoch > 0)
        {
            if (bestRecord is not null && !bestIsWritten)
            {
                Checkpoint.Write(BestPath!, best, bestRecord);
                bestIsWritten = true;
            }

            Checkpoint.Write(LastPath, arguments.ToDictionary(name => name, executable.Argument), Record);
        }

        savedAt = Stopwatch.GetTimestamp();
    }
}
