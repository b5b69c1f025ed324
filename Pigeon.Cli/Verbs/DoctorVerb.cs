using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.CodeAnalysis.CSharp;
using Pigeon.Compiler;
using Pigeon.Datasets;

namespace Pigeon.Cli;

/// <summary>Tells what the machine can do.</summary>
internal sealed class DoctorVerb : Verb
{
    private const int ProductRounds = 40;
    private readonly Option<bool> calibrate = new("--calibrate")
    {
        Description = "measure what kernels are made of, and keep it: plans are chosen by it from then on",
    };

    private readonly Option<bool> products = new("--products")
    {
        Description = "measure products of matrices of several sizes, as shares of what one core can do",
    };

    private readonly Option<int?> rounds = Arguments.OptionalCount("--rounds", "turns of each product with --products; otherwise 40");
    private readonly DataArguments data = new();
    private readonly Option<bool> install = new("--install-nvrtc")
    {
        Description = "first install NVRTC, the compiler of CUDA C++, into a folder of your own: 18 MB from Debian",
    };

    protected override string Name => "doctor";

    protected override string Description => "Tell what this machine can do, and what is missing and why.";

    public override string Examples => """
          pigeon doctor
          pigeon doctor --json
          pigeon doctor --install-nvrtc
          pigeon doctor --calibrate
          pigeon doctor --products
        """;

    protected override IEnumerable<Symbol> Symbols => [install, calibrate, products, rounds, data.Symbol];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        if (line.GetValue(calibrate))
        {
            Calibrate(line, terminal, cancellation);
            return;
        }

        if (line.GetValue(products))
        {
            MeasureProducts(line, terminal, cancellation);
            return;
        }

        if (line.GetValue(install))
        {
            terminal.Note($"NVRTC is in {NvrtcInstaller.Run()}");
        }

        DoctorReport report = Examine(data.Folder(line));
        if (IsJson(line))
        {
            Json.Write(terminal, report);
        }
        else
        {
            Write(terminal, report);
        }

        if (!report.Check.Agrees)
        {
            throw new InvalidOperationException(FormattableString.Invariant($"compiled kernels are wrong here, by {report.Check.Error:E2}"));
        }
    }

    private void Calibrate(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        terminal.Note("measuring, which takes about a minute; nothing else should run …");
        CalibrationReport report = Calibration.Run(cancellation);
        if (ImageCache.Default() is { } folder)
        {
            MachineCostsFile.Keep(folder, report.Costs);
            report = report with { File = MachineCostsFile.PathIn(folder) };
        }

        if (IsJson(line))
        {
            Json.Write(terminal, report);
            return;
        }

        var costs = new Table("cost", ">ns", ">estimate ns");
        foreach (CalibratedCost cost in report.Parts)
        {
            costs.Add(cost.Name, Format.Number(cost.Ns), Format.Number(cost.EstimateNs));
        }

        costs.Write(terminal);
        terminal.Out.WriteLine();
        var samples = new Table("program", ">measured ms", ">predicted ms", ">ratio");
        foreach (CalibrationSample sample in report.Samples)
        {
            samples.Add(sample.Program, Format.Number(sample.MeasuredMs), Format.Number(sample.PredictedMs), Format.Ratio(sample.PredictedMs / sample.MeasuredMs));
        }

        samples.Write(terminal);
        terminal.Note(report.File is null ? "PIGEON_CACHE is off: nothing was kept" : $"kept in {report.File}");
    }

    private void MeasureProducts(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        ProductReport report = ProductTimes.Run(line.GetValue(rounds) ?? ProductRounds, cancellation);
        if (IsJson(line))
        {
            Json.Write(terminal, report);
            return;
        }

        var table = new Table("product", "shape", ">rows", ">CPU ms", ">GFLOP/s", ">% of FMA", ">aim %");
        foreach (ProductTime time in report.Products)
        {
            table.Add(time.Kind, $"{time.K} x {time.N}", Format.Count(time.Rows), Format.Number(time.CpuMs), Format.Number(time.Gflops),
                Format.Number(100 * time.FmaShare), Format.Number(100 * time.Aim));
        }

        table.Write(terminal);
    }

    private static DoctorReport Examine(string? folder)
    {
        DirectoryInfo? cache = ImageCache.Default();
        FileInfo[] kept = cache is { Exists: true } ? cache.GetFiles() : [];
        int bits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        return new(VersionOf(typeof(DoctorVerb)), $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}",
            Environment.ProcessorCount, bits, new CompileOptions().Lanes, VersionOf(typeof(CSharpCompilation)), CompileCheck.Run(),
            cache?.FullName, kept.Count(file => file.Extension == ".dll"), kept.Sum(file => file.Length), GpuLibrary.FindDriver(),
            GpuLibrary.FindCompiler(), folder, [.. DatasetRegistry.Entries.Where(e => !e.IsGenerated && e.IsAvailable(folder)).Select(e => e.Name)]);
    }

    private static void Write(Terminal terminal, DoctorReport report)
    {
        var table = new Table("what", "here", "note");
        table.Add("pigeon", report.Version, report.Runtime);
        table.Add("cores", Format.Count(report.Cores), "");
        table.Add("vectors", $"{report.SimdBits} bits", $"kernels use {report.Lanes} floats at once");
        table.Add("Roslyn", report.Roslyn, $"a small model compiled in {Format.Number(report.Check.CompileMs)} ms, " +
            (report.Check.Agrees ? "kernels are right" : "kernels are wrong"));
        table.Add("cache", report.Cache is null ? "off" : $"{report.CacheImages} images",
            report.Cache is null ? "PIGEON_CACHE is off" : $"{Format.Mebibytes(report.CacheBytes)} MiB in {report.Cache}");
        table.Add("costs", ImageCache.Default() is { } folder && MachineCostsFile.Find(folder) is not null ? "measured" : "estimated",
            "by which plans are chosen; pigeon doctor --calibrate measures them");
        table.Add("GPU driver", YesNo(report.Driver.Found), report.Driver.Note);
        table.Add("NVRTC", YesNo(report.Nvrtc.Found), report.Nvrtc.Note);
        table.Add("data", report.DataFolder is null ? "no" : $"{report.Datasets.Count} datasets",
            report.DataFolder is null ? "set PIGEON_DATA or --data; generated graphs need none" : $"{report.DataFolder}: {string.Join(", ", report.Datasets)}");
        table.Write(terminal);
    }

    private static string YesNo(bool found) => found ? "yes" : "no";

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
