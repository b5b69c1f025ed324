using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>A node classifier as programs: the forward program, and the training step around it.</summary>
/// <param name="Forward">Output <c>y</c> (<c>Nodes[classes]</c>), the logits.</param>
/// <param name="Step">
/// The step. Beside the model's own inputs it takes <c>targets</c> (<c>Train[classes]</c>) and <c>row_weights</c> (<c>Train[1]</c>) and
/// reads the map <c>train : Train → Nodes</c>.
/// </param>
internal sealed record NodeClassificationProgram(Program Forward, TrainingStep Step)
{
    /// <summary>The rows that are learned for each node.</summary>
    public const string Embedding = "embedding";

    /// <summary>The name of the train rows' space.</summary>
    public const string TrainSpace = "Train";

    /// <summary>The name of the map from train rows to nodes.</summary>
    public const string TrainMap = "train";

    /// <summary>The name of the input with a 1 for each train row's class.</summary>
    public const string Targets = "targets";

    /// <summary>The name of the input with each train row's weight in the loss.</summary>
    public const string RowWeights = "row_weights";

    /// <summary>The name of the input with the numbers that dropout draws by, of a step that has dropout.</summary>
    public const string Seed = "seed";

    private const string HeadWeight = "head.weight";
    private const string Features = "x";
    private const string Logits = "y";
    private const string Loss = "loss";

    /// <summary>Builds the programs.</summary>
    /// <exception cref="PigeonException">
    /// PG0401 … PG0404: the model or its options can't be. PG0452: the model needs another input.
    /// </exception>
    public static NodeClassificationProgram Create(Recipe recipe, NodeClassificationSettings task, int classes)
    {
        ModelProgram model = ModelCatalog.Find(recipe.Model).Create(recipe.Set, task.Embedding, task.Head ?? classes);
        Program forward = CompactTables.Run(WithEmbedding(model.Program, task.Head is null ? null : classes));
        var p = new ProgramBuilder(forward.Name);
        Value logits = WithDropout(p, forward, task.Dropout);

        // The loss alone is returned: logits of all nodes are no result of a step.
        var train = new IndexSpace.Declared(TrainSpace);
        Value rows = logits.At(new Map.Stored(TrainMap, train, HeteroSchema.Nodes));
        p.Return(Loss, Losses.CrossEntropy(rows, p.Input(Targets, train, classes), p.Input(RowWeights, train, 1)));
        return new(forward, TrainingStep.Create(p.Build(), Loss, recipe.Optimiser));
    }

    /// <summary>
    /// Adds the forward program to the step, and to it dropout of the learned rows and of what enters the head: inference has none.
    /// </summary>
    /// <returns>The logits.</returns>
    private static Value WithDropout(ProgramBuilder p, Program forward, double rate)
    {
        Value? seed = rate > 0 ? p.Input(Seed, IndexSpace.One, 2) : null;
        var values = new List<Value>();
        int stream = 0;
        foreach (Operator op in forward.Values)
        {
            Value[] operands = [.. op.Operands.Items.Select(operand => values[operand])];
            if (op is Operator.TypedLinear linear && forward.Values[linear.W] is Operator.Weight { Name: HeadWeight })
            {
                operands[0] = Dropped(operands[0]);
            }

            Value value = p.Add(op.With([.. operands.Select(operand => operand.Id)]));
            values.Add(op is Operator.Weight { Name: Embedding } ? Dropped(value) : value);
        }

        return rate > 0 && stream == 0
            ? throw new PigeonException("PG0452", "it has neither learned rows nor a head that dropout could act on", forward.Name,
                "leave out dropout")
            : values[forward.Outputs.Single(output => output.Name == Logits).Value];

        Value Dropped(Value x) => seed is { } given ? Nn.Dropout(x, rate, given, stream++) : x;
    }

    /// <summary>
    /// The program with a weight in the place of its input <c>x</c>, since a graph without features learns them, and with a linear head,
    /// <c>head.weight</c> <c>one[out, classes]</c> and <c>head.bias</c> <c>one[classes]</c>, where classes are given.
    /// </summary>
    private static Program WithEmbedding(Program program, int? classes)
    {
        var p = new ProgramBuilder(program.Name);
        Value[] values = [.. program.Values.Select(op => p.Add(op switch
        {
            Operator.Input { Name: Features } x => new Operator.Weight(Embedding, x.Type),
            Operator.Input other => throw new PigeonException("PG0452", $"nothing provides its input {other.Name}", program.Name,
                "choose options without it"),
            _ => op,
        }))];
        Value y = values[program.Outputs.Single(output => output.Name == Logits).Value];
        if (classes is { } width)
        {
            y = y.Linear(p.Weight(HeadWeight, IndexSpace.One, y.Type.Row[^1], width)) + p.Weight("head.bias", IndexSpace.One, width);
        }

        p.Return(Logits, y);
        return p.Build();
    }
}
