using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>A typed linear, perhaps with a bias of each type, whose result may be reshaped to heads.</summary>
/// <param name="Site">Where its values are.</param>
/// <param name="Linear">The linear, not transposed.</param>
/// <param name="Shape">The row of the result.</param>
/// <param name="IsReshaped">Whether one row was multiplied, and its result cut into heads.</param>
/// <param name="Bias">What is added to the product before it is cut: a row for each type.</param>
internal sealed record Product(RewriteSite Site, Operator.TypedLinear Linear, Shape Shape, bool IsReshaped, int? Bias = null)
{
    public int[] Row => [.. Shape.Extents];

    /// <summary>Whether one row is multiplied for several heads.</summary>
    public bool HasHeads => IsReshaped && Shape[0] > 1;

    private int Width => (int)Site.TypeOf(Linear.X).Row.Width;

    public static Product? Of(RewriteSite site, int value)
    {
        bool isReshaped = site.OperatorOf(value) is Operator.Reshape;
        int product = isReshaped ? site.OperatorOf(value).Operands[0] : value;
        int? bias = null;
        if (isReshaped && site.TermsOf(product) is { } terms)
        {
            (product, int added) = site.OperatorOf(terms.X) is Operator.TypedLinear ? terms : (terms.Y, terms.X);
            if (site.OperatorOf(product) is not Operator.TypedLinear biased || site.OperatorOf(added) is not Operator.Gather gather ||
                gather.Map != biased.Type || site.TypeOf(added).Row != site.TypeOf(product).Row)
            {
                return null;
            }

            bias = gather.X;
        }

        return site.OperatorOf(product) is Operator.TypedLinear { Transposed: false } linear &&
            (!isReshaped || (site.TypeOf(product).Row.Rank == 1 && site.TypeOf(value).Row.Rank == 2))
            ? new(site, linear, site.TypeOf(value).Row, isReshaped, bias)
            : null;
    }

    /// <summary>Whether a weight may be taken before the product: it is the same along the axis that is contracted.</summary>
    public bool MayWeigh(Shape weight) => (weight.Rank == 0 || weight[^1] == 1) && (IsReshaped
        ? weight.Rank <= 2 && (weight.Rank < 2 || weight[0] == 1 || weight[0] == Shape[0])
        : Shape.Broadcast(Site.TypeOf(Linear.X).Row, weight) == Site.TypeOf(Linear.X).Row);

    /// <summary>Rows that are multiplied, as a weight for each head can take them.</summary>
    public Value Rows(Value x) => IsReshaped ? x.Reshape(1, Width) : x;

    /// <summary>The product of other rows, with its bias.</summary>
    public Value Whole(Value rows, Map type)
    {
        Value product = rows.Linear(Site[Linear.W], type);
        return (Bias is { } bias ? product + Site[bias].At(type) : product).Reshape(Row);
    }

    /// <summary>The bias, cut into heads; only where there is one.</summary>
    public Value BiasAt(Map type) => Site[Bias!.Value].At(type).Reshape(Row);

    /// <summary>The product of weighed rows: one for all heads, or one for each.</summary>
    public Value Multiply(Value rows, Map type) => (HasHeads && rows.Type.Row[0] > 1 ? rows.Linear(OfHeads, type) : rows.Linear(Site[Linear.W], type)).Reshape(Row);

    /// <summary>The product of rows of the result with the transposed slices.</summary>
    public Value MultiplyBack(Value rows, Map type)
    {
        Value w = HasHeads ? OfHeads : Site[Linear.W];
        return Site.Builder.Add(new Operator.TypedLinear(rows.Id, w.Id, type, Transposed: true));
    }

    private Value OfHeads => Site[Linear.W].Reshape(Width, Shape[0], Shape[1]).Transpose(1, 0, 2);
}
