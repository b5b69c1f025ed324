using Pigeon.Datasets;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>
/// The questions of each training step and the wrong answers to them. What a step gets depends on the seed and the number of the step
/// alone: an epoch's order and a step's draw are streams of their own, so a run may be continued anywhere.
/// </summary>
internal sealed class QuestionBatches
{
    private readonly TripleSplit split;
    private readonly ulong seed;
    private readonly int[] order;
    private readonly int[] entities;
    private long epochInOrder = -1;

    /// <summary>Prepares batches.</summary>
    /// <param name="split">The facts, of which those to learn from are asked.</param>
    /// <param name="batch">The most questions of a step.</param>
    /// <param name="negatives">The most wrong answers of a step.</param>
    /// <param name="seed">The seed.</param>
    public QuestionBatches(TripleSplit split, int batch, int negatives, ulong seed)
    {
        this.split = split;
        this.seed = RandomWeights.Mixed(seed, "questions");
        order = new int[checked(2 * split.Train.Count)];
        entities = new int[split.EntityCount];
        int size = Math.Min(batch, order.Length);
        StepsPerEpoch = order.Length / size;
        (Known, Asked, Answers) = (new int[size], new int[size], new int[size]);
        Negatives = new int[Math.Min(negatives, entities.Length)];
    }

    /// <summary>The number of steps in which all questions are asked, but for those that don't fill a step.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The entity that each question of the step is about.</summary>
    public int[] Known { get; }

    /// <summary>The relation of each question: r where the tail is asked for, R + r where the head is.</summary>
    public int[] Asked { get; }

    /// <summary>The right answer to each question.</summary>
    public int[] Answers { get; }

    /// <summary>The entities that all questions of the step are compared with, each once.</summary>
    public int[] Negatives { get; }

    /// <summary>Brings the arrays to a step.</summary>
    /// <param name="step">The number of the step, from 1.</param>
    public void MoveTo(long step)
    {
        (long epoch, long at) = Math.DivRem(step - 1, StepsPerEpoch);
        if (epoch != epochInOrder)
        {
            Fill(order);
            Random(2 * (ulong)epoch).Shuffle(order);
            epochInOrder = epoch;
        }

        Facts train = split.Train;
        for (int i = 0; i < Known.Length; i++)
        {
            int question = order[(at * Known.Length) + i];
            int fact = question >> 1;
            bool asksTail = (question & 1) == 0;
            Known[i] = asksTail ? train.Heads[fact] : train.Tails[fact];
            Answers[i] = asksTail ? train.Tails[fact] : train.Heads[fact];
            Asked[i] = train.Relations[fact] + (asksTail ? 0 : split.RelationCount);
        }

        // The first entities of a random order, none twice.
        Fill(entities);
        SplitMix64 random = Random((2 * (ulong)step) + 1);
        for (int i = 0; i < Negatives.Length; i++)
        {
            int j = i + random.Below(entities.Length - i);
            (entities[i], entities[j]) = (entities[j], entities[i]);
            Negatives[i] = entities[i];
        }
    }

    private static void Fill(int[] numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = i;
        }
    }

    private SplitMix64 Random(ulong stream) => new(seed, stream);
}
