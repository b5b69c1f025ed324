using Pigeon.Kernels;
using Pigeon.Runtime;
using static Pigeon.Models.LinkPredictionProgram;

namespace Pigeon.Models;

/// <summary>What a training step of a <see cref="LinkPredictionProgram"/> takes beside weights: the batch's maps, its ids and the seed.</summary>
internal sealed class StepInputs : IDisposable
{
    private const int SeedBits = 24;
    private readonly QuestionBatches batches;
    private readonly ulong? seed;
    private readonly Tensor answers;
    private readonly Tensor negatives;
    private readonly Tensor seeds = Tensor.Zeros(1, 2);

    /// <summary>Prepares the inputs.</summary>
    /// <param name="batches">The batches.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="seed">The seed of dropout; null where the step draws no numbers.</param>
    public StepInputs(QuestionBatches batches, GraphBinding graph, ulong? seed)
    {
        this.batches = batches;
        this.seed = seed;
        answers = Tensor.Zeros(batches.Known.Length, 1);
        negatives = Tensor.Zeros(1, batches.Negatives.Length);
        Graph = graph.With(new Dictionary<string, int> { [BatchSpace] = batches.Known.Length }, new Dictionary<string, int[]>());
    }

    /// <summary>The graph with the maps of the step.</summary>
    public GraphBinding Graph { get; private set; }

    /// <summary>Brings the inputs to a step.</summary>
    /// <param name="step">The number of the step, from 1.</param>
    public void MoveTo(long step)
    {
        batches.MoveTo(step);

        // From the last step's binding: it has what was derived from the graph.
        Graph = Graph.With(new Dictionary<string, int>(), new Dictionary<string, int[]>
        {
            [Known] = batches.Known,
            [Asked] = batches.Asked,
            [Answer] = batches.Answers,
            [Negative] = batches.Negatives,
        });
        Copy(batches.Answers, answers);
        Copy(batches.Negatives, negatives);
        if (seed is { } key)
        {
            const ulong mask = (1UL << SeedBits) - 1;
            seeds.Span[0] = (ulong)step & mask;
            seeds.Span[1] = RandomWeights.Mixed(key, Seed) >> (64 - SeedBits) & mask;
        }
    }

    /// <summary>Gives an executable the tensors of the step; a device has copies of its own, so that it is given them in every step.</summary>
    public void Give(IExecutable executable)
    {
        executable.Set(AnswerId, answers);
        executable.Set(NegativeId, negatives);
        if (seed is not null)
        {
            executable.Set(Seed, seeds);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        answers.Dispose();
        negatives.Dispose();
        seeds.Dispose();
    }

    private static void Copy(int[] ids, Tensor numbers)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            numbers.Span[i] = ids[i];
        }
    }
}
