using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>Chooses the plan that is measured to be the fastest, over random numbers.</summary>
/// <param name="threads">The threads of a run.</param>
internal sealed class MeasuringTuner(int threads) : IPlanTuner
{
    private const ulong Seed = 1;

    /// <summary>A plan must be this much faster than the one that the costs choose: less is noise.</summary>
    private const double Clearly = 0.97;

    /// <inheritdoc/>
    public int Count => 4;

    /// <inheritdoc/>
    public int Choose(ImmutableArray<PlanAlternative> alternatives, GraphBinding graph, CompileOptions options)
    {
        CompiledProgram[] compiled = [.. alternatives.Select(alternative => ProgramCompiler.Compile(alternative.Rewritten.Program, options))];
        Program program = alternatives[0].Rewritten.Program;
        var numbers = new Dictionary<string, float[]>([.. RandomWeights.Create(program, graph, Seed), .. RandomWeights.CreateInputs(program, graph, Seed)]);
        using var race = new PlanRace(compiled, graph, numbers, threads);
        double[] times = race.Measure(rounds: null, CancellationToken.None);
        int fastest = Array.IndexOf(times, times.Min());
        int chosen = alternatives.IndexOf(alternatives.Single(alternative => alternative.Names.Contains(PlanAlternatives.Chosen)));
        return times[fastest] < Clearly * times[chosen] ? fastest : chosen;
    }
}
