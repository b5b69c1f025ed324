namespace Pigeon.Compiler;

/// <summary>
/// A rewrite rule: another way to compute one value of a program, with the same meaning. A rule says what is possible;
/// <see cref="ChooseRewrites"/> says what pays.
/// </summary>
/// <param name="Name">The rule's name.</param>
/// <param name="Apply">Builds the other way from the value's operator; null where the rule does not fit.</param>
internal sealed record Rewrite(string Name, Func<RewriteSite, Value?> Apply);

/// <summary>A value of a program that a rule looks at, and the program that is being built in its place.</summary>
internal sealed class RewriteSite(Program program, int value, ProgramBuilder builder, Value[] built)
{
    /// <summary>The operator that computes the value.</summary>
    public Operator Op => program.Values[value];

    /// <summary>The program that is being built.</summary>
    public ProgramBuilder Builder => builder;

    /// <summary>The operator of an operand.</summary>
    public Operator OperatorOf(int operand) => program.Values[operand];

    /// <summary>The type of an operand.</summary>
    public RowType TypeOf(int operand) => program.Types[operand];

    /// <summary>An operand in the program that is being built.</summary>
    public Value this[int operand] => built[operand];

    /// <summary>All pairs of a value and a rule that fits it.</summary>
    public static IEnumerable<(int Value, Rewrite Rule)> Sites(Program program, IReadOnlyList<Rewrite> rules)
    {
        // What the rules build here is thrown away; it only shows that they fit.
        var builder = new ProgramBuilder(program.Name);
        Value[] built = [.. program.Values.Select(builder.Add)];
        for (int value = 0; value < built.Length; value++)
        {
            foreach (Rewrite rule in rules)
            {
                if (rule.Apply(new(program, value, builder, built)) is not null)
                {
                    yield return (value, rule);
                }
            }
        }
    }

    /// <summary>Builds the program with one value computed another way, by a rule that fits.</summary>
    public static Program Rewritten(Program program, int value, Rewrite rule)
    {
        var builder = new ProgramBuilder(program.Name);
        var built = new Value[program.Values.Length];
        for (int i = 0; i < built.Length; i++)
        {
            built[i] = i == value
                ? rule.Apply(new(program, value, builder, built))!.Value
                : builder.Add(program.Values[i].With([.. program.Values[i].Operands.Select(o => built[o].Id)]));
        }

        foreach (Output output in program.Outputs)
        {
            builder.Return(output.Name, built[output.Value]);
        }

        return builder.Build();
    }
}
