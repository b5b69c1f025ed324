namespace Pigeon.Compiler;

/// <summary>
/// A rewrite rule: another way to compute one value of a program, with the same meaning. A rule says what is possible;
/// <see cref="PlanSearch"/> says what pays.
/// </summary>
/// <param name="Name">The rule's name, unique among rules.</param>
/// <param name="Family">The family that is switched on and off as one.</param>
/// <param name="Apply">Builds the other way from the value's operator; null where the rule does not fit.</param>
internal sealed record Rewrite(string Name, RewriteFamilies Family, Func<RewriteSite, Value?> Apply);

/// <summary>A value that a rule looks at.</summary>
/// <param name="Store">The values of the program, and where the rule builds.</param>
/// <param name="Value">The value.</param>
internal readonly record struct RewriteSite(ValueStore Store, int Value)
{
    /// <summary>The operator that computes the value.</summary>
    public Operator Op => Store.OperatorOf(Value);

    /// <summary>Where the other way is built.</summary>
    public ProgramBuilder Builder => Store;

    /// <summary>An operand.</summary>
    public Value this[int operand] => new(Store, operand);

    /// <summary>The operator of an operand.</summary>
    public Operator OperatorOf(int operand) => Store.OperatorOf(operand);

    /// <summary>The type of an operand.</summary>
    public RowType TypeOf(int operand) => Store.TypeOf(operand);

    /// <summary>The two operands of a product; null where an operand is none.</summary>
    public (int X, int Y)? FactorsOf(int operand) => OperandsOf(operand, BinaryFunction.Mul);

    /// <summary>The two operands of a sum; null where an operand is none.</summary>
    public (int X, int Y)? TermsOf(int operand) => OperandsOf(operand, BinaryFunction.Add);

    private (int X, int Y)? OperandsOf(int operand, BinaryFunction function) => OperatorOf(operand) is Operator.Pointwise
    {
        Arguments: { Count: 2 } operands,
        Expression: Expr.Binary { X: Expr.Arg x, Y: Expr.Arg y } binary,
    } && binary.Function == function && x != y ? (operands[0], operands[1]) : null;

    /// <summary>
    /// Where the value is a sum, along a map, of a function of two operands: what a rule makes of the one operand and the other, or else of the two
    /// the other way round; null where it makes nothing of either.
    /// </summary>
    public Value? EitherOperandOfSum(BinaryFunction function, Func<Operator.Reduce, int, int, Value?> rule)
    {
        if (Op is not Operator.Reduce { Kind: ReduceKind.Sum } reduce || OperatorOf(reduce.X) is not Operator.Pointwise
            {
                Arguments.Count: 2,
                Expression: Expr.Binary { X: Expr.Arg, Y: Expr.Arg } binary,
            } summed || binary.Function != function || binary.X == binary.Y)
        {
            return null;
        }

        return rule(reduce, summed.Arguments[0], summed.Arguments[1]) ?? rule(reduce, summed.Arguments[1], summed.Arguments[0]);
    }
}
