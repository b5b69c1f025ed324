namespace Pigeon.Models.Tests;

/// <summary>TPGN as it is published: windows of rows laid out in a line and multiplied by one dense matrix.</summary>
internal static class DenseTpgn
{
    public static double[] Forecast(TpgnOptions o, int windows, Dictionary<string, double[]> a)
    {
        (int rows, int period, int d, int i) = (o.Rows, o.Period, o.Width, o.CellWidth);
        var y = new List<double>();
        for (int w = 0; w < windows; w++)
        {
            // Cells are kept column by column: z[column][row].
            double[] history = a["series"][(w * o.Length)..((w + 1) * o.Length)];
            double mean = o.Normalise ? history.Average() : 0;
            double deviation = o.Normalise ? Math.Sqrt(history.Average(x => (x - mean) * (x - mean)) + 1e-5) : 1;
            double[][][] z = [.. Enumerable.Range(0, period).Select(p => Enumerable.Range(0, rows).Select(r =>
            {
                int cell = (p * rows) + r;
                return (double[])[(history[cell] - mean) / deviation, .. a["marks"].Skip(((w * o.Length) + cell) * o.Marks).Take(o.Marks)];
            }).ToArray())];

            double[][] shortTerm = [.. Enumerable.Range(0, rows).Select(r =>
                Dense([.. z.SelectMany(column => column[r])], a["hours.weight"], a["hours.bias"]))];
            double[] window = Dense([.. shortTerm.SelectMany(s => s)], a["days.weight"], a["days.bias"]);
            for (int p = 0; p < period; p++)
            {
                var outputs = new List<double>();
                for (int r = 0; r < rows; r++)
                {
                    // The last R − 1 rows before r, zeros before the first; the matrix's blocks are numbered backwards from r.
                    double[] past = [.. Enumerable.Range(1, rows - 1).SelectMany(back => r >= back ? z[p][r - back] : new double[i])];
                    double[] h = Dense(past, a["history.weight"], a["history.bias"]);
                    double[] sc = Dense([.. z[p][r], .. h], a["gate.weight"], a["gate.bias"]);
                    for (int k = 0; k < d; k++)
                    {
                        double gate = 1 / (1 + Math.Exp(-sc[k]));
                        outputs.Add((gate * h[k]) + ((1 - gate) * Math.Tanh(sc[d + k])));
                    }
                }

                double[] column = Dense([.. outputs], a["columns.weight"], a["columns.bias"]);
                y.AddRange(Dense([.. window, .. column], a["head.weight"], a["head.bias"]).Select(v => (v * deviation) + mean));
            }
        }

        return [.. y];
    }

    /// <summary>x · W + b, W being as long as x.</summary>
    private static double[] Dense(double[] x, double[] w, double[] b) =>
        [.. b.Select((bias, column) => bias + x.Select((value, row) => value * w[(row * b.Length) + column]).Sum())];
}
