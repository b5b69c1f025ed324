namespace Pigeon.Compiler;

/// <summary>What NVIDIA publishes of a GPU: dense peaks, without sparsity.</summary>
/// <param name="Name">The GPU.</param>
/// <param name="F32Flops">Floating-point operations a second in f32, outside tensor cores.</param>
/// <param name="Tf32Flops">The same of tensor cores in tf32.</param>
/// <param name="Bf16Flops">The same in bf16.</param>
/// <param name="MemoryBytes">Bytes a second of its memory.</param>
/// <param name="CacheBytes">Bytes of its second-level cache.</param>
public sealed record GpuPeaks(string Name, double F32Flops, double Tf32Flops, double Bf16Flops, double MemoryBytes, long CacheBytes)
{
    private const int Hopper = 90;

    /// <summary>The data sheet of the A100 80GB PCIe.</summary>
    public static GpuPeaks A100 { get; } = new("A100", 19.5e12, 156e12, 312e12, 1.935e12, 40L << 20);

    /// <summary>The data sheet of the H100 SXM5.</summary>
    public static GpuPeaks H100 { get; } = new("H100", 66.9e12, 494.7e12, 989.4e12, 3.352e12, 50L << 20);

    /// <summary>The GPU that stands for an architecture: an H100 from 9.0 on, an A100 before.</summary>
    /// <param name="architecture">The compute capability, as in 80 for 8.0.</param>
    public static GpuPeaks Of(int architecture) => architecture >= Hopper ? H100 : A100;

    /// <summary>The peak of products.</summary>
    /// <param name="precision">What they multiply in.</param>
    public double Flops(GemmPrecision precision) => precision switch
    {
        GemmPrecision.F32 => F32Flops,
        GemmPrecision.Tf32 => Tf32Flops,

        // Three products of tf32 for one.
        GemmPrecision.Tf32x3 => Tf32Flops / 3,
        _ => Bf16Flops,
    };
}
