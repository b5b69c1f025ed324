using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Pigeon.Kernels;

/// <summary>
/// Random numbers by counter: the n-th number of a key depends on the key and n alone, so any thread finds any number without a
/// state, and the backward pass finds the forward pass's again. The mixing function is a 32-bit finaliser with two multiplications
/// (multipliers 0x7FEB352D and 0x846CA68B), applied to each half of the counter.
/// </summary>
public static class CounterRandom
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization;
    private const uint Golden = 0x9E3779B9;
    private const float Unit = 1f / (1 << 24);

    /// <summary>The key of a stream under a seed.</summary>
    /// <param name="stream">The stream: one for every place in a program that draws numbers.</param>
    /// <param name="seed0">A whole number below 2^24.</param>
    /// <param name="seed1">Another one.</param>
    public static ulong Key(uint stream, float seed0, float seed1)
    {
        uint low = Mix((uint)seed0 + (stream * Golden));
        uint high = Mix((uint)seed1 ^ low);
        return ((ulong)high << 32) | low;
    }

    /// <summary>The n-th number of a key, a multiple of 2^-24 in [0, 1).</summary>
    [MethodImpl(Fast)]
    public static float Uniform(ulong key, ulong n)
    {
        uint h = Mix((uint)n + (uint)key);
        h = Mix(h ^ ((uint)(n >> 32) + (uint)(key >> 32)));
        return (h >> 8) * Unit;
    }

    /// <summary>The numbers n, n + 1, … n + 15 of a key.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Uniform512(ulong key, ulong n)
    {
        // The upper half of the counter changes at most once in a vector.
        Vector512<uint> low = Vector512.Create((uint)n) + Vector512<uint>.Indices;
        Vector512<uint> carry = Vector512.LessThan(low, Vector512.Create((uint)n)) & Vector512<uint>.One;
        Vector512<uint> high = Vector512.Create((uint)(n >> 32) + (uint)(key >> 32)) + carry;
        Vector512<uint> h = Mix(Mix(low + Vector512.Create((uint)key)) ^ high);
        return Vector512.ConvertToSingle((h >> 8).AsInt32()) * Unit;
    }

    /// <summary>The numbers n, n + 1, … n + 7 of a key.</summary>
    [MethodImpl(Fast)]
    public static Vector256<float> Uniform256(ulong key, ulong n)
    {
        Vector256<uint> low = Vector256.Create((uint)n) + Vector256<uint>.Indices;
        Vector256<uint> carry = Vector256.LessThan(low, Vector256.Create((uint)n)) & Vector256<uint>.One;
        Vector256<uint> high = Vector256.Create((uint)(n >> 32) + (uint)(key >> 32)) + carry;
        Vector256<uint> h = Mix(Mix(low + Vector256.Create((uint)key)) ^ high);
        return Vector256.ConvertToSingle((h >> 8).AsInt32()) * Unit;
    }

    /// <summary>The numbers n, n + 1, n + 2, n + 3 of a key.</summary>
    [MethodImpl(Fast)]
    public static Vector128<float> Uniform128(ulong key, ulong n) => Uniform256(key, n).GetLower();

    [MethodImpl(Fast)]
    private static uint Mix(uint x)
    {
        x = (x ^ (x >> 16)) * 0x7FEB352D;
        x = (x ^ (x >> 15)) * 0x846CA68B;
        return x ^ (x >> 16);
    }

    [MethodImpl(Fast)]
    private static Vector512<uint> Mix(Vector512<uint> x)
    {
        x = (x ^ (x >>> 16)) * Vector512.Create(0x7FEB352Du);
        x = (x ^ (x >>> 15)) * Vector512.Create(0x846CA68Bu);
        return x ^ (x >>> 16);
    }

    [MethodImpl(Fast)]
    private static Vector256<uint> Mix(Vector256<uint> x)
    {
        x = (x ^ (x >>> 16)) * Vector256.Create(0x7FEB352Du);
        x = (x ^ (x >>> 15)) * Vector256.Create(0x846CA68Bu);
        return x ^ (x >>> 16);
    }
}
