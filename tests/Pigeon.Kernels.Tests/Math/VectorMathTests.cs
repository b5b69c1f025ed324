using System.Runtime.Intrinsics;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>
/// Functions against double precision on a dense grid, with bounds as measured and rounded up: the largest absolute error, and the
/// largest relative error where the result is not tiny.
/// </summary>
public sealed class VectorMathTests
{
    private static readonly float[] Grid = [.. Points().Distinct().Order()];

    private static readonly Dictionary<string, (Func<double, double> Exact, Func<float, float>[] Widths)> Functions = new()
    {
        ["tanh"] = (Math.Tanh, [VectorMath.Tanh, x => VectorMath.Tanh(Vector128.Create(x))[3], x => VectorMath.Tanh(Vector256.Create(x))[7],
            x => VectorMath.Tanh(Vector512.Create(x))[15]]),
        ["sigmoid"] = (x => 1 / (1 + Math.Exp(-x)), [VectorMath.Sigmoid, x => VectorMath.Sigmoid(Vector128.Create(x))[3],
            x => VectorMath.Sigmoid(Vector256.Create(x))[7], x => VectorMath.Sigmoid(Vector512.Create(x))[15]]),
        ["erf"] = (Erf, [VectorMath.Erf, x => VectorMath.Erf(Vector128.Create(x))[3], x => VectorMath.Erf(Vector256.Create(x))[7],
            x => VectorMath.Erf(Vector512.Create(x))[15]]),
    };

    [Theory]
    [InlineData("tanh", 2e-7, 6e-7)]
    [InlineData("sigmoid", 2e-7, 4e-7)]
    [InlineData("erf", 4e-7, 6e-7)]
    public void Function_is_accurate_at_every_width(string name, double absolute, double relative)
    {
        (Func<double, double> exact, Func<float, float>[] widths) = Functions[name];
        foreach (Func<float, float> function in widths)
        {
            foreach (float x in Grid)
            {
                double expected = exact(x);
                double error = Math.Abs(function(x) - expected);
                if (error > absolute || (error > relative * Math.Abs(expected) && Math.Abs(expected) > 1e-30))
                {
                    Assert.Fail($"{name}({x:R}) = {function(x):R}, not {expected:R}");
                }
            }
        }
    }

    [Theory]
    [InlineData("tanh", -1, 1)]
    [InlineData("sigmoid", 0, 1)]
    [InlineData("erf", -1, 1)]
    public void Function_keeps_its_limits(string name, float low, float high)
    {
        foreach (Func<float, float> function in Functions[name].Widths)
        {
            Assert.Equal(low, function(float.NegativeInfinity));
            Assert.Equal(high, function(float.PositiveInfinity));
            Assert.Equal(low, function(-1e30f));
            Assert.Equal(high, function(1e30f));
            Assert.True(float.IsNaN(function(float.NaN)));
            Assert.DoesNotContain(Grid, x => function(x) < low || function(x) > high);
        }
    }

    [Theory]
    [InlineData("tanh")]
    [InlineData("erf")]
    public void Odd_function_keeps_the_sign_of_zero(string name)
    {
        foreach (Func<float, float> function in Functions[name].Widths)
        {
            Assert.Equal(float.NegativeZero, function(float.NegativeZero));
            Assert.True(float.IsNegative(function(float.NegativeZero)));
        }
    }

    [Fact]
    public void Lanes_fold_to_one_number()
    {
        var random = new Random(1);
        float[] x = [.. Enumerable.Range(0, 16).Select(_ => (random.NextSingle() * 4) - 2)];
        Assert.Equal(x.Max(), VectorMath.Max(Vector512.Create(x)));
        Assert.Equal(x[..8].Max(), VectorMath.Max(Vector256.Create(x)));
        Assert.Equal(x[..4].Max(), VectorMath.Max(Vector128.Create(x)));
        Assert.Equal(x.Min(), VectorMath.Min(Vector512.Create(x)));
        Assert.Equal(x[..8].Min(), VectorMath.Min(Vector256.Create(x)));
        Assert.Equal(x[..4].Min(), VectorMath.Min(Vector128.Create(x)));
        Assert.Equal(x.Aggregate(1.0, (p, y) => p * y), VectorMath.Product(Vector512.Create(x)), 1e-4);
        Assert.Equal(x[..8].Aggregate(1.0, (p, y) => p * y), VectorMath.Product(Vector256.Create(x)), 1e-5);
        Assert.Equal(x[..4].Aggregate(1.0, (p, y) => p * y), VectorMath.Product(Vector128.Create(x)), 1e-5);
    }

    /// <summary>
    /// As <see cref="MathF.Max"/> and <see cref="MathF.Min"/> have it, wherever they are among the lanes: -0 is less than 0, and what is no number is the
    /// result.
    /// </summary>
    [Fact]
    public void Extremes_of_zeros_and_of_what_is_no_number_are_those_of_numbers()
    {
        float[] all = [0f, -0f, float.NaN, -1f, 1f, float.PositiveInfinity, float.NegativeInfinity];
        foreach (float some in all)
        {
            foreach (float other in all)
            {
                for (int at = 0; at < 16; at++)
                {
                    float[] x = [.. Enumerable.Repeat(other, 16)];
                    x[at] = some;
                    Same(MathF.Max(some, other), VectorMath.Max(Vector512.Create(x)));
                    Same(MathF.Min(some, other), VectorMath.Min(Vector512.Create(x)));
                    Same(MathF.Max(some, other), VectorMath.Max(Vector256.Create(x, at / 8 * 8)));
                    Same(MathF.Min(some, other), VectorMath.Min(Vector256.Create(x, at / 8 * 8)));
                    Same(MathF.Max(some, other), VectorMath.Max(Vector128.Create(x, at / 4 * 4)));
                    Same(MathF.Min(some, other), VectorMath.Min(Vector128.Create(x, at / 4 * 4)));
                }
            }
        }

        static void Same(float expected, float actual)
        {
            Assert.Equal(expected, actual);
            Assert.True(float.IsNaN(expected) || float.IsNegative(expected) == float.IsNegative(actual));
        }
    }

    [Fact]
    public void A_choice_without_a_jump_is_that_with_one()
    {
        float[] all = [0f, -0f, float.NaN, -1f, 1f, float.Epsilon, float.PositiveInfinity, float.NegativeInfinity];
        foreach (float x in all)
        {
            foreach (float y in all)
            {
                Assert.Equal(x < y ? 3 : 4, VectorMath.IfLess(x, y, 3, 4));
                Assert.Equal(x == y ? 3 : 4, VectorMath.IfEqual(x, y, 3, 4));
                Assert.Equal(x < y ? x : y, VectorMath.IfLess(x, y, x, y));
            }
        }
    }

    [Fact]
    public unsafe void Row_of_a_position_is_found()
    {
        int[] offsets = [0, 0, 3, 3, 5, 5];
        int[] expected = [1, 1, 1, 3, 3];
        fixed (int* pointer = offsets)
        {
            for (int position = 0; position < expected.Length; position++)
            {
                Assert.Equal(expected[position], VectorMath.FindRow(pointer, 5, position));
            }
        }
    }

    [Fact]
    public void Four_vectors_are_summed_to_four_numbers()
    {
        Vector512<float> a = Vector512<float>.Indices;
        Vector512<float> b = a * a;
        Assert.Equal(Vector128.Create(120f, 1240f, 240f, 16f), VectorMath.Sums(a, b, a + a, Vector512<float>.One));
        Assert.Equal(Vector128.Create(28f, 140f, 56f, 8f), VectorMath.Sums(a.GetLower(), b.GetLower(), (a + a).GetLower(), Vector256<float>.One));
        (Vector128<float> x, Vector128<float> y) = (a.GetLower().GetLower(), b.GetLower().GetLower());
        Assert.Equal(Vector128.Create(6f, 14f, 12f, 4f), VectorMath.Sums(x, y, x + x, Vector128<float>.One));
    }

    [Fact]
    public void A_sum_has_the_bits_of_its_lane_among_four()
    {
        var random = new Random(2);
        for (int n = 0; n < 100; n++)
        {
            Vector512<float>[] x = [.. Enumerable.Range(0, 4).Select(_ => Vector512.Create(
                [.. Enumerable.Range(0, 16).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-3, 4)))]))];
            Vector256<float>[] y = Array.ConvertAll(x, v => v.GetLower());
            Vector128<float>[] z = Array.ConvertAll(y, v => v.GetLower());
            Equal(VectorMath.Sums(x[0], x[1], x[2], x[3]), Array.ConvertAll(x, VectorMath.Sum));
            Equal(VectorMath.Sums(y[0], y[1], y[2], y[3]), Array.ConvertAll(y, VectorMath.Sum));
            Equal(VectorMath.Sums(z[0], z[1], z[2], z[3]), Array.ConvertAll(z, VectorMath.Sum));
        }

        static void Equal(Vector128<float> expected, float[] actual) => Assert.Equal(expected.AsInt32(), Vector128.Create(actual).AsInt32());
    }

    [Fact]
    public void Functions_have_one_text_for_all_widths()
    {
        string wide = File.ReadAllText(Source(512));
        Assert.Contains("Exp(Vector512<float> x)", wide, StringComparison.Ordinal);
        Assert.All([256, 128], bits => Assert.Equal(wide.Replace("512", $"{bits}", StringComparison.Ordinal), File.ReadAllText(Source(bits))));

        static string Source(int bits) => Path.Combine(Root(AppContext.BaseDirectory), "Pigeon.Kernels", "Math", $"VectorMath{bits}.cs");
        static string Root(string folder) => File.Exists(Path.Combine(folder, "Pigeon.sln")) ? folder : Root(Path.GetDirectoryName(folder)!);
    }

    private static IEnumerable<float> Points()
    {
        for (int i = -20_000; i <= 20_000; i++)
        {
            yield return i / 1500f;
        }

        for (float x = 1e-20f; x < 1; x *= 1.07f)
        {
            yield return x;
            yield return -x;
        }
    }

    /// <summary>2/√π ∫ e^(−t²) from 0 to x: the series that has terms of one sign, exact to double precision.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 6)
        {
            return Math.Sign(x);
        }

        double term = x;
        double sum = x;
        for (int n = 1; Math.Abs(term) > Math.Abs(sum) * 1e-17; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
