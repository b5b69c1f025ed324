using Pigeon.Compiler;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Which rows of a weight gradient are sums over neighbours.</summary>
public enum SummedRows
{
    /// <summary>Means of the left rows.</summary>
    Left,

    /// <summary>Right rows, each neighbour's times a number of the edge.</summary>
    Right,

    /// <summary>Both, in one loop.</summary>
    Both,

    /// <summary>Right rows of one number, which a loop takes in blocks of neighbours.</summary>
    Blocks,
}

/// <summary>Weight gradients of nodes by their types that multiply sums over the edges into a node.</summary>
internal static class GradientPrograms
{
    /// <summary>A gradient of <paramref name="k"/> x <paramref name="n"/> numbers.</summary>
    public static Program Create(SummedRows rows, int k, int n)
    {
        var p = new ProgramBuilder("gradient");
        Value left = rows is SummedRows.Left or SummedRows.Both ? p.Input("x", Nodes, k).At(Src).Reduce(Dst, ReduceKind.Mean) : p.Input("x", Nodes, k);
        Value right = rows switch
        {
            SummedRows.Left => p.Input("y", Nodes, n),
            SummedRows.Blocks => Nn.LeakyRelu(p.Input("e", Edges, n), 0.25).Sum(Dst),
            _ => (p.Input("y", Nodes, n).At(Src) * p.Input("e", Edges, 1)).Sum(Dst),
        };
        p.Return("gradient", Gradient(left, right));
        return p.Build();
    }

    /// <summary>The gradient of a weight of the node types.</summary>
    public static Value Gradient(Value left, Value right) => left.Builder.Add(new Operator.OuterSum(left.Id, right.Id, NType));
}
