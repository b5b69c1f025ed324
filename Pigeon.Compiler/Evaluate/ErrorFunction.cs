namespace Pigeon.Compiler;

/// <summary>The error function in double precision.</summary>
public static class ErrorFunction
{
    /// <summary>
    /// erf(x), to about 1e-15: the Maclaurin series (Abramowitz and Stegun 7.1.6) below 2.5, beyond it the continued
    /// fraction of erfc (7.1.14), evaluated from the far end.
    /// </summary>
    public static double Erf(double x)
    {
        double a = Math.Abs(x);
        if (double.IsNaN(x) || a > 6)
        {
            return double.IsNaN(x) ? x : Math.Sign(x);
        }

        if (a < 2.5)
        {
            // erf x = 2/√π · e^(−x²) · Σ 2^n x^(2n+1) / (1·3·…·(2n+1)): all terms have one sign.
            double term = a;
            double sum = a;
            for (int n = 1; term > sum * 1e-17; n++)
            {
                term *= 2 * a * a / ((2 * n) + 1);
                sum += term;
            }

            return Math.Sign(x) * 2 / Math.Sqrt(Math.PI) * Math.Exp(-a * a) * sum;
        }

        double fraction = a;
        for (int k = 60; k >= 1; k--)
        {
            fraction = a + (k / 2.0 / fraction);
        }

        return Math.Sign(x) * (1 - (Math.Exp(-a * a) / Math.Sqrt(Math.PI) / fraction));
    }
}
