using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Benchmarks;

/// <summary>What every peer of a cell runs: a model on a graph, with the same weights and inputs.</summary>
/// <param name="Model">The model's program, with its weights.</param>
/// <param name="Graph">The graph.</param>
/// <param name="Step">The training step around the model; null for inference.</param>
/// <param name="Numbers">Weights and inputs by name, in Pigeon's layout; none where Pigeon runs alone, on random ones of its own.</param>
internal sealed record Workload(Program Model, GraphBinding Graph, TrainingStep? Step, IReadOnlyDictionary<string, float[]> Numbers)
{
    /// <summary>For each weight of which the step keeps some rows only, as training does: their numbers among the rows of the model's.</summary>
    public IReadOnlyDictionary<string, int[]> KeptRows { get; init; } = new Dictionary<string, int[]>();

    /// <summary>Whether Pigeon chooses its plan by the graph; it does not where every step has another.</summary>
    public bool IsPlannedForGraph { get; init; } = true;

    /// <summary>The name of the nodes' rows among the outputs.</summary>
    public const string Output = "y";

    /// <summary>The name of the loss among the outputs.</summary>
    public const string Loss = "loss";

    /// <summary>The learning rate of every step.</summary>
    public const double LearningRate = 1e-3;

    private const ulong Seed = 1;

    /// <summary>The rule that weights follow.</summary>
    public static Optimiser.Adam Adam { get; } = new();

    /// <summary>Whether it is a training step.</summary>
    public bool IsTraining => Step is not null;

    /// <summary>Whether the nodes' rows are a result.</summary>
    public bool HasOutput => Program.Outputs.Any(o => o.Name == Output);

    /// <summary>The program that runs.</summary>
    public Program Program => Step?.Program ?? Model;

    /// <summary>A layer alone, or a step of training it towards zero: the loss is the mean square of its output.</summary>
    /// <param name="model">The layer.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="training">Whether it is a step.</param>
    /// <param name="isCompared">Whether other peers run it too, with the same numbers.</param>
    public static Workload OfLayer(ModelProgram model, GraphBinding graph, bool training, bool isCompared = true)
    {
        TrainingStep? step = null;
        if (training)
        {
            var p = new ProgramBuilder(model.Program.Name);
            Value[] values = [.. model.Program.Values.Select(p.Add)];
            Value y = values[model.Program.Outputs.Single(o => o.Name == Output).Value];
            p.Return(Output, y);
            p.Return(Loss, Losses.Mean(y * y));
            step = TrainingStep.Create(p.Build(), Loss, Adam);
        }

        return new(model.Program, graph, step, !isCompared ? ImmutableDictionary<string, float[]>.Empty : new Dictionary<string, float[]>(
        [
            .. RandomWeights.Create(model.Program, graph, Seed), .. RandomWeights.CreateInputs(model.Program, graph, Seed),
        ]));
    }

    /// <summary>Weights and inputs as tensors of the shapes that Pigeon takes, one after the other; they belong to the caller.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors(IReadOnlyDictionary<string, ImmutableArray<long>> shapes) => Numbers.Count > 0
        ? Numbers.Keys.Select(name => KeyValuePair.Create(name, Tensor.From(Given(name), shapes[name])))
        : RandomWeights.CreateTensors(Model, Graph, Seed);

    /// <summary>The numbers of a weight or an input as the program takes them.</summary>
    public float[] Given(string name) => KeptRows.TryGetValue(name, out int[]? rows)
        ? [.. rows.SelectMany(row => Numbers[name].AsSpan(row * WidthOf(name), WidthOf(name)).ToArray())]
        : Numbers[name];

    /// <summary>A weight, or what belongs to one, with the rows that the program does not keep.</summary>
    public float[] Whole(string name, float[] given, float[] others)
    {
        if (!KeptRows.TryGetValue(name, out int[]? rows))
        {
            return given;
        }

        float[] all = [.. others];
        int width = WidthOf(name);
        for (int i = 0; i < rows.Length; i++)
        {
            given.AsSpan(i * width, width).CopyTo(all.AsSpan(rows[i] * width));
        }

        return all;
    }

    private int WidthOf(string name) => (int)Model.Values.OfType<Operator.Weight>().Single(weight => weight.Name == name).Type.Row.Width;
}
