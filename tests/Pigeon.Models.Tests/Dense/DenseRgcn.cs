namespace Pigeon.Models.Tests;

/// <summary>One RGCN layer, node by node, from the paper's formula.</summary>
internal static class DenseRgcn
{
    public static double[] Layer(DenseGraph graph, double[]? x, RgcnOptions o, Func<string, double[]> weight, double[]? norm = null)
    {
        double[] y = new double[graph.Nodes * o.Out];
        for (int v = 0; v < graph.Nodes; v++)
        {
            var edges = graph.Into(v);
            foreach ((int e, int u, int r) in edges)
            {
                double c = o.Aggregation switch
                {
                    RgcnAggregation.Mean => 1.0 / edges.Count(other => other.Type == r),
                    RgcnAggregation.Norm => norm![e],
                    _ => 1,
                };
                Add(Projected(graph, x, u, r, o, weight), c);
            }

            if (o.RootWeight)
            {
                Add(x is null
                    ? Dense.Row(weight("root"), v, o.Out)
                    : Dense.Times(Dense.Row(x, v, o.In), Dense.Matrix(weight("root"), 0, o.Out), o.Out), 1);
            }

            if (o.Bias)
            {
                Add(weight("bias"), 1);
            }

            void Add(double[] row, double factor)
            {
                for (int j = 0; j < o.Out; j++)
                {
                    y[(v * o.Out) + j] += factor * row[j];
                }
            }
        }

        return y;
    }

    /// <summary>x_u W_r, one element at a time.</summary>
    private static double[] Projected(DenseGraph graph, double[]? x, int u, int r, RgcnOptions o, Func<string, double[]> weight)
    {
        double[] product = new double[o.Out];
        for (int j = 0; j < o.Out; j++)
        {
            for (int i = 0; i < (x is null ? graph.Nodes : o.In); i++)
            {
                double feature = x is null ? (i == u ? 1 : 0) : x[(u * o.In) + i];
                product[j] += feature * Element(graph, x is null, r, i, j, o, weight);
            }
        }

        return product;
    }

    private static double Element(DenseGraph graph, bool featureless, int r, int i, int j, RgcnOptions o, Func<string, double[]> weight)
    {
        double[] w = weight("weight");
        if (o.Bases is { } bases)
        {
            return Enumerable.Range(0, bases).Sum(b => weight("comp")[(r * bases) + b] *
                w[featureless ? (((i * bases) + b) * o.Out) + j : (((b * o.In) + i) * o.Out) + j]);
        }

        if (o.Blocks is { } blocks)
        {
            (int k, int n) = (o.In / blocks, o.Out / blocks);
            return i / k == j / n ? w[(((((r * blocks) + (i / k)) * k) + (i % k)) * n) + (j % n)] : 0;
        }

        return w[(((r * (featureless ? graph.Nodes : o.In)) + i) * o.Out) + j];
    }
}
