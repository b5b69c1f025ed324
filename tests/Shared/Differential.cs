using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Tests;

/// <summary>Runs one program by the reference evaluator and as compiled kernels, on the same numbers.</summary>
internal static class Differential
{
    /// <summary>Random tensors for every input and weight.</summary>
    public static Dictionary<string, Tensor> Arguments(Program program, GraphBinding graph, int seed, bool integers = false)
    {
        var tensors = new Dictionary<string, Tensor>();
        for (int i = 0; i < program.Values.Length; i++)
        {
            string? name = program.Values[i] switch { Operator.Input o => o.Name, Operator.Weight o => o.Name, _ => null };
            if (name is not null)
            {
                RowType type = program.Types[i];
                long[] shape = [graph.SizeOf(type.Space), .. type.Row.Extents.Items.Select(e => (long)e)];
                ulong key = (ulong)((seed * 1000) + i);
                tensors[name] = integers ? Tensor.RandomIntegers([.. shape], key, -2, 2) : Tensor.Random([.. shape], key);
            }
        }

        return tensors;
    }

    /// <summary>The outputs of the reference evaluator.</summary>
    public static IReadOnlyDictionary<string, double[]> Reference(Program program, GraphBinding graph, Dictionary<string, Tensor> arguments) =>
        Evaluator<double>.Run(program, graph, arguments.ToDictionary(a => a.Key, a => Array.ConvertAll(a.Value.Span.ToArray(), x => (double)x)));

    /// <summary>The outputs of compiled kernels.</summary>
    public static Dictionary<string, float[]> Compiled(CompiledProgram compiled, GraphBinding graph, Dictionary<string, Tensor> arguments, int threads = 1)
    {
        using var executable = new Executable(compiled.Load(), graph, threads);
        foreach ((string name, Tensor tensor) in arguments)
        {
            executable.Set(name, tensor);
        }

        // Twice: a second run must not see what the first one left behind.
        executable.Run();
        executable.Run();
        return compiled.Plan.Program.Outputs.ToDictionary(o => o.Name, o => executable.Output(o.Name).Span.ToArray());
    }

    /// <summary>‖actual − expected‖ / ‖expected‖, or the absolute error where the expected norm is below one.</summary>
    public static double Error(float[] actual, double[] expected)
    {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(actual[i] - expected[i], 2);
            norm += expected[i] * expected[i];
        }

        return actual.Length != expected.Length ? double.PositiveInfinity : Math.Sqrt(difference) / Math.Max(1, Math.Sqrt(norm));
    }
}
