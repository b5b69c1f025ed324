using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// A training step as one program: forward, loss, backward and the optimiser's update, so that every pass sees all of it. State is
/// explicit: the step takes each weight and its optimiser state, and returns what they become under the name <c>next.NAME</c>.
/// </summary>
/// <param name="Program">The program. Beside the forward program's own it has the input <c>step</c> (<c>one[3]</c>: the learning
/// rate and the corrections <c>1/(1 − β₁ᵗ)</c>, <c>1/(1 − β₂ᵗ)</c>) and the state tensors.</param>
/// <param name="Links">The pairs of an output and the argument that it becomes in the next step.</param>
/// <param name="State">The optimiser's state tensors; they begin as zeros.</param>
public sealed record TrainingStep(Program Program, ImmutableArray<(string Output, string Argument)> Links, ImmutableArray<string> State)
{
    /// <summary>The name of the input with the learning rate and bias corrections.</summary>
    public const string StepInput = "step";

    /// <summary>SHA-256 of the program's text, in hexadecimal digits: what a checkpoint knows the program by.</summary>
    public string Hash => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Program.ToString())));

    /// <summary>Builds the step of a program with a loss.</summary>
    /// <param name="forward">A program with an output <paramref name="loss"/>.</param>
    /// <param name="loss">The name of the loss.</param>
    /// <param name="optimiser">The rule that the weights follow.</param>
    /// <exception cref="PigeonException">PG0140 … PG0142: the program can't be differentiated. PG0143: it has no weight.</exception>
    public static TrainingStep Create(Program forward, string loss, Optimiser optimiser)
    {
        Program differentiated = Differentiate.Run(forward, loss);
        var p = new ProgramBuilder(forward.Name);
        ImmutableArray<Value> values = [.. differentiated.Values.Select(p.Add)];
        foreach (Output output in forward.Outputs)
        {
            p.Return(output.Name, values[output.Value]);
        }

        var weights = new List<(string Name, Value Weight, Value Gradient)>();
        for (int i = 0; i < differentiated.Values.Length; i++)
        {
            if (differentiated.Values[i] is Operator.Weight weight)
            {
                Output gradient = differentiated.Outputs.Single(o => o.Name == Differentiate.NameOf(weight.Name));
                weights.Add((weight.Name, values[i], values[gradient.Value]));
            }
        }

        if (weights.Count == 0)
        {
            throw new PigeonException("PG0143", "it has no weight to learn", forward.Name);
        }

        Value step = p.Input(StepInput, IndexSpace.One, 3);
        Value? scale = optimiser.ClipNorm > 0 ? ClipScale(weights.Select(w => w.Gradient), optimiser.ClipNorm) : null;
        var links = ImmutableArray.CreateBuilder<(string, string)>();
        var state = ImmutableArray.CreateBuilder<string>();
        foreach ((string name, Value weight, Value gradient) in weights)
        {
            var rule = new Rule(p, optimiser, step, name, weight, scale is { } s ? gradient * Flat(s, weight) : gradient);
            foreach ((string argument, Value next) in rule.Apply())
            {
                p.Return("next." + argument, next);
                links.Add(("next." + argument, argument));
                if (argument != name)
                {
                    state.Add(argument);
                }
            }
        }

        return new(p.Build(), links.ToImmutable(), state.ToImmutable());
    }

    /// <summary>The numbers of the input <c>step</c>.</summary>
    /// <param name="optimiser">The optimiser.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="t">The number of the step, from 1.</param>
    public static float[] StepNumbers(Optimiser optimiser, double learningRate, long t)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(t, 1);
        (double beta1, double beta2) = optimiser is Optimiser.Adam adam ? (adam.Beta1, adam.Beta2) : (0, 0);
        return [(float)learningRate, (float)(1 / (1 - Math.Pow(beta1, t))), (float)(1 / (1 - Math.Pow(beta2, t)))];
    }

    /// <summary>min(1, limit / ‖gradients‖), a scalar on one.</summary>
    private static Value ClipScale(IEnumerable<Value> gradients, double limit)
    {
        Value square = gradients.Select(g => Losses.Sum(g * g)).Aggregate((a, b) => a + b);
        return square.Map(new Expr.Binary(BinaryFunction.Min, new Expr.Const(1), new Expr.Binary(BinaryFunction.Div, new Expr.Const(limit),
            new Expr.Binary(BinaryFunction.Max, new Expr.Unary(UnaryFunction.Sqrt, new Expr.Arg(0)), new Expr.Const(1e-30)))));
    }

    /// <summary>A scalar with as many axes as the rows of a weight.</summary>
    private static Value Flat(Value scalar, Value like) => scalar.Reshape([.. Enumerable.Repeat(1, like.Type.Row.Rank)]);

    private sealed record Rule(ProgramBuilder P, Optimiser Optimiser, Value Step, string Name, Value Weight, Value Gradient)
    {
        public IEnumerable<(string Argument, Value Next)> Apply() => Optimiser switch
        {
            Optimiser.Sgd sgd => Sgd(sgd),
            Optimiser.Adam adam => Adam(adam),
            _ => throw new InvalidOperationException($"no rule for {Optimiser.GetType().Name}"),
        };

        private IEnumerable<(string Argument, Value Next)> Sgd(Optimiser.Sgd sgd)
        {
            Value direction = Decayed();
            if (sgd.Momentum > 0)
            {
                direction = StateOf("momentum") * sgd.Momentum + direction;
                yield return (StateName("momentum"), direction);
            }

            yield return (Name, Weight - direction * Rate(0));
        }

        private IEnumerable<(string Argument, Value Next)> Adam(Optimiser.Adam adam)
        {
            Value gradient = adam.Decoupled ? Gradient : Decayed();
            Value mean = StateOf("mean") * adam.Beta1 + gradient * (1 - adam.Beta1);
            Value square = StateOf("square") * adam.Beta2 + gradient * gradient * (1 - adam.Beta2);
            Value direction = mean * Rate(1) / ((square * Rate(2)).Unary(UnaryFunction.Sqrt) + adam.Epsilon);
            if (adam.Decoupled && adam.WeightDecay > 0)
            {
                direction += Weight * adam.WeightDecay;
            }

            yield return (StateName("mean"), mean);
            yield return (StateName("square"), square);
            yield return (Name, Weight - direction * Rate(0));
        }

        private Value Decayed() => Optimiser.WeightDecay > 0 ? Gradient + Weight * Optimiser.WeightDecay : Gradient;

        private Value Rate(int position) => Flat(Step.Slice(0, position, 1), Weight);

        private string StateName(string kind) => $"{kind}.{Name}";

        private Value StateOf(string kind) => P.Input(StateName(kind), Weight.Type.Space, [.. Weight.Type.Row.Extents]);
    }
}
