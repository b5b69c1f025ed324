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

    /// <summary>x·Φ(x), with Φ from the Taylor series of the error function: good to |x| of 6 or so.</summary>
    public static double Gelu(double x)
    {
        const int terms = 120;
        double z = x / Math.Sqrt(2);
        double sum = 0;
        double power = z;
        for (int n = 0; n < terms; n++)
        {
            sum += power / ((2 * n) + 1);
            power *= -z * z / (n + 1);
        }

        return x / 2 * (1 + (2 / Math.Sqrt(Math.PI) * sum));
    }

    /// <summary>Row <paramref name="i"/> of rows of one width.</summary>
    public static double[] Row(double[] rows, int i, int width) => rows[(i * width)..((i + 1) * width)];
}
