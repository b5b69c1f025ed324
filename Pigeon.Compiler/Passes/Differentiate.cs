using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Reverse-mode differentiation. Adds to a program the gradient of a scalar output with respect to weights or inputs, as further
/// outputs named <c>grad.NAME</c>; the program's own outputs stay. Only values on a way from what is asked for to the scalar are
/// differentiated. Needs a verified program; guarantees one. The gradient is a program like any other, so every pass sees forward
/// and backward together.
/// <code>
/// %1 = weight W : one[3, 2]                    %2 = linear unit(Nodes) %0, %1 : Nodes[2]
/// %2 = linear unit(Nodes) %0, %1          ⇒    %3 = constant 1 : one[2]
/// %3 = reduce.sum unit(Nodes) %2               %4 = gather unit(Nodes) %3
/// return loss = …                              return loss = …, grad.W = outer unit(Nodes) %0, %4
/// </code>
/// </summary>
public static class Differentiate
{
    /// <summary>The name of a gradient's output.</summary>
    public static string NameOf(string name) => "grad." + name;

    /// <summary>Differentiates a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="loss">The output to differentiate; one number: a scalar row on <see cref="IndexSpace.One"/>.</param>
    /// <param name="with">The weights and inputs to differentiate with respect to; null for all weights.</param>
    /// <exception cref="PigeonException">
    /// PG0140: an operator has no adjoint rule. PG0141: the loss is not one number. PG0142: a name is no weight or input.
    /// </exception>
    public static Program Run(Program program, string loss, IReadOnlyCollection<string>? with = null)
    {
        Output output = program.Outputs.FirstOrDefault(o => o.Name == loss)
            ?? throw new PigeonException("PG0141", $"there is no output '{loss}'", program.Name);
        RowType type = program.Types[output.Value];
        if (type.Space is not IndexSpace.OneSpace || type.Row.Width != 1)
        {
            throw new PigeonException("PG0141", $"'{loss}' is {type}, but a loss is one number", program.Name, "sum or average it first");
        }

        var builder = new ProgramBuilder(program.Name);
        ImmutableArray<Value> values = [.. program.Values.Select(builder.Add)];
        foreach (Output o in program.Outputs)
        {
            builder.Return(o.Name, values[o.Value]);
        }

        List<(string Name, int Value)> targets = Targets(program, with);
        bool[] needed = Dependents(program, targets);
        var gradients = new Value?[values.Length];
        gradients[output.Value] = builder.Constant(1, IndexSpace.One, [.. type.Row.Extents]);
        for (int i = output.Value; i >= 0; i--)
        {
            if (needed[i] && gradients[i] is { } gradient)
            {
                EquatableArray<int> operands = program.Values[i].Operands;
                ImmutableArray<Value> read = [.. operands.Select(o => values[o])];
                foreach ((int operand, Value sent) in Adjoint.Of(program.Values[i], values[i], gradient, read, o => needed[operands[o]]))
                {
                    int target = operands[operand];
                    if (needed[target])
                    {
                        gradients[target] = gradients[target] is { } before ? before + sent : sent;
                    }
                }
            }
        }

        foreach ((string name, int value) in targets)
        {
            // What the loss does not depend on has gradient zero.
            RowType own = program.Types[value];
            builder.Return(NameOf(name), gradients[value] ?? builder.Constant(0, own.Space, [.. own.Row.Extents]));
        }

        return builder.Build();
    }

    private static List<(string Name, int Value)> Targets(Program program, IReadOnlyCollection<string>? with)
    {
        var targets = new List<(string Name, int Value)>();
        for (int i = 0; i < program.Values.Length; i++)
        {
            switch (program.Values[i])
            {
                case Operator.Weight weight when with is null || with.Contains(weight.Name):
                    targets.Add((weight.Name, i));
                    break;
                case Operator.Input input when with is not null && with.Contains(input.Name):
                    targets.Add((input.Name, i));
                    break;
            }
        }

        return with?.FirstOrDefault(name => targets.All(t => t.Name != name)) is { } unknown
            ? throw new PigeonException("PG0142", $"'{unknown}' is no weight or input", program.Name)
            : targets;
    }

    private static bool[] Dependents(Program program, List<(string Name, int Value)> targets)
    {
        bool[] depends = new bool[program.Values.Length];
        for (int i = 0; i < depends.Length; i++)
        {
            depends[i] = targets.Any(t => t.Value == i) || program.Values[i].Operands.Any(o => depends[o]);
        }

        return depends;
    }
}
