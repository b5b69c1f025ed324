namespace Pigeon.Runtime.Tests;

/// <summary>Damages files.</summary>
public static class Mutation
{
    /// <summary>The file with some bytes overwritten, and then cut or made longer at its end.</summary>
    /// <param name="file">The file.</param>
    /// <param name="bytes">The new bytes.</param>
    /// <param name="places">Where they go, modulo the length; as many or more.</param>
    /// <param name="growth">How many bytes the end moves.</param>
    public static byte[] Of(byte[] file, int[] bytes, int[] places, int growth)
    {
        byte[] changed = [.. file];
        for (int i = 0; i < bytes.Length; i++)
        {
            changed[(uint)places[i] % changed.Length] = (byte)bytes[i];
        }

        Array.Resize(ref changed, changed.Length + growth);
        return changed;
    }
}
