using System.Globalization;
using System.Text.RegularExpressions;

namespace Pigeon.Runtime;

/// <summary>What a compiled kernel takes of a multiprocessor.</summary>
/// <param name="Name">The kernel.</param>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="StackBytes">Local memory of a thread.</param>
/// <param name="SpillBytes">Bytes that a thread stores because registers ran out.</param>
/// <param name="SharedBytes">Shared memory of a block.</param>
public sealed partial record KernelResources(string Name, int Registers, int StackBytes, int SpillBytes, int SharedBytes)
{
    private const int WarpThreads = 32;
    private const int RegistersOfMultiprocessor = 65536;
    private const int RegisterUnit = 256;
    private const int SharedUnit = 128;
    private const int ReservedSharedBytes = 1024;

    /// <summary>Reads the log that NVRTC gives with the option <c>--ptxas-options=-v</c>.</summary>
    public static IReadOnlyList<KernelResources> Parse(string log)
    {
        var kernels = new List<KernelResources>();
        foreach (Match match in Entry().Matches(log))
        {
            int Number(string group) => match.Groups[group].Success ? int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;
            kernels.Add(new(match.Groups["name"].Value, Number("registers"), Number("stack"), Number("spill"), Number("shared")));
        }

        return [.. kernels.OrderBy(k => k.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// The share of a multiprocessor's threads that can be resident, from the limits in NVIDIA's CUDA C++ programming guide, table
    /// "technical specifications per compute capability".
    /// </summary>
    /// <param name="architecture">80, 86, 89 or 90.</param>
    /// <param name="threads">Threads of a block.</param>
    public double Occupancy(int architecture, int threads)
    {
        (int warps, int blocks, int sharedBytes) = architecture switch
        {
            86 => (48, 16, 100 * 1024),
            89 => (48, 24, 100 * 1024),
            >= 90 => (64, 32, 228 * 1024),
            _ => (64, 32, 164 * 1024),
        };
        int warpsOfBlock = (threads + WarpThreads - 1) / WarpThreads;
        int registersOfWarp = RoundUp(Registers * WarpThreads, RegisterUnit);
        int byRegisters = registersOfWarp == 0 ? blocks : RegistersOfMultiprocessor / registersOfWarp / warpsOfBlock;
        int byShared = sharedBytes / RoundUp(SharedBytes + ReservedSharedBytes, SharedUnit);
        int resident = Math.Min(Math.Min(byRegisters, byShared), Math.Min(blocks, warps / warpsOfBlock));
        return (double)resident * warpsOfBlock / warps;
    }

    private static int RoundUp(int number, int unit) => (number + unit - 1) / unit * unit;

    [GeneratedRegex(@"entry function '(?<name>\w+)'.*\n.*\n\D*(?<stack>\d+) bytes stack frame, (?<spill>\d+) bytes spill stores.*\n\D*Used (?<registers>\d+) registers(?:, used \d+ barriers)?(?:, \d+ bytes cumulative stack size)?(?:, (?<shared>\d+) bytes smem)?")]
    private static partial Regex Entry();
}
