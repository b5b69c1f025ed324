using System.Numerics;

namespace Pigeon.Simulator;

/// <summary>d = f(a, b, c) of f32, with subnormals flushed and the result saturated where that is asked for.</summary>
internal sealed unsafe class SingleOperation(
    Row d, Row[] sources, Func<float, float, float, float> function, bool flush, bool saturate) : Operation
{
    private readonly Row a = sources[0];
    private readonly Row b = sources[sources.Length > 1 ? 1 : 0];
    private readonly Row c = sources[sources.Length > 2 ? 2 : 0];

    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        float* to = warp.Values<float>(d), first = warp.Values<float>(a), second = warp.Values<float>(b), third = warp.Values<float>(c);
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            float value = flush
                ? Rounding.Flush(function(Rounding.Flush(first[lane]), Rounding.Flush(second[lane]), Rounding.Flush(third[lane])))
                : function(first[lane], second[lane], third[lane]);
            to[lane] = saturate ? Rounding.Saturate(value) : value;
        }
    }
}

/// <summary>d = f(a, b, c) of f64.</summary>
internal sealed unsafe class DoubleOperation(Row d, Row[] sources, Func<double, double, double, double> function) : Operation
{
    private readonly Row a = sources[0];
    private readonly Row b = sources[sources.Length > 1 ? 1 : 0];
    private readonly Row c = sources[sources.Length > 2 ? 2 : 0];

    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        double* to = warp.Values<double>(d), first = warp.Values<double>(a), second = warp.Values<double>(b),
            third = warp.Values<double>(c);
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            to[lane] = function(first[lane], second[lane], third[lane]);
        }
    }
}
