using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>A model that answers questions about graphs. Not safe for use from several threads at once.</summary>
internal sealed class QueryAnswerer : ITrainedModel
{
    /// <summary>The share of questions whose answer is right.</summary>
    internal static readonly Metric AccuracyMetric = new("accuracy", IsShare: true);

    /// <summary>Cells from this length on are longer than what is trained on: their mean is what a model is judged by.</summary>
    private const int ShortestLong = 5;

    private const int Batch = 256;
    private const string ChoiceInput = "choice";

    private readonly IExecutable executable;
    private readonly ImmutableArray<string> relations;
    private readonly ImmutableArray<QueryCell> cells;
    private readonly TrainedWeights weights;
    private readonly Tensor choice;

    public QueryAnswerer(IExecutable executable, ImmutableArray<string> relations, ImmutableArray<QueryCell> cells)
    {
        this.executable = executable;
        this.relations = relations;
        this.cells = cells;
        weights = new(executable, executable.Arguments.Select(argument => argument.Name).Where(name => name != ChoiceInput));
        choice = Choice(executable, relations.Length);
    }

    /// <summary>The batch of no question, which an answerer is bound to at first.</summary>
    public static GraphBinding Nothing(ImmutableArray<string> relations) => new QueryBatch(new("none", relations, [])).Bind([]);

    /// <summary>
    /// Gives an executable the table that its input <c>choice</c> is, for models that have one logit for each relation: ones on the diagonal.
    /// </summary>
    public static Tensor Choice(IExecutable executable, int relations)
    {
        Tensor choice = Tensor.Zeros(relations, relations);
        for (int relation = 0; relation < relations; relation++)
        {
            choice.Span[(relation * relations) + relation] = 1;
        }

        if (executable.Arguments.Any(argument => argument.Name == ChoiceInput))
        {
            executable.Set(ChoiceInput, choice);
        }

        return choice;
    }

    /// <summary>Uses the weights of a training step, as they stand, in place.</summary>
    public QueryAnswerer Using(IExecutable step)
    {
        weights.Share(step);

        return this;
    }

    /// <summary>Uses the weights of a checkpoint.</summary>
    public QueryAnswerer Using(Checkpoint checkpoint)
    {
        weights.Take(checkpoint);

        return this;
    }

    /// <summary>The share of some questions that are answered rightly.</summary>
    public double Accuracy(QueryBatch questions, IReadOnlyCollection<int> rows, CancellationToken cancellation)
    {
        int right = 0;
        foreach (int[] chunk in rows.Chunk(Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            Span<float> scores = Score(questions, chunk);
            for (int q = 0; q < chunk.Length; q++)
            {
                right += questions.IsAnswered(chunk[q], scores.Slice(q * relations.Length, relations.Length)) ? 1 : 0;
            }
        }

        return (double)right / rows.Count;
    }

    /// <summary>Each cell, then the mean over those that are longer than what is trained on, with every cell's figure beside it.</summary>
    /// <inheritdoc/>
    public ImmutableArray<SplitFigures> Evaluate(CancellationToken cancellation = default)
    {
        var splits = ImmutableArray.CreateBuilder<SplitFigures>();
        foreach (QueryCell cell in cells)
        {
            var questions = new QueryBatch(cell.Questions);
            double accuracy = Accuracy(questions, [.. Enumerable.Range(0, questions.Count)], cancellation);
            splits.Add(new(NameOf(cell), "questions", questions.Count, [(AccuracyMetric, accuracy)])
            {
                Cell = cell.Length == 0 ? null : (cell.Length, cell.Paths),
            });
        }

        int[] judged = [.. Enumerable.Range(0, cells.Length).Where(c => cells[c].Length >= ShortestLong || cells.All(cell => cell.Length < ShortestLong))];
        if (cells.Length > 1)
        {
            splits.Add(new("test", "questions", judged.Sum(c => splits[c].Count),
            [
                (AccuracyMetric, judged.Average(c => splits[c].Figures[0].Value)),
                .. splits.Select(split => (new Metric(split.Split, IsShare: true), split.Figures[0].Value)),
            ]));
        }

        return splits.ToImmutable();
    }

    /// <summary>Writes the answer to each question of a file (or of the test cells) as <c>.csv</c>: its number, answer and score.</summary>
    /// <inheritdoc/>
    public string Predict(PredictionRequest request)
    {
        const string extension = ".csv";
        if (Path.GetExtension(request.Output) != extension)
        {
            throw new PigeonException("PG0456", $"answers are written as {extension}", request.Output, "give it this extension");
        }

        QueryBatch[] sets = request.Queries is { } file ? [new(QueryCsv.Read(file, relations))] : [.. cells.Select(cell => new QueryBatch(cell.Questions))];
        CsvFile.Write(request.Output, ["question", "answer", "score"], sets.SelectMany(Answers));
        return FormattableString.Invariant($"{sets.Sum(set => set.Count):N0} questions");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        executable.Dispose();
        weights.Dispose();
        choice.Dispose();
    }

    private static string NameOf(QueryCell cell) => cell.Length == 0
        ? cell.Questions.Name
        : FormattableString.Invariant($"k={cell.Length},b={cell.Paths}");

    private IEnumerable<string[]> Answers(QueryBatch questions)
    {
        foreach (int[] chunk in Enumerable.Range(0, questions.Count).Chunk(Batch))
        {
            float[] scores = Score(questions, chunk).ToArray();
            for (int q = 0; q < chunk.Length; q++)
            {
                ReadOnlySpan<float> own = scores.AsSpan(q * relations.Length, relations.Length);
                int best = QueryBatch.Best(own);
                yield return [chunk[q].ToString(CultureInfo.InvariantCulture), relations[best], own[best].ToString("R", CultureInfo.InvariantCulture)];
            }
        }
    }

    private Span<float> Score(QueryBatch questions, int[] rows)
    {
        executable.Bind(questions.Bind(rows));
        executable.Run();
        return executable.Output("score").Span;
    }
}
