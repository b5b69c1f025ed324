using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Pigeon.Kernels;

/// <content>The functions at 128 bits.</content>
public static partial class VectorMath
{
    /// <summary>
    /// e^x, to 2 units in the last place: x = n·ln 2 + r with |r| ≤ ln 2 / 2, and 2^n times the Maclaurin series of e^r to its seventh
    /// power. The scale is applied in two halves, so that results below the normal range round and large ones become infinite.
    /// </summary>
    [MethodImpl(Fast)]
    public static Vector128<float> Exp(Vector128<float> x)
    {
        Vector128<float> clamped = Vector128.MinNative(Vector128.MaxNative(x, Vector128.Create(-105f)), Vector128.Create(89f));
        Vector128<float> n = Vector128.Round(clamped * 1.44269504f);

        // ln 2 in two parts; n times the first is exact.
        Vector128<float> r = Vector128.FusedMultiplyAdd(n, Vector128.Create(-0.693145752f), clamped);
        r = Vector128.FusedMultiplyAdd(n, Vector128.Create(-1.42860677e-6f), r);
        Vector128<float> p = Vector128.FusedMultiplyAdd(Vector128.Create(1f / 5040f), r, Vector128.Create(1f / 720f));
        p = Vector128.FusedMultiplyAdd(p, r, Vector128.Create(1f / 120f));
        p = Vector128.FusedMultiplyAdd(p, r, Vector128.Create(1f / 24f));
        p = Vector128.FusedMultiplyAdd(p, r, Vector128.Create(1f / 6f));
        p = Vector128.FusedMultiplyAdd(p, r, Vector128.Create(0.5f));
        p = Vector128.FusedMultiplyAdd(p, r, Vector128<float>.One);
        p = Vector128.FusedMultiplyAdd(p, r, Vector128<float>.One);
        Vector128<int> whole = Vector128.ConvertToInt32Native(n);
        Vector128<int> half = whole >> 1;
        Vector128<float> first = ((half + Vector128.Create(127)) << 23).AsSingle();
        Vector128<float> second = ((whole - half + Vector128.Create(127)) << 23).AsSingle();
        return Vector128.ConditionalSelect(Vector128.Equals(x, x), p * first * second, x);
    }

    /// <summary>Hyperbolic tangent, (1 − e^−2|x|) / (1 + e^−2|x|) with the sign of x; below 0.15 its Maclaurin series.</summary>
    [MethodImpl(Fast)]
    public static Vector128<float> Tanh(Vector128<float> x)
    {
        Vector128<float> a = Vector128.Abs(x);
        Vector128<float> t = Exp(a * -2f);
        Vector128<float> far = (Vector128<float>.One - t) / (Vector128<float>.One + t);
        Vector128<float> s = x * x;
        Vector128<float> near = Vector128.FusedMultiplyAdd(Vector128.FusedMultiplyAdd(Vector128.FusedMultiplyAdd(
            Vector128.Create(-17f / 315f), s, Vector128.Create(2f / 15f)), s, Vector128.Create(-1f / 3f)), s, Vector128<float>.One);
        return Vector128.ConditionalSelect(Vector128.LessThan(a, Vector128.Create(SmallTanh)), near * x, Vector128.CopySign(far, x));
    }

    /// <summary>1 / (1 + e^−x).</summary>
    [MethodImpl(Fast)]
    public static Vector128<float> Sigmoid(Vector128<float> x) =>
        Vector128<float>.One / (Vector128<float>.One + Exp(-x));

    /// <summary>
    /// The error function, to 1.5e-7: Abramowitz and Stegun 7.1.26; below 0.5 the Maclaurin series 7.1.5, so that small
    /// arguments keep their relative precision.
    /// </summary>
    [MethodImpl(Fast)]
    public static Vector128<float> Erf(Vector128<float> x)
    {
        Vector128<float> a = Vector128.Abs(x);
        Vector128<float> s = x * x;
        Vector128<float> t = Vector128<float>.One / Vector128.FusedMultiplyAdd(Vector128.Create(0.3275911f), a, Vector128<float>.One);
        Vector128<float> p = Vector128.FusedMultiplyAdd(Vector128.Create(1.061405429f), t, Vector128.Create(-1.453152027f));
        p = Vector128.FusedMultiplyAdd(p, t, Vector128.Create(1.421413741f));
        p = Vector128.FusedMultiplyAdd(p, t, Vector128.Create(-0.284496736f));
        p = Vector128.FusedMultiplyAdd(p, t, Vector128.Create(0.254829592f));
        Vector128<float> far = Vector128<float>.One - (p * t * Exp(-s));
        Vector128<float> q = Vector128.FusedMultiplyAdd(Vector128.Create(-1f / 1320f), s, Vector128.Create(1f / 216f));
        q = Vector128.FusedMultiplyAdd(q, s, Vector128.Create(-1f / 42f));
        q = Vector128.FusedMultiplyAdd(q, s, Vector128.Create(1f / 10f));
        q = Vector128.FusedMultiplyAdd(q, s, Vector128.Create(-1f / 3f));
        q = Vector128.FusedMultiplyAdd(q, s, Vector128<float>.One);
        Vector128<float> near = q * x * 1.1283791671f;
        return Vector128.ConditionalSelect(Vector128.LessThan(a, Vector128.Create(SmallErf)), near, Vector128.CopySign(far, x));
    }
}
