using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Pigeon.Kernels;

/// <content>The functions at 512 bits.</content>
public static partial class VectorMath
{
    /// <summary>
    /// e^x, to 2 units in the last place: x = n·ln 2 + r with |r| ≤ ln 2 / 2, and 2^n times the Maclaurin series of e^r to its seventh
    /// power. The scale is applied in two halves, so that results below the normal range round and large ones become infinite.
    /// </summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        Vector512<float> clamped = Vector512.MinNative(Vector512.MaxNative(x, Vector512.Create(-105f)), Vector512.Create(89f));
        Vector512<float> n = Vector512.Round(clamped * 1.44269504f);

        // ln 2 in two parts; n times the first is exact.
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693145752f), clamped);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-1.42860677e-6f), r);
        Vector512<float> p = Vector512.FusedMultiplyAdd(Vector512.Create(1f / 5040f), r, Vector512.Create(1f / 720f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 120f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 24f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 6f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        Vector512<int> whole = Vector512.ConvertToInt32Native(n);
        Vector512<int> half = whole >> 1;
        Vector512<float> first = ((half + Vector512.Create(127)) << 23).AsSingle();
        Vector512<float> second = ((whole - half + Vector512.Create(127)) << 23).AsSingle();
        return Vector512.ConditionalSelect(Vector512.Equals(x, x), p * first * second, x);
    }

    /// <summary>Hyperbolic tangent, (1 − e^−2|x|) / (1 + e^−2|x|) with the sign of x; below 0.15 its Maclaurin series.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        Vector512<float> a = Vector512.Abs(x);
        Vector512<float> t = Exp(a * -2f);
        Vector512<float> far = (Vector512<float>.One - t) / (Vector512<float>.One + t);
        Vector512<float> s = x * x;
        Vector512<float> near = Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(
            Vector512.Create(-17f / 315f), s, Vector512.Create(2f / 15f)), s, Vector512.Create(-1f / 3f)), s, Vector512<float>.One);
        return Vector512.ConditionalSelect(Vector512.LessThan(a, Vector512.Create(SmallTanh)), near * x, Vector512.CopySign(far, x));
    }

    /// <summary>1 / (1 + e^−x).</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Sigmoid(Vector512<float> x) =>
        Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>
    /// The error function, to 1.5e-7: Abramowitz and Stegun 7.1.26; below 0.5 the Maclaurin series 7.1.5, so that small
    /// arguments keep their relative precision.
    /// </summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Erf(Vector512<float> x)
    {
        Vector512<float> a = Vector512.Abs(x);
        Vector512<float> s = x * x;
        Vector512<float> t = Vector512<float>.One / Vector512.FusedMultiplyAdd(Vector512.Create(0.3275911f), a, Vector512<float>.One);
        Vector512<float> p = Vector512.FusedMultiplyAdd(Vector512.Create(1.061405429f), t, Vector512.Create(-1.453152027f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(1.421413741f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(-0.284496736f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(0.254829592f));
        Vector512<float> far = Vector512<float>.One - (p * t * Exp(-s));
        Vector512<float> q = Vector512.FusedMultiplyAdd(Vector512.Create(-1f / 1320f), s, Vector512.Create(1f / 216f));
        q = Vector512.FusedMultiplyAdd(q, s, Vector512.Create(-1f / 42f));
        q = Vector512.FusedMultiplyAdd(q, s, Vector512.Create(1f / 10f));
        q = Vector512.FusedMultiplyAdd(q, s, Vector512.Create(-1f / 3f));
        q = Vector512.FusedMultiplyAdd(q, s, Vector512<float>.One);
        Vector512<float> near = q * x * 1.1283791671f;
        return Vector512.ConditionalSelect(Vector512.LessThan(a, Vector512.Create(SmallErf)), near, Vector512.CopySign(far, x));
    }
}
