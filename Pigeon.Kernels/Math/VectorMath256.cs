using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Pigeon.Kernels;

/// <content>The functions at 256 bits.</content>
public static partial class VectorMath
{
    /// <summary>
    /// e^x, to 2 units in the last place: x = n·ln 2 + r with |r| ≤ ln 2 / 2, and 2^n times the Maclaurin series of e^r to its seventh
    /// power. The scale is applied in two halves, so that results below the normal range round and large ones become infinite.
    /// </summary>
    [MethodImpl(Fast)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        Vector256<float> clamped = Vector256.MinNative(Vector256.MaxNative(x, Vector256.Create(-105f)), Vector256.Create(89f));
        Vector256<float> n = Vector256.Round(clamped * 1.44269504f);

        // ln 2 in two parts; n times the first is exact.
        Vector256<float> r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693145752f), clamped);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-1.42860677e-6f), r);
        Vector256<float> p = Vector256.FusedMultiplyAdd(Vector256.Create(1f / 5040f), r, Vector256.Create(1f / 720f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1f / 120f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1f / 24f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1f / 6f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(0.5f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256<float>.One);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256<float>.One);
        Vector256<int> whole = Vector256.ConvertToInt32Native(n);
        Vector256<int> half = whole >> 1;
        Vector256<float> first = ((half + Vector256.Create(127)) << 23).AsSingle();
        Vector256<float> second = ((whole - half + Vector256.Create(127)) << 23).AsSingle();
        return Vector256.ConditionalSelect(Vector256.Equals(x, x), p * first * second, x);
    }

    /// <summary>Hyperbolic tangent, (1 − e^−2|x|) / (1 + e^−2|x|) with the sign of x; below 0.15 its Maclaurin series.</summary>
    [MethodImpl(Fast)]
    public static Vector256<float> Tanh(Vector256<float> x)
    {
        Vector256<float> a = Vector256.Abs(x);
        Vector256<float> t = Exp(a * -2f);
        Vector256<float> far = (Vector256<float>.One - t) / (Vector256<float>.One + t);
        Vector256<float> s = x * x;
        Vector256<float> near = Vector256.FusedMultiplyAdd(Vector256.FusedMultiplyAdd(Vector256.FusedMultiplyAdd(
            Vector256.Create(-17f / 315f), s, Vector256.Create(2f / 15f)), s, Vector256.Create(-1f / 3f)), s, Vector256<float>.One);
        return Vector256.ConditionalSelect(Vector256.LessThan(a, Vector256.Create(SmallTanh)), near * x, Vector256.CopySign(far, x));
    }

    /// <summary>1 / (1 + e^−x).</summary>
    [MethodImpl(Fast)]
    public static Vector256<float> Sigmoid(Vector256<float> x) =>
        Vector256<float>.One / (Vector256<float>.One + Exp(-x));

    /// <summary>
    /// The error function, to 1.5e-7: Abramowitz and Stegun 7.1.26; below 0.5 the Maclaurin series 7.1.5, so that small
    /// arguments keep their relative precision.
    /// </summary>
    [MethodImpl(Fast)]
    public static Vector256<float> Erf(Vector256<float> x)
    {
        Vector256<float> a = Vector256.Abs(x);
        Vector256<float> s = x * x;
        Vector256<float> t = Vector256<float>.One / Vector256.FusedMultiplyAdd(Vector256.Create(0.3275911f), a, Vector256<float>.One);
        Vector256<float> p = Vector256.FusedMultiplyAdd(Vector256.Create(1.061405429f), t, Vector256.Create(-1.453152027f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(1.421413741f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(-0.284496736f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(0.254829592f));
        Vector256<float> far = Vector256<float>.One - (p * t * Exp(-s));
        Vector256<float> q = Vector256.FusedMultiplyAdd(Vector256.Create(-1f / 1320f), s, Vector256.Create(1f / 216f));
        q = Vector256.FusedMultiplyAdd(q, s, Vector256.Create(-1f / 42f));
        q = Vector256.FusedMultiplyAdd(q, s, Vector256.Create(1f / 10f));
        q = Vector256.FusedMultiplyAdd(q, s, Vector256.Create(-1f / 3f));
        q = Vector256.FusedMultiplyAdd(q, s, Vector256<float>.One);
        Vector256<float> near = q * x * 1.1283791671f;
        return Vector256.ConditionalSelect(Vector256.LessThan(a, Vector256.Create(SmallErf)), near, Vector256.CopySign(far, x));
    }
}
