using Pigeon.Compiler;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Models.Tests;

/// <summary>Runs programs on the f64 reference evaluator, and compares.</summary>
internal static class Reference
{
    public static double[] Run(Program program, HeteroGraph graph, params IReadOnlyDictionary<string, float[]>[] values) =>
        Evaluator<double>.Run(program, graph.Binding, values.SelectMany(v => v).ToDictionary(v => v.Key, v => Wide(v.Value)))["y"];

    public static double[] Wide(float[] numbers) => Array.ConvertAll(numbers, number => (double)number);

    /// <summary>‖actual − expected‖ / ‖expected‖; the norm itself where nothing is expected.</summary>
    public static double RelativeError(double[] actual, double[] expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        double norm = Norm(expected);
        double difference = Norm([.. actual.Zip(expected, (a, e) => a - e)]);

        // Results that cancel to nearly nothing have no relative precision: below one the error is absolute.
        return difference / Math.Max(norm, 1);
    }

    private static double Norm(double[] numbers) => Math.Sqrt(numbers.Sum(number => number * number));
}
