namespace Pigeon.Simulator;

/// <summary>Where the 32 values of a register, or the 32 bits of a predicate, are in a frame.</summary>
/// <param name="Offset">The offset of the first byte.</param>
/// <param name="Slot">The number of the word that tells which lanes were written.</param>
/// <param name="Bytes">The bytes of a lane's value; 0 of a predicate.</param>
internal readonly record struct Row(int Offset, int Slot, int Bytes)
{
    /// <summary>No register.</summary>
    public static readonly Row None = new(-1, -1, -1);

    /// <summary>Whether there is one.</summary>
    public bool Exists => Slot >= 0;
}
