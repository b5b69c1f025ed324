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

    /// <summary>What shows the fault: a finding, or after an equals sign the result; null where nothing does.</summary>
    private static string? Catch(Mutant mutant, string ptx, int seed)
    {
        using var device = new Device(seed);
        try
        {
            (LaunchReport report, double error) = Cases.All[mutant.Kernel](device, device.Gpu.Load(ptx, mutant.Name + ".ptx"));
            return report.Findings.Count > 0 ? $"{report.Findings[0].Kind}: {report.Findings[0]}" : error > Tolerance
                ? $"= error {error:g3}" : null;
        }
        catch (PigeonException e)
        {
            return "= " + e.Message;
        }
    }
}
