using System.Globalization;
using System.Text;

namespace Pigeon.Cli;

/// <summary>The text of a report on CUDA kernels.</summary>
internal static class CudaReport
{
    private static readonly (string Heading, string[] Classes)[] Mix =
    [
        ("fma", ["Fma"]), ("mma", ["Mma"]), ("float", ["Float", "Special"]), ("integer", ["Integer"]), ("load", ["GlobalLoad"]),
        ("store", ["GlobalStore"]), ("async", ["AsyncCopy"]), ("shared", ["SharedLoad", "SharedStore"]), ("warp", ["Warp", "Barrier"]),
        ("jump", ["Control"]), ("other", ["Other", "Local", "Atomic"]),
    ];

    private static readonly string[] Machine = ["HMMA", "FFMA", "LDG", "STG", "LDGSTS", "LDS", "STS", "LDSM", "BAR", "CALL"];

    /// <summary>Writes a report.</summary>
    public static string Write(GpuReport report)
    {
        var text = new StringBuilder();
        Line($"Kernels of {report.Program} for {report.Architecture}, GEMMs in {report.Precision}, compiled by NVRTC {report.Nvrtc}.");
        Line($"Nothing here was run on a GPU. Launches of a run: {report.Launches}; once before them: {report.LaunchesOnce}.");
        if (report.Graph is not null)
        {
            Line($"Counts are those of the graph {report.Graph}: {string.Join(", ", report.Sizes!.Select(s => $"{s.Key} {Format.Count(s.Value)}"))}.");
        }

        Head("Resources, as ptxas reports them, and the occupancy that follows from NVIDIA's documented limits",
            "of", "threads", "registers", "spill B", "stack B", "shared B", "sm_80", "sm_90");
        foreach (GpuKernelReport k in report.Kernels)
        {
            Row(k.Name, N(k.Members), N(k.Threads), N(k.Registers), N(k.SpillBytes), N(k.StackBytes), N(k.SharedBytes),
                Percent(k.OccupancySm80), Percent(k.OccupancySm90));
        }

        WriteSimulated();
        WriteMachineCode();
        WritePredicted();
        return text.ToString();

        void WritePredicted()
        {
            if (report.Graph is null)
            {
                return;
            }

            Head("Predicted, not measured: a roofline of the published peaks of f32 or tensor cores, and of bandwidth; each value moves once",
                "MFLOP", "MiB", "A100 us", "H100 us");
            GpuKernelReport[] everyRun = [.. report.Kernels.Where(k => !k.Once)];
            foreach (GpuKernelReport k in everyRun)
            {
                Row(k.Name, F(k.Flops / 1e6), F(k.Bytes / (double)(1 << 20)), F(k.PredictedUsA100), F(k.PredictedUsH100));
            }

            Row("all", F(everyRun.Sum(k => k.Flops) / 1e6), F(everyRun.Sum(k => k.Bytes) / (double)(1 << 20)),
                F(everyRun.Sum(k => k.PredictedUsA100)), F(everyRun.Sum(k => k.PredictedUsH100)));
        }

        void WriteSimulated()
        {
            if (report.NotSimulated is { } reason)
            {
                Line($"");
                Line($"Not simulated: {reason}.");
                return;
            }

            Head("Memory, counted by the simulator: requests of warps, sectors of 32 bytes, wavefronts of shared memory",
                "requests", "sect/req", "s/128 B", "KiB", "distinct", "wavefr.", "conflicts");
            foreach (GpuKernelReport k in report.Kernels.Where(k => k.Simulated is not null))
            {
                GpuKernelCounts c = k.Simulated!;
                Row(k.Name, N(c.GlobalRequests), F(c.SectorsPerRequest), F(c.SectorsPer128Bytes), F(c.SectorBytes / 1024.0),
                    F(c.DistinctBytes / 1024.0), N(c.SharedWavefronts), N(c.BankConflicts));
            }

            Line($"A run asks for {report.SimulatedBytes} bytes; its plan has to ask for {report.LowerBoundBytes}: {
                Format.Ratio((double)report.SimulatedBytes!.Value / Math.Max(1, report.LowerBoundBytes!.Value))} times.");
            Head("Instructions of warps, counted by the simulator, % of all", ["all", .. Mix.Select(m => m.Heading)]);
            foreach (GpuKernelReport k in report.Kernels.Where(k => k.Simulated is not null))
            {
                GpuKernelCounts c = k.Simulated!;
                double Share(string[] classes) => 100.0 * classes.Sum(x => c.Mix.GetValueOrDefault(x)) / c.WarpInstructions;
                Row(k.Name, [N(c.WarpInstructions), .. Mix.Select(m => F(Share(m.Classes)))]);
            }
        }

        void WriteMachineCode()
        {
            if (report.Kernels.All(k => k.MachineInstructions is null))
            {
                return;
            }

            Head("Machine code, instructions as they stand, by nvdisasm", ["all", .. Machine]);
            foreach (GpuKernelReport k in report.Kernels.Where(k => k.MachineInstructions is not null))
            {
                Row(k.Name, [N(k.MachineInstructions!.Values.Sum()), .. Machine.Select(m => N(k.MachineInstructions.GetValueOrDefault(m)))]);
            }
        }

        void Head(string title, params string[] columns)
        {
            Line($"");
            Line($"{title}.");
            Line($"");
            Row("kernel", columns);
        }

        void Row(string name, params string[] cells) => Line($"{name,-18}{string.Concat(cells.Select(c => c.PadLeft(10)))}");

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture).TrimEnd()).Append('\n');
    }

    private static string N(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string F(double number) => number.ToString("F2", CultureInfo.InvariantCulture);

    private static string Percent(double share) => $"{(100 * share).ToString("F0", CultureInfo.InvariantCulture)} %";
}
