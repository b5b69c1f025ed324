using System.Text.Json.Nodes;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>What a training run is a run of. A checkpoint belongs to one identity and is refused by every other.</summary>
/// <param name="Program">SHA-256 of the training program's text, in hexadecimal digits.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Settings">Everything else that decides the result: options, optimiser, learning rates.</param>
/// <param name="Seed">The seed of the first weights.</param>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="DatasetHash">SHA-256 of the dataset's arrays, <see cref="GraphHash"/>.</param>
/// <param name="Threads">The number of threads: another number sums in another order, and ends in other bits.</param>
/// <param name="Device">The device, which sums in an order of its own.</param>
public sealed record TrainingIdentity(string Program, string Model, JsonObject Settings, ulong Seed, string Dataset, string DatasetHash,
    int Threads, string Device = TrainingIdentity.Cpu)
{
    /// <summary>The device that is no GPU.</summary>
    public const string Cpu = "cpu";

    private static readonly string[] OfTheModel = ["set", "task"];

    /// <summary>Refuses weights that were learned by another model or on another dataset. A newer version of Pigeon may write the same model as
    /// another program: the weights mean the same.</summary>
    /// <param name="found">The identity that a checkpoint records.</param>
    /// <param name="path">The checkpoint, for the diagnostic.</param>
    /// <exception cref="PigeonException">PG0252: another model. PG0253: another dataset.</exception>
    public void RequireWeights(TrainingIdentity found, string path)
    {
        if (found.Model != Model || OfTheModel.Any(name => !JsonNode.DeepEquals(found.Settings[name], Settings[name])))
        {
            throw new PigeonException("PG0252", $"it holds a {Untrusted.Quote(found.Model)} with other options or for another task than this {Model}", path,
                "use the checkpoint's own model and options");
        }

        if (found.DatasetHash != DatasetHash)
        {
            throw new PigeonException("PG0253",
                $"it was trained on {Untrusted.Quote(found.Dataset)}, whose graph or labels aren't those of {Dataset}", path,
                "use the dataset that it was trained on");
        }
    }

    /// <summary>Refuses to continue a run with other settings.</summary>
    /// <param name="found">The identity that a checkpoint records.</param>
    /// <param name="path">The checkpoint, for the diagnostic.</param>
    /// <exception cref="PigeonException">As <see cref="RequireWeights"/>; and PG0254: another program, other settings, another seed or
    /// another number of threads.</exception>
    public void RequireRun(TrainingIdentity found, string path)
    {
        RequireWeights(found, path);
        if (found.Seed != Seed)
        {
            throw new PigeonException("PG0254", $"its seed is {found.Seed}, not {Seed}", path, "continue with the same seed");
        }

        if (found.Device != Device)
        {
            throw new PigeonException("PG0254", $"it was trained on {Untrusted.Quote(found.Device)}, not '{Device}'", path,
                "continue on the same device: another would end in other bits");
        }

        if (found.Threads != Threads)
        {
            throw new PigeonException("PG0254", $"it was trained with {found.Threads} threads, not {Threads}", path,
                $"continue with --threads {found.Threads}: another number would end in other bits");
        }

        if (!JsonNode.DeepEquals(found.Settings, Settings))
        {
            throw new PigeonException("PG0254", "it was trained with other settings", path,
                "continue with the same options, optimiser and learning rate, or name another folder");
        }

        if (found.Program != Program)
        {
            throw new PigeonException("PG0254", "its training program isn't this version's", path,
                "continue with the version that began the run; `pigeon eval` serves the weights as they are");
        }
    }
}
