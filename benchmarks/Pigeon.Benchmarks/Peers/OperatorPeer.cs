using System.Collections.Immutable;
using Pigeon.Compiler;

namespace Pigeon.Benchmarks;

/// <summary>Pigeon's program operator by operator, each over whole arrays: what it costs without a compiler.</summary>
internal sealed class OperatorPeer : Peer
{
    private readonly Workload workload;
    private readonly Dictionary<string, float[]> numbers;
    private IReadOnlyDictionary<string, float[]> outputs = ImmutableDictionary<string, float[]>.Empty;
    private long steps;

    /// <summary>Its name in reports.</summary>
    public const string Name = "operator by operator";

    /// <summary>Takes weights and inputs, and zeros for the optimiser's state.</summary>
    public OperatorPeer(Workload workload)
        : base(PeerKind.Operators, Name)
    {
        this.workload = workload;
        numbers = workload.Numbers.Keys.ToDictionary(name => name, workload.Given);
        foreach (string name in workload.Step?.State ?? [])
        {
            numbers[name] = new float[numbers[name[(name.IndexOf('.') + 1)..]].Length];
        }
    }

    /// <summary>The memory that a run takes; more than any machine has where a value does not fit in an array.</summary>
    public static long Bytes(Workload workload)
    {
        EvaluationMemory memory = EvaluationMemory.Of(workload.Program, workload.Graph);
        return memory.Largest <= Array.MaxLength ? memory.Peak * sizeof(float) : long.MaxValue;
    }

    public override void Run()
    {
        if (workload.IsTraining)
        {
            numbers[TrainingStep.StepInput] = TrainingStep.StepNumbers(Workload.Adam, Workload.LearningRate, ++steps);
        }

        outputs = Evaluator<float>.Run(workload.Program, workload.Graph, numbers);
        foreach ((string output, string argument) in workload.Step?.Links ?? [])
        {
            numbers[argument] = outputs[output];
        }
    }

    public override PeerResult Result() => workload.Step is null
        ? new(outputs[Workload.Output], null, ImmutableDictionary<string, float[]>.Empty, ImmutableDictionary<string, float[]>.Empty)
        : new(outputs.GetValueOrDefault(Workload.Output), outputs[Workload.Loss][0], AdamState.Gradients(workload, name => numbers[name]),
            AdamState.Weights(workload, name => numbers[name]));

    public override void Dispose() => numbers.Clear();
}
