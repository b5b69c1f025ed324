namespace Pigeon.Simulator;

/// <summary>The state spaces of PTX.</summary>
internal enum PtxSpace
{
    /// <summary>None is stated: the address says which.</summary>
    Generic,

    /// <summary>Memory of the device.</summary>
    Global,

    /// <summary>Constant tables.</summary>
    Const,

    /// <summary>Memory of a block.</summary>
    Shared,

    /// <summary>Memory of a thread.</summary>
    Local,

    /// <summary>Parameters.</summary>
    Param,
}

/// <summary>A variable, an array, or a parameter.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Space">Where it is.</param>
/// <param name="Type">The type of an element.</param>
/// <param name="Bytes">Its size; 0 of dynamic shared memory.</param>
/// <param name="Alignment">What its address is a multiple of.</param>
/// <param name="Initial">Initial values, or null.</param>
/// <param name="Line">The line of the PTX.</param>
internal sealed record PtxVariable(
    string Name, PtxSpace Space, PtxType Type, long Bytes, int Alignment, List<PtxInitial>? Initial, int Line)
{
    /// <summary>The number of this parameter among those of its function, or -1.</summary>
    public int Ordinal { get; init; } = -1;
}

/// <summary>One element of an initialiser: bits, or the address of a symbol plus the bits.</summary>
/// <param name="Bits">The bits or offset.</param>
/// <param name="Symbol">A symbol, or null.</param>
internal readonly record struct PtxInitial(ulong Bits, string? Symbol);
