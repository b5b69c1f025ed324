namespace Pigeon.Benchmarks;

/// <summary>Whether two peers compute the same.</summary>
internal static class Agreement
{
    private const double OutputTolerance = 2e-5;
    private const double GradientTolerance = 1e-4;

    /// <summary>Adam divides a gradient by its own size: where a gradient is all rounding, its sign decides a whole step.</summary>
    private const double WeightTolerance = 1e-3;

    /// <summary>The largest relative error ‖a − b‖ / ‖b‖ of output, loss, gradients and weights.</summary>
    /// <exception cref="InvalidOperationException">One of them is beyond its tolerance.</exception>
    public static double Check(string who, PeerResult actual, PeerResult expected)
    {
        double worst = 0;
        if (expected.Output is not null)
        {
            Compare("output", actual.Output ?? [], expected.Output, OutputTolerance);
        }

        if (expected.Loss is { } loss)
        {
            Compare("loss", [actual.Loss ?? float.NaN], [loss], OutputTolerance);
        }

        foreach ((string name, float[] gradient) in expected.Gradients)
        {
            Compare($"gradient of {name}", actual.Gradients[name], gradient, GradientTolerance);
            Compare($"new {name}", actual.Weights[name], expected.Weights[name], WeightTolerance);
        }

        return worst;

        void Compare(string what, float[] a, float[] b, double tolerance)
        {
            double error = a.Length == b.Length ? RelativeError(a, b) : double.NaN;
            if (!(error <= tolerance))
            {
                throw new InvalidOperationException($"{who}: {what} differs by {error:E2}, more than {tolerance:E0}");
            }

            worst = Math.Max(worst, error);
        }
    }

    private static double RelativeError(float[] a, float[] b)
    {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < b.Length; i++)
        {
            difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
            norm += (double)b[i] * b[i];
        }

        return difference == 0 ? 0 : Math.Sqrt(difference) / Math.Sqrt(norm);
    }
}
