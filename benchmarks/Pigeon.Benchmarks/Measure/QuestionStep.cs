using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;

namespace Pigeon.Benchmarks;

/// <summary>
/// A training step of EpiGNN on one batch of questions about small graphs: forward, margin loss, backward and Adam. Like a recipe's step it is
/// compiled without the batch, of which training has another in every step.
/// </summary>
internal sealed class QuestionStep
{
    private readonly EpiGnnOptions options;

    /// <summary>Takes a recipe's model to a batch of a dataset.</summary>
    /// <param name="recipe">A recipe of EpiGNN.</param>
    /// <param name="dataset">A dataset of questions; it needs no files where it is generated.</param>
    /// <param name="folder">The folder with the real datasets.</param>
    public QuestionStep(Recipe recipe, string dataset, string? folder)
        : this(EpiGnnOptions.Parse(recipe.Set), ModelCatalog.FindOfTask("epignn")!.Batch(recipe.Set, dataset, folder, training: true))
    {
    }

    /// <summary>Takes a model to a batch.</summary>
    public QuestionStep(EpiGnnOptions options, GraphBinding batch)
    {
        this.options = options;
        Program loss = EpiGnn.BuildLoss(options);
        Workload = new(loss, batch, TrainingStep.Create(loss, Workload.Loss, Workload.Adam),
            new Dictionary<string, float[]>(RandomWeights.Create(loss, batch, seed: 1)))
        {
            IsPlannedForGraph = false,
        };
    }

    /// <summary>What the peers run.</summary>
    public Workload Workload { get; }

    /// <summary>The ways to write it in torch that are wanted, by kind and name.</summary>
    public IEnumerable<Peer> TorchPeers(Func<PeerKind, string, bool> wants)
    {
        (PeerKind Kind, string Name, bool Derived)[] all =
            [(PeerKind.TorchStock, "a bilinear form per edge", false), (PeerKind.TorchByHand, "a matrix per relation", true)];
        return all.Where(way => wants(way.Kind, way.Name)).Select(way =>
            new TorchQuestionPeer(way.Kind, way.Name, Workload, p => new EpiGnnLayers(options, Workload.Graph, p, way.Derived)));
    }
}
