namespace Pigeon.Simulator;

/// <summary>Three extents: of a grid in blocks, or of a block in threads.</summary>
/// <param name="X">Along x, at least 1.</param>
/// <param name="Y">Along y, at least 1.</param>
/// <param name="Z">Along z, at least 1.</param>
public readonly record struct LaunchSize(int X, int Y = 1, int Z = 1)
{
    /// <summary>The product.</summary>
    public long Count => (long)X * Y * Z;
}
