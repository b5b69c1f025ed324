using Xunit;

namespace Pigeon.Simulator.Tests;

public sealed class KernelTests
{
    public static TheoryData<string, int> Runs()
    {
        var runs = new TheoryData<string, int>();
        foreach (string kernel in Cases.All.Keys)
        {
            for (int seed = 1; seed <= 3; seed++)
            {
                runs.Add(kernel, seed);
            }
        }
        return runs;
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Correct_kernels_give_the_result_without_findings(string kernel, int seed)
    {
        using var device = new Device(seed);
        (LaunchReport report, double error) = Cases.All[kernel](device, device.Load(kernel));
        Assert.True(report.Findings.Count == 0, string.Join("\n", report.Findings));
        Assert.InRange(error, 0, 1e-5);
    }
}
