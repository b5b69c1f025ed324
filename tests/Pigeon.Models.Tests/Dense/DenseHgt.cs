namespace Pigeon.Models.Tests;

/// <summary>One HGT layer, node by node and head by head, from the paper's formulas.</summary>
internal static class DenseHgt
{
    /// <param name="graph">The graph.</param>
    /// <param name="x">The row of a node; rows of node types may differ in width.</param>
    /// <param name="o">The layer's options.</param>
    /// <param name="kqv">The weight <c>[in, 3F]</c> and the bias <c>[3F]</c> of a node type.</param>
    /// <param name="weight">The other weights by name.</param>
    public static double[] Layer(DenseGraph graph, Func<int, double[]> x, HgtOptions o,
        Func<int, (double[] Weight, double[] Bias)> kqv, Func<string, double[]> weight)
    {
        (int heads, int d, int width) = (o.Heads, o.HeadWidth, o.Out);
        double[] y = new double[graph.Nodes * width];
        for (int v = 0; v < graph.Nodes; v++)
        {
            var edges = graph.Into(v);
            double[] attended = new double[width];
            for (int h = 0; h < heads; h++)
            {
                double[] alpha = Dense.Softmax(edges.Select(e =>
                    Dense.Dot(Related("k_rel.weight", Part(e.Source, 0, h), e.Type, h), Part(v, 1, h)) *
                    weight("p_rel")[(e.Type * heads) + h] / Math.Sqrt(d)));
                for (int e = 0; e < edges.Count; e++)
                {
                    double[] message = Related("v_rel.weight", Part(edges[e].Source, 2, h), edges[e].Type, h);
                    for (int j = 0; j < d; j++)
                    {
                        attended[(h * d) + j] += alpha[e] * message[j];
                    }
                }
            }

            int t = graph.TypeOf(v);
            double[] projected = Dense.Times([.. attended.Select(Dense.Gelu)],
                Dense.Matrix(weight("out_lin.weight"), t * width * width, width), width);
            double[] own = x(v);
            double gate = own.Length == width ? Dense.Sigmoid(weight("skip")[t]) : 1;
            for (int j = 0; j < width; j++)
            {
                double residual = own.Length == width ? own[j] : 0;
                y[(v * width) + j] = (gate * (projected[j] + weight("out_lin.bias")[(t * width) + j])) + ((1 - gate) * residual);
            }
        }

        return y;

        // Head h of the key (part 0), query (1) or value (2) of a node.
        double[] Part(int node, int part, int h)
        {
            (double[] matrix, double[] bias) = kqv(graph.TypeOf(node));
            double[] all = Dense.Times(x(node), Dense.Matrix(matrix, 0, 3 * width), 3 * width);
            return [.. Enumerable.Range((part * width) + (h * d), d).Select(j => all[j] + bias[j])];
        }

        double[] Related(string name, double[] row, int r, int h) =>
            Dense.Times(row, Dense.Matrix(weight(name), ((r * heads) + h) * d * d, d), d);
    }
}
