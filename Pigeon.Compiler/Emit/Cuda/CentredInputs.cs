namespace Pigeon.Compiler;

/// <summary>
/// Which products centred values are computed from: a value plus what was summed of it over a group, <c>g[i] − Σ a[j] · g[j]</c>, as in the gradient
/// of a softmax. There most of g may cancel out, and an error of g does not: it is a larger share of what is left. So these products are not rounded as
/// others may be.
/// </summary>
internal static class CentredInputs
{
    /// <summary>For each value of a program, whether it is such a product.</summary>
    public static bool[] Of(Program program)
    {
        bool[] found = new bool[program.Values.Length];
        var sources = new Sources?[program.Values.Length];
        foreach (Operator.Pointwise pointwise in program.Values.OfType<Operator.Pointwise>())
        {
            foreach ((Expr left, Expr right) in Sums(pointwise.Expression))
            {
                (Sources x, Sources y) = (Of(left), Of(right));
                foreach (int product in x.Summed.Intersect(y.Direct).Concat(y.Summed.Intersect(x.Direct)))
                {
                    found[product] = true;
                }
            }

            Sources Of(Expr expression) => Sources.Join(Arguments(expression).Select(a => SourcesOf(program, pointwise.Arguments[a], sources)));
        }

        return found;
    }

    private static IEnumerable<(Expr Left, Expr Right)> Sums(Expr expression)
    {
        IEnumerable<(Expr, Expr)> inside = expression.Children.SelectMany(Sums);
        return expression is Expr.Binary { Function: BinaryFunction.Add or BinaryFunction.Sub } sum ? inside.Prepend((sum.X, sum.Y)) : inside;
    }

    private static IEnumerable<int> Arguments(Expr expression) =>
        expression is Expr.Arg arg ? [arg.Position] : expression.Children.SelectMany(Arguments).Distinct();

    /// <summary>The products that a value is computed from, with no other product between.</summary>
    private static Sources SourcesOf(Program program, int value, Sources?[] known) => known[value] ??= program.Values[value] switch
    {
        Operator.TypedLinear => new(new HashSet<int> { value }, new HashSet<int>()),
        Operator.OuterSum => new(new HashSet<int>(), new HashSet<int>()),
        Operator.Reduce { Kind: ReduceKind.Sum or ReduceKind.Mean } reduce when SourcesOf(program, reduce.X, known) is var inside => new(new HashSet<int>(), inside.Direct.Union(inside.Summed).ToHashSet()),
        var op => Sources.Join(op.Operands.Items.Select(operand => SourcesOf(program, operand, known))),
    };

    /// <summary>Products that a value is computed from: as they are, and summed over a group.</summary>
    private sealed record Sources(IReadOnlySet<int> Direct, IReadOnlySet<int> Summed)
    {
        public static Sources Join(IEnumerable<Sources> all)
        {
            Sources[] parts = [.. all];
            return new(parts.SelectMany(p => p.Direct).ToHashSet(), parts.SelectMany(p => p.Summed).ToHashSet());
        }
    }
}
