using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>What is measured of a model: its forward program, or a whole training step.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="In">The width of the input's rows; null where the model's task fixes it.</param>
/// <param name="Out">The width of the output's rows, likewise.</param>
/// <param name="Mode">The mode's name.</param>
/// <param name="Program">What runs.</param>
/// <param name="Fixed">Inputs that are not random: the optimiser's state and the numbers of the step.</param>
/// <param name="Compared">The outputs that must agree with the execution operator by operator.</param>
/// <param name="Tolerance">The largest relative error of each.</param>
internal sealed record BenchWork(string Model, int? In, int? Out, string Mode, Program Program,
    Func<GraphBinding, IReadOnlyDictionary<string, float[]>> Fixed, IReadOnlyList<string> Compared, double Tolerance)
{
    /// <summary>The mode that runs the model.</summary>
    public const string Inference = "inference";

    /// <summary>The mode that runs forward, loss, backward and Adam's update, as one program.</summary>
    public const string Training = "training";

    private const string Result = "y";
    private const string Loss = "loss";

    /// <summary>Running the model.</summary>
    public static BenchWork OfInference(ModelProgram model) =>
        new(model.Name, model.Options.In, model.Options.Out, Inference, model.Program, _ => new Dictionary<string, float[]>(), [Result], 1e-5);

    /// <summary>A step towards outputs of zero: the mean of their squares, and Adam.</summary>
    public static BenchWork OfTraining(ModelProgram model)
    {
        var builder = new ProgramBuilder(model.Program.Name);
        Value[] values = [.. model.Program.Values.Select(builder.Add)];
        Value y = values[model.Program.Outputs.Single(o => o.Name == Result).Value];
        builder.Return(Result, y);
        builder.Return(Loss, Losses.Mean(y * y));
        return OfStep(model.Name, model.Options.In, model.Options.Out, builder.Build(), Result);
    }

    /// <summary>Running a model that comes with its task.</summary>
    public static BenchWork OfInference(ITaskModel model, IReadOnlyDictionary<string, string> set)
    {
        Program program = model.Create(set);
        return new(model.Name, null, null, Inference, program, _ => new Dictionary<string, float[]>(), [.. program.Outputs.Select(o => o.Name)], 1e-5);
    }

    /// <summary>A step by the loss of its task, and Adam.</summary>
    public static BenchWork OfTraining(ITaskModel model, IReadOnlyDictionary<string, string> set) =>
        OfStep(model.Name, null, null, model.CreateLoss(set));

    private static BenchWork OfStep(string name, int? inWidth, int? outWidth, Program loss, params ReadOnlySpan<string> others)
    {
        var adam = new Optimiser.Adam();
        TrainingStep step = TrainingStep.Create(loss, Loss, adam);

        // Adam divides a gradient by its own size, so its update magnifies rounding; its running mean of the gradient does not.
        string[] gradients = [.. step.Links.Select(l => l.Output).Where(o => o.StartsWith("next.mean.", StringComparison.Ordinal))];
        return new(name, inWidth, outWidth, Training, step.Program, graph => State(step, adam, graph), [.. others, Loss, .. gradients], 1e-4);
    }

    private static Dictionary<string, float[]> State(TrainingStep step, Optimiser adam, GraphBinding graph)
    {
        const double learningRate = 0.01;
        var numbers = new Dictionary<string, float[]> { [TrainingStep.StepInput] = TrainingStep.StepNumbers(adam, learningRate, 1) };
        for (int i = 0; i < step.Program.Values.Length; i++)
        {
            if (step.Program.Values[i] is Operator.Input input && step.State.Contains(input.Name))
            {
                RowType type = step.Program.Types[i];
                numbers[input.Name] = new float[graph.SizeOf(type.Space) * type.Row.Width];
            }
        }

        return numbers;
    }
}
