using Xunit;
using Xunit.Abstractions;

namespace Pigeon.Simulator.Tests;

/// <summary>
/// How fast the simulator is, in warp instructions a second of CPU time: the median of some launches. Measured where <c>PIGEON_SPEED</c> says
/// how many, with nothing beside it: <c>PIGEON_SPEED=9 dotnet test tests/Pigeon.Simulator.Tests --filter Speed --logger "console;verbosity=detailed"</c>.
/// </summary>
public sealed class SpeedTests(ITestOutputHelper output)
{
    private static readonly int Launches = int.TryParse(Environment.GetEnvironmentVariable("PIGEON_SPEED"), out int count) ? count : 1;

    [Theory]
    [InlineData("gemm", SimulatorChecks.None)]
    [InlineData("gemm", SimulatorChecks.All)]
    [InlineData("traverse", SimulatorChecks.None)]
    [InlineData("traverse", SimulatorChecks.All)]
    [InlineData("pipeline", SimulatorChecks.All)]
    [InlineData("small", SimulatorChecks.All)]
    public void Launches_take_as_long_as_they_take(string kernel, SimulatorChecks checks)
    {
        using var device = new Device(checks: checks);
        using SimulatedModule module = device.Load(kernel == "small" ? "gemm" : kernel);
        int rows = Launches > 1 ? 2048 : 64;
        var times = new List<double>();
        long instructions = 0;
        for (int i = 0; i < Launches; i++)
        {
            (LaunchReport report, double error) = kernel switch
            {
                "gemm" => Cases.Gemm(device, module, rows, 64, 64),
                "small" => Cases.Gemm(device, module, 20, 16, 64),
                "traverse" => Cases.Traverse(device, module, rows, 4 * rows, 64),
                _ => Cases.Pipeline(device, module, rows, 64, 64),
            };
            Assert.InRange(error, 0, 1e-5);
            Assert.Empty(report.Findings);
            instructions = report.Counters.WarpInstructions;
            times.Add(device.LastLaunch.TotalMilliseconds);
        }

        double median = times.Order().ElementAt(times.Count / 2);
        output.WriteLine(FormattableString.Invariant(
            $"{kernel}, checks {checks}: {instructions:N0} warp instructions, {median:F1} ms, {instructions / median / 1e3:F2} million a second"));
    }
}
