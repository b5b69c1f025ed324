using System.Numerics;
using System.Runtime.Intrinsics;

namespace Pigeon.Simulator;

/// <summary>A function of one value.</summary>
internal interface IUnary<T>
    where T : unmanaged
{
    /// <summary>The function.</summary>
    static abstract T Apply(T a);
}

/// <summary>A function of two values, and the same of vectors where <see cref="HasVectors"/> says so.</summary>
internal interface IBinary<T>
    where T : unmanaged
{
    /// <summary>Whether there is a form for vectors.</summary>
    static virtual bool HasVectors => false;

    /// <summary>The function.</summary>
    static abstract T Apply(T a, T b);

    /// <summary>The function, element by element.</summary>
    static virtual Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => throw new NotSupportedException();
}

/// <summary>A function of three values, and the same of vectors where <see cref="HasVectors"/> says so.</summary>
internal interface ITernary<T>
    where T : unmanaged
{
    /// <summary>Whether there is a form for vectors.</summary>
    static virtual bool HasVectors => false;

    /// <summary>The function.</summary>
    static abstract T Apply(T a, T b, T c);

    /// <summary>The function, element by element.</summary>
    static virtual Vector256<T> Apply(Vector256<T> a, Vector256<T> b, Vector256<T> c) => throw new NotSupportedException();
}

/// <summary>A relation of two values.</summary>
internal interface IRelation<T>
    where T : unmanaged
{
    /// <summary>Whether it holds.</summary>
    static abstract bool Holds(T a, T b);

    /// <summary>All bits of the elements for which it holds.</summary>
    static abstract Vector256<T> Holds(Vector256<T> a, Vector256<T> b);
}

/// <summary>a + b, rounded to nearest where it is floating point.</summary>
internal readonly struct Add<T> : IBinary<T>
    where T : unmanaged, INumber<T>
{
    public static bool HasVectors => true;

    public static T Apply(T a, T b) => unchecked(a + b);

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a + b;
}

/// <summary>a − b.</summary>
internal readonly struct Subtract<T> : IBinary<T>
    where T : unmanaged, INumber<T>
{
    public static bool HasVectors => true;

    public static T Apply(T a, T b) => unchecked(a - b);

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a - b;
}

/// <summary>The lower half of a · b, or the product rounded to nearest.</summary>
internal readonly struct Multiply<T> : IBinary<T>
    where T : unmanaged, INumber<T>
{
    public static bool HasVectors => true;

    public static T Apply(T a, T b) => unchecked(a * b);

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a * b;
}

/// <summary>The smaller integer.</summary>
internal readonly struct Minimum<T> : IBinary<T>
    where T : unmanaged, INumber<T>
{
    public static bool HasVectors => true;

    public static T Apply(T a, T b) => a < b ? a : b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.Min(a, b);
}

/// <summary>The larger integer.</summary>
internal readonly struct Maximum<T> : IBinary<T>
    where T : unmanaged, INumber<T>
{
    public static bool HasVectors => true;

    public static T Apply(T a, T b) => a > b ? a : b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.Max(a, b);
}

/// <summary>The bits of both.</summary>
internal readonly struct And<T> : IBinary<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool HasVectors => true;

    public static T Apply(T a, T b) => a & b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a & b;
}

/// <summary>The bits of either.</summary>
internal readonly struct Or<T> : IBinary<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool HasVectors => true;

    public static T Apply(T a, T b) => a | b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a | b;
}

/// <summary>The bits of one only.</summary>
internal readonly struct Xor<T> : IBinary<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool HasVectors => true;

    public static T Apply(T a, T b) => a ^ b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a ^ b;
}

/// <summary>The lower half of a · b + c.</summary>
internal readonly struct MultiplyAdd<T> : ITernary<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool HasVectors => true;

    public static T Apply(T a, T b, T c) => unchecked((a * b) + c);

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b, Vector256<T> c) => (a * b) + c;
}

/// <summary>a · b + c, rounded once.</summary>
internal readonly struct FusedMultiplyAdd<T> : ITernary<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static bool HasVectors => true;

    public static T Apply(T a, T b, T c) => T.FusedMultiplyAdd(a, b, c);

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b, Vector256<T> c) => typeof(T) == typeof(float)
        ? Vector256.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector256.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
}

/// <summary>a = b; of floating-point numbers where neither is NaN.</summary>
internal readonly struct Equal<T> : IRelation<T>
    where T : unmanaged, INumber<T>
{
    public static bool Holds(T a, T b) => a == b;

    public static Vector256<T> Holds(Vector256<T> a, Vector256<T> b) => Vector256.Equals(a, b);
}

/// <summary>a &lt; b.</summary>
internal readonly struct Less<T> : IRelation<T>
    where T : unmanaged, INumber<T>
{
    public static bool Holds(T a, T b) => a < b;

    public static Vector256<T> Holds(Vector256<T> a, Vector256<T> b) => Vector256.LessThan(a, b);
}

/// <summary>a ≤ b.</summary>
internal readonly struct LessOrEqual<T> : IRelation<T>
    where T : unmanaged, INumber<T>
{
    public static bool Holds(T a, T b) => a <= b;

    public static Vector256<T> Holds(Vector256<T> a, Vector256<T> b) => Vector256.LessThanOrEqual(a, b);
}

/// <summary>Neither is NaN.</summary>
internal readonly struct Ordered<T> : IRelation<T>
    where T : unmanaged, INumber<T>
{
    public static bool Holds(T a, T b) => !T.IsNaN(a) && !T.IsNaN(b);

    public static Vector256<T> Holds(Vector256<T> a, Vector256<T> b) => Vector256.Equals(a, a) & Vector256.Equals(b, b);
}

/// <summary>a ≠ b where neither is NaN.</summary>
internal readonly struct NotEqual<T> : IRelation<T>
    where T : unmanaged, INumber<T>
{
    public static bool Holds(T a, T b) => a < b || a > b;

    public static Vector256<T> Holds(Vector256<T> a, Vector256<T> b) => Vector256.LessThan(a, b) | Vector256.GreaterThan(a, b);
}
