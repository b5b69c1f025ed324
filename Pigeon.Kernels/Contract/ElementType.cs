namespace Pigeon.Kernels;

/// <summary>How one number of a value is stored. Arithmetic is in <see cref="F32"/>, whatever numbers are stored in.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 single precision.</summary>
    F32,

    /// <summary>bfloat16: the upper half of a single precision number, which <see cref="Bf16"/> rounds to and widens again.</summary>
    BF16,

    /// <summary>IEEE 754 half precision.</summary>
    F16,

    /// <summary>Signed 8-bit integers of quantised models.</summary>
    I8,
}

/// <summary>What is known of an <see cref="ElementType"/>.</summary>
public static class ElementTypes
{
    /// <summary>The bytes of one number.</summary>
    public static int Bytes(this ElementType element) => element switch
    {
        ElementType.F32 => 4,
        ElementType.BF16 or ElementType.F16 => 2,
        _ => 1,
    };
}
