namespace Pigeon.Models.Tests;

/// <summary>Rows and matrices in plain loops.</summary>
internal static class Dense
{
    /// <summary>The matrix <c>[rows, columns]</c> that starts at an offset, as a function of its indices.</summary>
    public static Func<int, int, double> Matrix(double[] numbers, int offset, int columns) => (i, j) => numbers[offset + (i * columns) + j];

    /// <summary>Row times matrix.</summary>
    public static double[] Times(double[] row, Func<int, int, double> matrix, int columns)
    {
        double[] product = new double[columns];
        for (int i = 0; i < row.Length; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                product[j] += row[i] * matrix(i, j);
            }
        }

        return product;
    }

    public static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();

    public static double[] Softmax(IEnumerable<double> logits)
    {
        double[] exponents = [.. logits.Select(Math.Exp)];
        double sum = exponents.Sum();
        return [.. exponents.Select(e => e / sum)];
    }

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>
    /// x·Φ(x). The integral of Φ's density from 0 to x by Simpson's rule, good to 1e-13 at any x; a Taylor series is not, since its
    /// terms cancel: it has lost half the digits at x = 6 and all at 9.
    /// </summary>
    public static double Gelu(double x)
    {
        const int intervals = 1000;
        const double beyond = 9;
        double end = Math.Min(Math.Abs(x), beyond);
        double width = end / intervals;
        double sum = Density(0) + Density(end);
        for (int i = 1; i < intervals; i++)
        {
            sum += (i % 2 == 0 ? 2 : 4) * Density(i * width);
        }

        return x * (0.5 + (Math.Sign(x) * sum * width / 3));

        static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
    }

    /// <summary>Row <paramref name="i"/> of rows of one width.</summary>
    public static double[] Row(double[] rows, int i, int width) => rows[(i * width)..((i + 1) * width)];
}
