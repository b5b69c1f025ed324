namespace Pigeon.Compiler;

/// <summary>In what the products of GEMMs on a GPU are computed; sums, and everything else, are f32.</summary>
public enum GemmPrecision
{
    /// <summary>f32, by fused multiply-adds.</summary>
    F32,

    /// <summary>tf32, 10 bits of mantissa, by tensor cores.</summary>
    Tf32,

    /// <summary>bf16, 7 bits of mantissa, by tensor cores.</summary>
    Bf16,

    /// <summary>Nearly f32, by tensor cores: each number as the sum of two of tf32, in three products.</summary>
    Tf32x3,
}
