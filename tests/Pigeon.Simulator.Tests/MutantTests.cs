using System.IO.Compression;
using Pigeon.Kernels;
using Xunit;
using Xunit.Abstractions;

namespace Pigeon.Simulator.Tests;

/// <summary>Kernels with seeded faults: do findings, or a wrong result, show them?</summary>
public sealed class MutantTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-4;

    [Fact]
    public void Seeded_faults_are_caught()
    {
        var missed = new List<string>();
        int byFinding = 0;
        using ZipArchive archive = ZipFile.OpenRead(Mutant.Archive);
        foreach (Mutant mutant in Mutant.All)
        {
            string? caught = Catch(mutant, mutant.Ptx(archive), seed: 1);
            output.WriteLine($"{mutant.Name}: {caught ?? "MISSED"}");
            byFinding += caught is not null && !caught.StartsWith('=') ? 1 : 0;
            if (caught is null)
            {
                missed.Add(mutant.Name);
            }
        }
        output.WriteLine($"{Mutant.All.Length - missed.Count} of {Mutant.All.Length} caught, {byFinding} by findings");
        Assert.True(missed.Count <= Mutant.All.Length / 20, $"missed: {string.Join(", ", missed)}");
        Assert.True(byFinding >= Mutant.All.Length / 2, $"only {byFinding} by findings");
    }

    [Fact]
    public void Names_of_seeded_faults_are_distinct_and_all_are_in_the_archive()
    {
        using ZipArchive archive = ZipFile.OpenRead(Mutant.Archive);
        Assert.Equal(Mutant.All.Select(mutant => mutant.Name + ".ptx").Order(), archive.Entries.Select(entry => entry.Name).Order());
        Assert.All(Mutant.All, mutant => Assert.NotEqual(Kernels.Source(mutant.Kernel), mutant.Source()));
    }

    /// <summary>With PIGEON_BLESS=1 the committed PTX is written anew.</summary>
    [NvrtcFact]
    public void Committed_ptx_is_what_nvrtc_prints()
    {
        bool bless = Environment.GetEnvironmentVariable("PIGEON_BLESS") == "1";
        foreach (string kernel in Cases.All.Keys)
        {
            string ptx = Kernels.Compile(kernel, Kernels.Source(kernel));
            if (bless)
            {
                File.WriteAllText(Path.Combine(Kernels.Folder(), kernel + ".ptx"), ptx);
                continue;
            }
            Assert.Equal(Kernels.Ptx(kernel), ptx);
        }
        if (!bless)
        {
            using ZipArchive archive = ZipFile.OpenRead(Mutant.Archive);
            Mutant some = Mutant.All[Environment.TickCount64 % Mutant.All.Length];
            Assert.Equal(some.Ptx(archive), Kernels.Compile(some.Kernel, some.Source()));
            return;
        }
        using FileStream file = File.Create(Path.Combine(Kernels.Folder(), "mutants.zip"));
        using var written = new ZipArchive(file, ZipArchiveMode.Create);
        foreach (Mutant mutant in Mutant.All)
        {
            ZipArchiveEntry entry = written.CreateEntry(mutant.Name + ".ptx", CompressionLevel.SmallestSize);
            entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var writer = new StreamWriter(entry.Open());
            writer.Write(Kernels.Compile(mutant.Kernel, mutant.Source()));
        }
    }

    /// <summary>What shows the fault: a finding, or after an equals sign the result; null where nothing does.</summary>
    private static string? Catch(Mutant mutant, string ptx, int seed)
    {
        using var device = new Device(seed);
        try
        {
            (LaunchReport report, double error) = Cases.All[mutant.Kernel](device, device.Gpu.Load(ptx, mutant.Name + ".ptx"));
            return report.Findings.Count > 0 ? $"{report.Findings[0].Kind}: {report.Findings[0]}" : error > Tolerance ? $"= error {error:g3}" : null;
        }
        catch (PigeonException e)
        {
            return "= " + e.Message;
        }
    }
}
