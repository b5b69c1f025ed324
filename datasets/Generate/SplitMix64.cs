namespace Pigeon.Datasets;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): a counter and a mixing function. The same seed gives the same bits on any machine; only
/// integer arithmetic and exact conversions are used.
/// </summary>
public struct SplitMix64
{
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;
    private ulong counter;

    /// <summary>Creates one of many independent streams of a seed.</summary>
    public SplitMix64(ulong seed, ulong stream) => counter = Mix(seed) + Mix(stream + Step);

    /// <summary>A whole number from 0 to <paramref name="limit"/> − 1; its bias is below 2⁻³².</summary>
    public int Below(int limit) => (int)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>A multiple of 2⁻⁵³ from 0 to just below 1.</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Puts a list in random order (Fisher and Yates).</summary>
    public void Shuffle(Span<int> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    private ulong Next() => Mix(counter += Step);
}
