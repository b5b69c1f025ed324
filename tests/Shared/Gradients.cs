using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Tests;

/// <summary>Compares the gradients of a program with central differences in f64, along random directions.</summary>
internal static class Gradients
{
    private const double Step = 1e-5;

    /// <summary>The program with a scalar output <c>loss</c>: the product of its first output with an input <c>projection</c>.</summary>
    public static Program WithLoss(Program program)
    {
        var builder = new ProgramBuilder(program.Name);
        Value[] values = [.. program.Values.Select(builder.Add)];
        Value y = values[program.Outputs[0].Value];
        Value c = builder.Input("projection", y.Type.Space, [.. y.Type.Row.Extents]);
        Value sum = (y * c).Reshape((int)y.Type.Row.Width).RowReduce(ReduceKind.Sum, 0).Reshape().Sum(new Map.Unit(y.Type.Space));
        builder.Return("loss", sum);
        return builder.Build();
    }

    /// <summary>What a gradient is taken of: all weights and inputs but the projection and the seeds of random numbers.</summary>
    public static string[] NamesOf(Program program) =>
    [
        .. program.Values.Select(v => v switch
        {
            Operator.Weight w => w.Name,
            Operator.Input { Name: not ("projection" or "seed") } i => i.Name,
            _ => "",
        }).Where(n => n.Length > 0),
    ];

    /// <summary>The largest error over all weights and inputs and <paramref name="directions"/> random directions, relative to the scale
    /// of the derivative.</summary>
    /// <param name="program">The program.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="seed">The seed of numbers and directions.</param>
    /// <param name="directions">How many.</param>
    /// <param name="prepare">Changes the random numbers of weights and inputs.</param>
    /// <param name="constants">Inputs that are left alone, such as those that a program detaches in part.</param>
    public static double Error(Program program, GraphBinding graph, int seed, int directions = 3, Func<double, double>? prepare = null,
        params IReadOnlyCollection<string> constants)
    {
        Program scalar = WithLoss(program);
        string[] names = [.. NamesOf(scalar).Except(constants)];
        Program differentiated = Simplify.Run(Differentiate.Run(scalar, "loss", names));
        var arguments = new Dictionary<string, double[]>();
        foreach ((string name, Tensor tensor) in Differential.Arguments(scalar, graph, seed))
        {
            arguments[name] = Array.ConvertAll(tensor.Span.ToArray(), x => prepare is null || name == "projection" ? x : prepare(x));
            tensor.Dispose();
        }

        var gradients = Evaluator<double>.Run(differentiated, graph, arguments);
        double worst = 0;
        var random = new Random(seed);
        for (int d = 0; d < directions; d++)
        {
            foreach (string name in names)
            {
                double[] direction = [.. arguments[name].Select(_ => (random.NextDouble() * 2) - 1)];
                double[] gradient = gradients[Differentiate.NameOf(name)];
                double expected = (LossAt(Step) - LossAt(-Step)) / (2 * Step);
                double actual = 0;
                double scale = 1;
                for (int i = 0; i < direction.Length; i++)
                {
                    actual += direction[i] * gradient[i];
                    scale += Math.Abs(direction[i] * gradient[i]);
                }

                worst = Math.Max(worst, Math.Abs(actual - expected) / scale);

                double LossAt(double step)
                {
                    var moved = new Dictionary<string, double[]>(arguments)
                    {
                        [name] = [.. arguments[name].Select((x, i) => x + (step * direction[i]))],
                    };
                    return Evaluator<double>.Run(scalar, graph, moved)["loss"][0];
                }
            }
        }

        return worst;
    }
}
