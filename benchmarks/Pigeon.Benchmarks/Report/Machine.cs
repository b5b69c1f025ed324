using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pigeon.Benchmarks;

/// <summary>What the benchmarks ran on.</summary>
/// <param name="Processor">The processor's name, as the system gives it.</param>
/// <param name="Cores">The cores that the process may use.</param>
/// <param name="VectorBits">The width of the vectors that Pigeon generates code for.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="Torch">The version of libtorch; null where there is none.</param>
internal sealed record Machine(string Processor, int Cores, int VectorBits, string Runtime, string? Torch)
{
    /// <summary>This machine.</summary>
    public static Machine Here(bool withTorch) => new(ProcessorName(), Environment.ProcessorCount,
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128, RuntimeInformation.FrameworkDescription,
        withTorch ? TorchSharp.torch.__version__ : null);

    private static string ProcessorName()
    {
        const string cpuInfo = "/proc/cpuinfo";
        const string key = "model name";
        string? line = File.Exists(cpuInfo)
            ? File.ReadLines(cpuInfo).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))
            : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
