namespace Pigeon.Simulator;

/// <summary>The fundamental types of PTX.</summary>
internal enum PtxType
{
    /// <summary>No type is stated.</summary>
    None,

    /// <summary>One bit a lane.</summary>
    Pred,

    /// <summary>Untyped bits.</summary>
    B8,

    /// <inheritdoc cref="B8"/>
    B16,

    /// <inheritdoc cref="B8"/>
    B32,

    /// <inheritdoc cref="B8"/>
    B64,

    /// <inheritdoc cref="B8"/>
    B128,

    /// <summary>Unsigned integers.</summary>
    U8,

    /// <inheritdoc cref="U8"/>
    U16,

    /// <inheritdoc cref="U8"/>
    U32,

    /// <inheritdoc cref="U8"/>
    U64,

    /// <summary>Signed integers.</summary>
    S8,

    /// <inheritdoc cref="S8"/>
    S16,

    /// <inheritdoc cref="S8"/>
    S32,

    /// <inheritdoc cref="S8"/>
    S64,

    /// <summary>IEEE binary16.</summary>
    F16,

    /// <summary>Two of <see cref="F16"/> in 32 bits.</summary>
    F16X2,

    /// <summary>The upper half of a binary32.</summary>
    BF16,

    /// <summary>Two of <see cref="BF16"/> in 32 bits.</summary>
    BF16X2,

    /// <summary>A binary32 whose lower 13 bits don't count.</summary>
    TF32,

    /// <summary>IEEE binary32.</summary>
    F32,

    /// <summary>IEEE binary64.</summary>
    F64,
}

/// <summary>Sizes and names of types.</summary>
internal static class PtxTypes
{
    private static readonly Dictionary<string, PtxType> ByName =
        Enum.GetValues<PtxType>().Where(type => type != PtxType.None).ToDictionary(type => type.ToString().ToLowerInvariant());

    /// <summary>The type of that name, such as <c>u32</c>; None where it names no type.</summary>
    public static PtxType Parse(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The bytes of a value; 1 of a predicate.</summary>
    public static int Bytes(this PtxType type) => type switch
    {
        PtxType.Pred or PtxType.B8 or PtxType.U8 or PtxType.S8 => 1,
        PtxType.B16 or PtxType.U16 or PtxType.S16 or PtxType.F16 or PtxType.BF16 => 2,
        PtxType.B64 or PtxType.U64 or PtxType.S64 or PtxType.F64 => 8,
        PtxType.B128 => 16,
        _ => 4,
    };

    /// <summary>Whether values are signed integers.</summary>
    public static bool IsSigned(this PtxType type) => type is PtxType.S8 or PtxType.S16 or PtxType.S32 or PtxType.S64;

    /// <summary>Whether values are signed or unsigned integers, or bits.</summary>
    public static bool IsInteger(this PtxType type) => type is >= PtxType.B8 and <= PtxType.S64;

    /// <summary>Whether values are floating point.</summary>
    public static bool IsFloat(this PtxType type) => type >= PtxType.F16;
}
