using System.Collections.Immutable;

namespace Pigeon.Compiler;

/// <summary>
/// Gives every output a value of its own: an input that is returned as it is, a view of other rows, or a value that is returned under a second name, is
/// copied. After this each output has one buffer, and each buffer one role.
/// <code>
/// return a = %2, b = %2    ⇒    %3 = pointwise {$0} %2
///                               return a = %2, b = %3
/// </code>
/// </summary>
public static class SeparateOutputs
{
    /// <summary>Copies shared outputs; returns the same reference when there are none.</summary>
    public static Program Run(Program program)
    {
        var values = program.Values.ToBuilder();
        var taken = new HashSet<int>();
        var outputs = ImmutableArray.CreateBuilder<Output>();
        foreach (Output output in program.Outputs)
        {
            if (program.Values[output.Value] is not (Operator.Input or Operator.Weight or Operator.Uniform or Operator.Regroup) && taken.Add(output.Value))
            {
                outputs.Add(output);
                continue;
            }

            outputs.Add(output with { Value = values.Count });
            values.Add(new Operator.Pointwise(new Expr.Arg(0), [output.Value]));
        }

        return values.Count == program.Values.Length ? program : new(program.Name, values.ToImmutable(), outputs.ToImmutable());
    }
}
