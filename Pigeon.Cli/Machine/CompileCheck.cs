using System.Diagnostics;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>Compiles, runs and checks a small model, without the cache: whether the machine can do what Pigeon needs.</summary>
internal static class CompileCheck
{
    private const double Tolerance = 1e-5;

    /// <summary>Runs the check.</summary>
    public static CheckReport Run()
    {
        ModelProgram model = ModelCatalog.Find("rgcn").Create(new Dictionary<string, string>(), inWidth: 4, outWidth: 4);
        GraphBindingAndNumbers(model, out var graph, out var numbers);
        long start = Stopwatch.GetTimestamp();
        CompiledProgram compiled = ProgramCompiler.Compile(model.Program, new() { Cache = null });
        double compileMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        using var bound = new BoundProgram(compiled.Load(), graph, threads: 1);
        bound.Set(numbers);
        bound.Run();
        float[] actual = bound.Output("y").Span.ToArray();
        float[] expected = Evaluator<float>.Run(model.Program, graph, numbers)["y"];
        double error = actual.Zip(expected, (a, e) => Math.Abs((double)a - e)).DefaultIfEmpty().Max();
        return new(error <= Tolerance, compileMs, error);
    }

    private static void GraphBindingAndNumbers(ModelProgram model, out Kernels.GraphBinding graph, out Dictionary<string, float[]> numbers)
    {
        graph = DatasetRegistry.Open("gen:aifb@0.01").Graph.Binding;
        numbers = new([.. RandomWeights.Create(model.Program, graph, seed: 1), .. RandomWeights.CreateInputs(model.Program, graph, seed: 1)]);
    }
}

/// <summary>What the check found.</summary>
/// <param name="Agrees">Whether kernels and evaluator agree.</param>
/// <param name="CompileMs">From the program to the assembly, with a cold compiler.</param>
/// <param name="Error">The largest difference.</param>
internal sealed record CheckReport(bool Agrees, double CompileMs, double Error);
