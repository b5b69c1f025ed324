using CsCheck;
using Xunit;

namespace Pigeon.Runtime.Tests;

public sealed class TensorTests
{
    [Fact]
    public void Tensor_holds_zeros_at_an_aligned_address()
    {
        using Tensor tensor = Tensor.Zeros(3, 4, 5);
        Assert.Equal([3, 4, 5], tensor.Shape.AsSpan());
        Assert.Equal(60, tensor.Length);
        Assert.Equal(60, tensor.Span.Length);
        Assert.False(tensor.Span.ContainsAnyExcept(0));
        Assert.Equal(0, tensor.Address % 64);
    }

    [Fact]
    public void Tensor_without_dimensions_is_a_scalar()
    {
        using Tensor tensor = Tensor.From([7]);
        Assert.Empty(tensor.Shape);
        Assert.Equal([7f], tensor.Span.ToArray());
    }

    [Fact]
    public void Tensor_copies_values_in_C_order()
    {
        float[] values = [1, 2, 3, 4, 5, 6];
        using Tensor tensor = Tensor.From(values, 2, 3);
        values[0] = 9;
        Assert.Equal([1, 2, 3, 4, 5, 6], tensor.Span.ToArray());
        Assert.Equal([4, 5], tensor.Slice(3, 2).ToArray());
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(3L, 0L)]
    [InlineData(0L, 5L, 2L)]
    public void Tensor_may_be_empty(params long[] shape)
    {
        using Tensor tensor = Tensor.Zeros([.. shape]);
        Assert.Equal(0, tensor.Length);
        Assert.True(tensor.Span.IsEmpty);
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(2L, long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 32, 1L << 31)]
    [InlineData(1L << 62, 2L)]
    [InlineData(1L << 62, 4L, 0L)]
    [InlineData(0L, 1L << 62, 4L)]
    public void Tensor_refuses_a_shape_without_a_size(params long[] shape) =>
        Refusal.Of("PG0350", () => Tensor.Zeros([.. shape]));

    [Fact]
    public void Tensor_refuses_too_many_dimensions() => Refusal.Of("PG0350", () => Tensor.Zeros([.. Enumerable.Repeat(1L, 33)]));

    [Fact]
    public void Tensor_refuses_more_than_the_machine_has() => Refusal.Of("PG0353", () => Tensor.Zeros(1L << 40, 1L << 12));

    [Theory]
    [InlineData(5L)]
    [InlineData(2L, 2L)]
    [InlineData(-6L)]
    [InlineData(-2L, -3L)]
    public void Tensor_refuses_values_of_another_number(params long[] shape) =>
        Refusal.Of("PG0351", () => Tensor.From([1, 2, 3, 4, 5, 6], [.. shape]));

    [Fact]
    public void Slice_stays_inside()
    {
        using Tensor tensor = Tensor.Zeros(10);
        Assert.Equal(0, tensor.Slice(10, 0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Slice(8, 3).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Slice(-1, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Slice(11, 0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Slice(long.MaxValue, 1).Length);
    }

    [Fact]
    public void Disposed_tensor_gives_nothing_out()
    {
        Tensor tensor = Tensor.Zeros(4);
        tensor.Dispose();
        tensor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => tensor.Address);
    }

    // The expected numbers were computed from the documented formula in Python.
    [Fact]
    public void Random_numbers_follow_the_documented_formula()
    {
        using Tensor numbers = Tensor.Random([4], seed: 7, scale: 2);
        using Tensor integers = Tensor.RandomIntegers([2, 4], seed: 7, low: -2, high: 2);
        Assert.Equal([-0.9513081312179565f * 2, 0.6042779684066772f * 2, -0.11800754070281982f * 2, -0.23354148864746094f * 2], numbers.Span.ToArray());
        Assert.Equal([0, -1, 2, 2, 1, -1, -1, 1], integers.Span.ToArray());
    }

    [Fact]
    public void Random_numbers_stay_in_range_and_depend_on_the_seed() => Gen.Select(Gen.ULong, Gen.Int[1, 300]).Sample((seed, length) =>
    {
        using Tensor one = Tensor.Random([length], seed, 0.5f);
        using Tensor same = Tensor.Random([length, 1], seed, 0.5f);
        using Tensor other = Tensor.Random([length], seed + 1, 0.5f);
        return one.Span.SequenceEqual(same.Span) && !one.Span.SequenceEqual(other.Span)
            && one.Span.ToArray().All(value => value is >= -0.5f and < 0.5f);
    });

    [Fact]
    public void Random_integers_take_every_value_about_as_often()
    {
        using Tensor tensor = Tensor.RandomIntegers([70_000], seed: 1, low: -3, high: 3);
        int[] counts = [.. tensor.Span.ToArray().CountBy(value => (int)value).OrderBy(entry => entry.Key).Select(entry => entry.Value)];
        Assert.Equal(7, counts.Length);
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }

    [Fact]
    public void Random_integers_refuse_what_float32_cannot_count()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.RandomIntegers([1], 0, 0, (1 << 24) + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.RandomIntegers([1], 0, int.MinValue, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.RandomIntegers([1], 0, 1, 0));
    }
}
