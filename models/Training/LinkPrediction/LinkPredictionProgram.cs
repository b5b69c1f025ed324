using Pigeon.Compiler;
using Pigeon.Kernels;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Models;

/// <summary>
/// A link predictor as programs: the encoder, and the training step around it. A question <c>(known, relation)</c> is answered by the
/// entity with the largest DistMult score <c>Σ_k h_known,k · r_k · h_answer,k</c> (Yang et al. 2015), where h is the encoder's output
/// over the whole graph and a relation asked backwards is a relation of its own, as the graph's reverse edges are.
/// </summary>
/// <param name="Encoder">Output <c>y</c> (<c>Nodes[width]</c>); weight <c>relation</c> (<c>EdgeTypes[width]</c>) beside the model's.</param>
/// <param name="Step">
/// The step. It reads the maps <c>known</c>, <c>answer</c> : Batch → Nodes, <c>asked</c> : Batch → EdgeTypes and <c>negative</c> :
/// range(n) → Nodes, and takes <c>answer_id</c> (<c>Batch[1]</c>), <c>negative_id</c> (<c>one[n]</c>) and <c>seed</c> (<c>one[2]</c>).
/// </param>
internal sealed record LinkPredictionProgram(Program Encoder, TrainingStep Step)
{
    public const string Embedding = "embedding";
    public const string Relation = "relation";
    public const string BatchSpace = "Batch";
    public const string Known = "known";
    public const string Answer = "answer";
    public const string Asked = "asked";
    public const string Negative = "negative";
    public const string AnswerId = "answer_id";
    public const string NegativeId = "negative_id";
    public const string Seed = "seed";
    public const string Rows = "y";

    private const string Loss = "loss";
    private const string EdgeDropout = "edge_dropout";

    /// <summary>The stream of the output's dropout; a model's layers count from 0.</summary>
    private const int DropoutStream = 1 << 20;

    /// <summary>Below every score, so that its exponential is 0.</summary>
    private const double Never = -1e9;

    /// <summary>Whether the step draws random numbers.</summary>
    public bool IsSeeded => Step.Program.Values.Any(op => op is Operator.Input { Name: Seed });

    /// <summary>Builds the programs.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="task">Its task.</param>
    /// <param name="negatives">The number of wrong answers that a step scores.</param>
    /// <exception cref="PigeonException">
    /// PG0401 … PG0404: the model or its options can't be. PG0452: the model needs an input that nothing provides.
    /// </exception>
    public static LinkPredictionProgram Create(Recipe recipe, LinkPredictionSettings task, int negatives)
    {
        IModel model = ModelCatalog.Find(recipe.Model);
        var whole = recipe.Set;
        if (model.Options.Any(option => option.Name == EdgeDropout))
        {
            // All edges carry messages when nothing is learned.
            whole = whole.SetItem(EdgeDropout, "0");
        }

        var encoder = new ProgramBuilder(recipe.Model);
        encoder.Return(Rows, Encode(encoder, model.Create(whole, task.Width, task.Width).Program).Rows);
        encoder.Weight(Relation, EdgeTypes, task.Width);

        var p = new ProgramBuilder(recipe.Model);
        (Value h, Value? seed) = Encode(p, model.Create(recipe.Set, task.Width, task.Width).Program);
        Value relations = p.Weight(Relation, EdgeTypes, task.Width);
        if (task.Dropout > 0)
        {
            h = Nn.Dropout(h, task.Dropout, seed ?? p.Input(Seed, IndexSpace.One, 2), DropoutStream);
        }

        var batch = new IndexSpace.Declared(BatchSpace);
        var drawn = new IndexSpace.Range(negatives);
        Value question = h.At(new Map.Stored(Known, batch, Nodes)) * relations.At(new Map.Stored(Asked, batch, EdgeTypes));
        Value right = Nn.Dot(question, h.At(new Map.Stored(Answer, batch, Nodes)));
        Value others = h.At(new Map.Stored(Negative, drawn, Nodes)).Regroup(IndexSpace.One, negatives, task.Width);
        Value wrong = p.Add(new Operator.TypedLinear(question.Id, others.Id, new Map.Unit(batch), Transposed: true));

        // The right answer may be among the drawn ones; ids are whole numbers, which floats hold exactly below 2^24.
        Value isRight = p.Input(NegativeId, IndexSpace.One, negatives).At(new Map.Unit(batch))
            .Binary(BinaryFunction.Equal, p.Input(AnswerId, batch, 1));
        wrong = p.Pointwise(new Expr.Select(new Expr.Arg(0), new Expr.Const(Never), new Expr.Arg(1)), isRight, wrong);
        p.Return(Loss, Losses.SampledCrossEntropy(right, wrong));
        return new(encoder.Build(), TrainingStep.Create(p.Build(), Loss, recipe.Optimiser));
    }

    /// <summary>Begins a program with a model whose input <c>x</c> is learned: the model's output, and its seed if it has one.</summary>
    private static (Value Rows, Value? Seed) Encode(ProgramBuilder p, Program model)
    {
        Value[] values = [.. model.Values.Select(op => p.Add(op switch
        {
            Operator.Input { Name: "x" } x => new Operator.Weight(Embedding, x.Type),
            Operator.Input { Name: not Seed } other => throw new PigeonException("PG0452", $"nothing provides its input {other.Name}", model.Name,
                "choose options without it"),
            _ => op,
        }))];
        int seed = model.Values.IndexOf(model.Values.FirstOrDefault(op => op is Operator.Input { Name: Seed }) ?? model.Values[0]);
        return (values[model.Outputs.Single(output => output.Name == Rows).Value],
            model.Values[seed] is Operator.Input { Name: Seed } ? values[seed] : null);
    }
}
