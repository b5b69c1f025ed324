using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Compact materialisation: a value that depends on its row only through a map is computed for the map's target and gathered.
/// Compaction changes where a value is stored, never what it means. Pays when the target has fewer rows.
/// <code>
///                                            %2 = gather second(etype, src) %0
/// %2 = gather src %0                         %3 = linear first(etype, src) %2, %1
/// %3 = linear etype %2, %1           ⇒       %4 = gather pair(etype, src) %3
/// </code>
/// </summary>
internal static class Compact
{
    /// <summary>A linear of gathered rows: on the gathered rows themselves, or on the distinct (type, row) pairs.</summary>
    public static Rewrite Linear { get; } = new("compact", RewriteFamilies.Compact, site =>
    {
        if (site.Op is not Operator.TypedLinear linear || site.OperatorOf(linear.X) is not Operator.Gather gather)
        {
            return null;
        }

        Value x = site[gather.X];
        if (Map.Factor(linear.Type, gather.Map) is { } type)
        {
            return site.Builder.Add(linear with { X = x.Id, W = site[linear.W].Id, Type = type }).At(gather.Map);
        }

        var pair = new Map.Pair(linear.Type, gather.Map);
        if (DistinctPairs.AreRows(pair))
        {
            return null;
        }

        var pairs = (IndexSpace.Distinct)pair.To;
        Value rows = x.At(new Map.Component(pairs, 1));
        return site.Builder.Add(linear with { X = rows.Id, W = site[linear.W].Id, Type = new Map.Component(pairs, 0) }).At(pair);
    });

    /// <summary>
    /// The other way round: a product or quotient with a gathered operand, gathered again, is computed where it is read. Pays where its
    /// rows are as many as the reader's, and its operands' are fewer.
    /// </summary>
    public static Rewrite Earlier { get; } = new("gather earlier", RewriteFamilies.Compact, site =>
        site.Op is Operator.Gather gather && site.OperatorOf(gather.X) is Operator.Pointwise
        {
            Arguments.Count: 2,
            Expression: Expr.Binary { Function: BinaryFunction.Mul or BinaryFunction.Div, X: Expr.Arg, Y: Expr.Arg } expression,
        } product && product.Arguments.Any(a => site.OperatorOf(a) is Operator.Gather)
            ? site.Builder.Pointwise(expression, [.. product.Arguments.Items.Select(a => site[a].At(gather.Map))])
            : null);

    /// <summary>An operator inside rows, all of whose operands are gathered along one map, or constant.</summary>
    public static Rewrite Rows { get; } = new("gather later", RewriteFamilies.Compact, site =>
    {
        if (site.Op is not (Operator.Pointwise or Operator.RowReduce or Operator.Reshape or Operator.Transpose or Operator.Slice or Operator.Concat))
        {
            return null;
        }

        Map? along = null;
        foreach (int operand in site.Op.Operands)
        {
            switch (site.OperatorOf(operand))
            {
                case Operator.Gather { Map: var map } when along is null || along == map:
                    along = map;
                    break;
                default:
                    return null;
            }
        }

        return along is null ? null : site.Builder.Add(site.Op.With(
            [.. site.Op.Operands.Select(o => site[((Operator.Gather)site.OperatorOf(o)).X].Id)])).At(along);
    });
}
