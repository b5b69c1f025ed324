using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Tests;

/// <summary>Runs one program by the reference evaluator and as compiled kernels, on the same numbers.</summary>
internal static class Differential
{
    /// <summary>Random tensors for every input and weight: numbers in ±1, or integers in ±<paramref name="bound"/>.</summary>
    public static Dictionary<string, Tensor> Arguments(Program program, GraphBinding graph, int seed, bool integers = false, int bound = 2)
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
                tensors[name] = integers ? Tensor.RandomIntegers([.. shape], key, -bound, bound) : Tensor.Random([.. shape], key);
            }
        }

        return tensors;
    }

    /// <summary>The outputs of the reference evaluator.</summary>
    public static IReadOnlyDictionary<string, double[]> Reference(
        Program program, GraphBinding graph, Dictionary<string, Tensor> arguments) =>
        Evaluator<double>.Run(program, graph, Doubles(arguments));

    /// <summary>The numbers of some tensors, widened.</summary>
    public static Dictionary<string, double[]> Doubles(Dictionary<string, Tensor> arguments) =>
        arguments.ToDictionary(a => a.Key, a => Array.ConvertAll(a.Value.Span.ToArray(), x => (double)x));

    /// <summary>The outputs of compiled kernels.</summary>
    public static Dictionary<string, float[]> Compiled(
        CompiledProgram compiled, GraphBinding graph, Dictionary<string, Tensor> arguments, int threads = 1) =>
        Loaded(compiled.Load(), graph, arguments, threads);

    /// <summary>The outputs of a loaded program; one may be bound to many graphs, one after the other.</summary>
    public static Dictionary<string, float[]> Loaded(
        GeneratedProgram program, GraphBinding graph, Dictionary<string, Tensor> arguments, int threads = 1,
        int leastShared = Partition.LeastShared)
    {
        using var executable = new Executable(program, graph, threads, leastShared);
        foreach ((string name, Tensor tensor) in arguments)
        {
            executable.Set(name, tensor);
        }

        // Twice: a second run must not see what the first one left behind.
        executable.Run();
        executable.Run();
        return program.Signature.Buffers.Where(b => b.Role == BufferRole.Output)
            .ToDictionary(b => b.Name, b => executable.Output(b.Name).Span.ToArray());
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

    /// <summary>Where the bits of two results differ first; null where they agree.</summary>
    public static string? Difference(float[] actual, double[] expected)
    {
        if (actual.Length != expected.Length)
        {
            return $"{actual.Length} numbers instead of {expected.Length}";
        }

        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(actual[i]) != BitConverter.SingleToInt32Bits((float)expected[i]))
            {
                return FormattableString.Invariant($"number {i} is {actual[i]:R} instead of {(float)expected[i]:R}");
            }
        }

        return null;
    }
}
