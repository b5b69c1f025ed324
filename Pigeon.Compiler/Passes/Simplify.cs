namespace Pigeon.Compiler;

/// <summary>
/// Removes what a program does not need: values that compute the same thing become one, values that nothing returns go, views
/// that change nothing go, views of constants are constants, constants are folded into expressions, gathers of gathers become one, and transposed linears become
/// linears of a transposed weight.
/// <code>
/// %3 = gather src %0
/// %4 = gather src %0                      %3 = gather src %0
/// %5 = pointwise {$0 + $1} %3, %4    ⇒    %4 = pointwise {$0 + $0} %3
/// %6 = reshape %3
/// return y = %5                           return y = %4
/// </code>
/// </summary>
public static class Simplify
{
    /// <summary>Simplifies a program; returns the same reference when there is nothing to do.</summary>
    public static Program Run(Program program)
    {
        Program result = StoredProgram.Of(program).ToProgram();
        return result.Values.SequenceEqual(program.Values) && result.Outputs.SequenceEqual(program.Outputs) ? program : result;
    }
}
