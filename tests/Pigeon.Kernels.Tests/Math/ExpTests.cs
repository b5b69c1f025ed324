using System.Runtime.Intrinsics;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public class ExpTests
{
    [Fact]
    public void Exp_is_within_two_units_in_the_last_place()
    {
        for (double x = -87; x < 88.7; x += 0.00137)
        {
            double expected = Math.Exp((float)x);
            Assert.True(Math.Abs(VectorMath.Exp((float)x) - expected) <= 2 * Math.Pow(2, -23) * expected, $"at {x}");
        }
    }

    [Theory]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(-200f, 0f)]
    [InlineData(0f, 1f)]
    [InlineData(90f, float.PositiveInfinity)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void Exp_keeps_to_the_limits(float x, float expected) => Assert.Equal(expected, VectorMath.Exp(x));

    [Fact]
    public void Exp_of_very_small_numbers_rounds_below_the_normal_range()
    {
        for (float x = -103; x < -87; x += 0.37f)
        {
            Assert.Equal(Math.Exp(x), VectorMath.Exp(x), tolerance: 2e-45);
        }
    }

    [Fact]
    public void Exp_gives_the_same_bits_at_every_width()
    {
        float[] xs = [-95.3f, -20.7f, -3.1f, -0.4f, 0.2f, 1.9f, 17.3f, 88.1f];
        Vector512<float> wide = Vector512.Create(Vector256.Create(xs.AsSpan()), Vector256.Create(xs.AsSpan()));
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(VectorMath.Exp(xs[i]), VectorMath.Exp(wide)[i]);
            Assert.Equal(VectorMath.Exp(xs[i]), VectorMath.Exp(wide.GetLower())[i]);
            Assert.Equal(VectorMath.Exp(xs[i & 3]), VectorMath.Exp(wide.GetLower().GetLower())[i & 3]);
        }
    }
}
