using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>A link predictor bound to a graph, for inference. Not safe for use from several threads at once.</summary>
public sealed class LinkPredictor : ITrainedModel
{
    /// <summary>The mean of 1 / rank, among the entities that are not known to be right answers too.</summary>
    internal static readonly Metric MrrMetric = new("filtered MRR", IsShare: false);

    private static readonly Metric[] Hits =
        [new("Hits@1", IsShare: true), new("Hits@3", IsShare: true), new("Hits@10", IsShare: true)];

    private readonly IExecutable executable;
    private readonly GraphDataset dataset;
    private readonly TripleSplit split;
    private readonly FactIndex known;
    private readonly int threads;
    private readonly TrainedWeights weights;

    internal LinkPredictor(IExecutable executable, GraphDataset dataset, FactIndex known, int threads)
    {
        this.dataset = dataset;
        split = dataset.Splits!;
        this.known = known;
        this.threads = threads;
        this.executable = executable;
        weights = new(executable, executable.Arguments.Select(argument => argument.Name));
    }

    /// <summary>The encoder's output by the last <see cref="Run"/>, <c>[entities, width]</c>; the next one overwrites it.</summary>
    public Tensor Entities => executable.Output(LinkPredictionProgram.Rows);

    /// <summary>Encodes the entities.</summary>
    public void Run() => executable.Run();

    /// <summary>Ranks the answers of facts, both ends, ties by their mean rank.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="PigeonException">PG0231 … PG0235: from the <see cref="RankingEvaluator"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public RankingReport Rank(Facts facts, CancellationToken cancellation = default) =>
        new RankingEvaluator(known).Evaluate(facts, Scorer(), threads, cancellation: cancellation);

    /// <inheritdoc/>
    public ImmutableArray<SplitFigures> Evaluate(CancellationToken cancellation = default) =>
        [.. new[] { ("valid", split.Valid), ("test", split.Test) }.Where(part => part.Item2.Count > 0)
            .Select(part => Figures(part.Item1, part.Item2, cancellation))];

    /// <summary>
    /// Answers the questions of a CSV file with the columns head, relation and tail, of which head or tail is <c>?</c>: writes the best
    /// answers to each, best first, as CSV with the columns head, relation, tail, rank, score and known: whether a split has the fact.
    /// </summary>
    /// <inheritdoc/>
    public string Predict(PredictionRequest request)
    {
        if (request.Queries is not { } path || Path.GetExtension(request.Output) != ".csv")
        {
            throw new PigeonException("PG0456", "a link predictor answers a file of queries, and writes .csv", request.Output,
                "name a CSV file with the columns head, relation, tail, one end of each row a ?");
        }

        ImmutableArray<FactQuery> queries = FactQueries.Read(path, dataset, split.RelationCount);
        CsvFile.Write(request.Output, ["head", "relation", "tail", "rank", "score", "known"],
            queries.SelectMany(query => Answers(query, request.Top)));
        return FormattableString.Invariant($"{queries.Length:N0} queries, {Math.Min(request.Top, split.EntityCount)} answers each");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        executable.Dispose();
        weights.Dispose();
    }

    /// <summary>The figures on some facts.</summary>
    internal SplitFigures Figures(string name, Facts facts, CancellationToken cancellation)
    {
        RankingFigures figures = Rank(facts, cancellation).Filtered.Both;
        return new(name, "facts", facts.Count,
            [(MrrMetric, figures.Mrr), (Hits[0], figures.HitsAt1), (Hits[1], figures.HitsAt3), (Hits[2], figures.HitsAt10)]);
    }

    /// <summary>Uses the weights of a training step, as they stand, in place.</summary>
    internal void Share(IExecutable step) => weights.Share(step);

    /// <summary>Uses the weights of a checkpoint.</summary>
    internal void Take(Checkpoint checkpoint) => weights.Take(checkpoint);

    private FactScorer Scorer()
    {
        // Each once: a device copies them.
        (Tensor entities, Tensor relations) = (Entities, executable.Argument(LinkPredictionProgram.Relation));
        return FactScorer.DotProduct(entities, split.RelationCount, (missing, entity, relation, vector) =>
        {
            int asked = missing == FactEnd.Tail ? relation : split.RelationCount + relation;
            ReadOnlySpan<float> row = entities.Slice((long)entity * vector.Length, vector.Length);
            ReadOnlySpan<float> by = relations.Slice((long)asked * vector.Length, vector.Length);
            for (int k = 0; k < vector.Length; k++)
            {
                vector[k] = row[k] * by[k];
            }
        });
    }

    private IEnumerable<string[]> Answers(FactQuery query, int top)
    {
        float[] scores = Scores(query);
        int[] right = known.Answers(query.Missing, query.Known, query.Relation).ToArray();
        return Enumerable.Range(0, split.EntityCount).OrderByDescending(candidate => scores[candidate]).Take(top)
            .Select((answer, rank) => new[]
            {
                Name(query.Missing == FactEnd.Head ? answer : query.Known), dataset.Graph.EdgeTypes[query.Relation].Name,
                Name(query.Missing == FactEnd.Tail ? answer : query.Known), (rank + 1).ToString(CultureInfo.InvariantCulture),
                scores[answer].ToString("R", CultureInfo.InvariantCulture),
                Array.BinarySearch(right, answer) >= 0 ? "yes" : "no",
            });
    }

    /// <summary>The score of every entity; a scorer takes a block of questions, so the same one fills it.</summary>
    private float[] Scores(FactQuery query)
    {
        const int range = 1024;
        int[] entities = [.. Enumerable.Repeat(query.Known, FactQuestions.Count)];
        int[] asked = [.. Enumerable.Repeat(query.Relation, FactQuestions.Count)];
        RangeScorer score = Scorer().Open(new(query.Missing, entities, asked));
        float[] all = new float[split.EntityCount];
        float[] block = new float[range * FactQuestions.Count];
        for (int first = 0; first < all.Length; first += range)
        {
            int count = Math.Min(range, all.Length - first);
            score(first, block.AsSpan(0, count * FactQuestions.Count));
            for (int i = 0; i < count; i++)
            {
                float number = block[i * FactQuestions.Count];
                all[first + i] = !float.IsNaN(number) ? number : throw new PigeonException("PG0235",
                    $"the score of entity {first + i} is not a number", dataset.Name, "train with a lower learning rate or clip gradients");
            }
        }

        return all;
    }

    private string Name(int entity) => dataset.NodeNames?[entity] ?? entity.ToString(CultureInfo.InvariantCulture);
}
