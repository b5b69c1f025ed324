namespace Pigeon.Models;

/// <summary>Brings numbers from PyG's order into the program's.</summary>
internal static class Layout
{
    /// <summary>
    /// Reorders blocks of numbers: block <c>[i, j]</c> of an <c>a</c> by <c>b</c> array becomes block <c>[j, i]</c>. Blocks of one
    /// number transpose a matrix: torch keeps a linear map as <c>[out, in]</c>, the program as <c>[in, out]</c>.
    /// </summary>
    public static float[] SwapOuter(ReadOnlySpan<float> blocks, int a, int b)
    {
        float[] to = new float[blocks.Length];
        int block = blocks.Length / (a * b);
        for (int i = 0; i < a; i++)
        {
            for (int j = 0; j < b; j++)
            {
                blocks.Slice(((i * b) + j) * block, block).CopyTo(to.AsSpan(((j * a) + i) * block));
            }
        }

        return to;
    }

    /// <summary>The slices of a weight, one after the other.</summary>
    public static float[] Joined(IReadOnlyList<float[]> slices)
    {
        float[] all = new float[slices.Sum(slice => slice.Length)];
        int at = 0;
        foreach (float[] slice in slices)
        {
            slice.CopyTo(all, at);
            at += slice.Length;
        }

        return all;
    }
}
