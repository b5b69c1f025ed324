using System.Globalization;
using System.Text;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>The report on a plan's CUDA kernels: what the compiler says of each, and what a roofline predicts.</summary>
internal static class CudaReport
{
    // Published peaks: NVIDIA A100 80GB PCIe data sheet, 19.5 TFLOP/s f32 and 1,935 GB/s; H100 SXM5 data sheet, 66.9 TFLOP/s and 3,352 GB/s.
    private static readonly (string Name, int Architecture, double Flops, double BytesPerSecond)[] Machines =
    [
        ("A100", 80, 19.5e12, 1.935e12),
        ("H100", 90, 66.9e12, 3.352e12),
    ];

    /// <summary>The text of the report.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="source">Its kernels.</param>
    /// <param name="compiled">What NVRTC made of them.</param>
    /// <param name="architecture">The architecture they are compiled for.</param>
    /// <param name="graph">The graph whose counts give FLOPs and bytes; null where there is none.</param>
    public static string Write(Plan plan, CudaSource source, CompiledCuda compiled, int architecture, GraphBinding? graph)
    {
        var text = new StringBuilder();
        Line($"Kernels of {plan.Program.Name} for sm_{architecture}, compiled by NVRTC {Nvrtc.Found.Version}. Nothing here was run on a GPU.");
        Line($"");
        Line($"{"kernel",-24}{"threads",8}{"registers",10}{"spill B",8}{"stack B",8}{"shared B",9}{"sm_80",7}{"sm_90",7}   occupancy of each");
        IReadOnlyList<KernelResources> kernels = KernelResources.Parse(compiled.Log);
        foreach (GpuLaunchSignature launch in source.Signature.Launches)
        {
            KernelResources k = kernels.Single(x => x.Name == launch.Kernel);
            Line($"{k.Name,-24}{launch.Threads,8}{k.Registers,10}{k.SpillBytes,8}{k.StackBytes,8}{k.SharedBytes,9}{
                Percent(k.Occupancy(80, launch.Threads)),7}{Percent(k.Occupancy(90, launch.Threads)),7}");
        }

        Line($"");
        Line($"Launches of a run: {source.Signature.Launches.Count(l => !l.Once)}; when a graph is bound: {source.Signature.Launches.Count(l => l.Once)}.");
        if (graph is null)
        {
            Line($"Give --dataset or --graph for FLOPs, bytes and predicted times.");
            return text.ToString();
        }

        Line($"");
        Line($"Predicted, not measured: each kernel takes as long as its FLOPs at the published f32 peak or its bytes at the published");
        Line($"bandwidth, whichever is longer. Bytes are those of the values that it reads and writes, each once.");
        Line($"");
        Line($"{"kernel",-24}{"MFLOP",12}{"MiB",10}{"A100 us",10}{"H100 us",10}");
        double[] totals = new double[Machines.Length];
        foreach (Kernel kernel in plan.Kernels.Where(k => !k.Once))
        {
            PlanCost cost = PlanCost.Of(plan, kernel, graph);
            double[] times = [.. Machines.Select(m => 1e6 * Math.Max(cost.Flops / m.Flops, cost.BytesMoved / m.BytesPerSecond))];
            totals = [.. totals.Zip(times, (a, b) => a + b)];
            Line($"{kernel.Name,-24}{cost.Flops / 1e6,12:F2}{cost.BytesMoved / (double)(1 << 20),10:F2}{times[0],10:F2}{times[1],10:F2}");
        }

        Line($"{"all",-24}{"",12}{"",10}{totals[0],10:F2}{totals[1],10:F2}");
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture).TrimEnd()).Append('\n');
    }

    private static string Percent(double share) => $"{(100 * share).ToString("F0", CultureInfo.InvariantCulture)} %";
}
