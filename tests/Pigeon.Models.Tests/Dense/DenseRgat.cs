namespace Pigeon.Models.Tests;

/// <summary>One RGAT layer, node by node and head by head, from the formulas of PyG's documentation.</summary>
internal static class DenseRgat
{
    public static double[] Layer(DenseGraph graph, double[] x, RgatOptions o, Func<string, double[]> weight)
    {
        (int heads, int d) = (o.Heads, o.HeadWidth);
        double[] y = new double[graph.Nodes * o.Out];
        for (int v = 0; v < graph.Nodes; v++)
        {
            var groups = graph.Into(v).GroupBy(e => o.Attention == RgatAttention.WithinRelation ? e.Type : 0);
            foreach (var edges in groups.Select(group => group.ToArray()))
            {
                for (int h = 0; h < heads; h++)
                {
                    double[] alpha = Dense.Softmax(edges.Select(e => Logit(v, e.Source, e.Type, h)));
                    for (int e = 0; e < edges.Length; e++)
                    {
                        double[] z = Project(edges[e].Source, edges[e].Type);
                        for (int j = 0; j < d; j++)
                        {
                            y[(v * o.Out) + (o.Concat ? (h * d) + j : j)] += alpha[e] * z[(h * d) + j] / (o.Concat ? 1 : heads);
                        }
                    }
                }
            }

            for (int j = 0; j < o.Out && o.Bias; j++)
            {
                y[(v * o.Out) + j] += weight("bias")[j];
            }
        }

        return y;

        double[] Project(int node, int r) =>
            Dense.Times(Dense.Row(x, node, o.In), Dense.Matrix(weight("weight"), r * o.In * heads * d, heads * d), heads * d);

        double Logit(int v, int u, int r, int h)
        {
            double logit = Dense.Times(Project(v, r), Dense.Matrix(weight("q"), 0, heads), heads)[h] +
                Dense.Times(Project(u, r), Dense.Matrix(weight("k"), 0, heads), heads)[h];
            return logit > 0 ? logit : o.NegativeSlope * logit;
        }
    }
}
