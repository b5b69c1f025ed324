using Pigeon.Compiler;
using Xunit;

namespace Pigeon.Tests;

public sealed class MachineCostsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pigeon-costs");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Costs_are_read_as_they_were_kept()
    {
        Assert.Null(MachineCostsFile.Find(folder));
        MachineCosts costs = MachineCosts.Default.With([.. MachineCosts.Default.ToArray().Select((cost, i) => (cost / 3) + i)]);
        MachineCostsFile.Keep(folder, costs);
        Assert.Equal(costs, MachineCostsFile.Find(folder));
        Assert.Equal(costs.Names.Length, costs.ToArray().Length);
        Assert.Equal(Enum.GetValues<MachineCost>().Length, MachineCosts.SimpleCosts);
    }

    [Fact]
    public void A_damaged_file_is_as_good_as_none()
    {
        MachineCostsFile.Keep(folder, MachineCosts.Default);
        string good = File.ReadAllText(MachineCostsFile.PathIn(folder));
        string[] lines = good.Split('\n');
        string[] damaged =
        [
            "", good[..^1], good[..(good.Length / 2)], good + "x", good.Replace("costs 1", "costs 2", StringComparison.Ordinal),
            good.Replace(lines[1], "another machine", StringComparison.Ordinal), good.Replace("25 ", "-25 ", StringComparison.Ordinal),
            good.Replace("25 ", "NaN ", StringComparison.Ordinal), good.Replace("25 ", "1e300 ", StringComparison.Ordinal),
            good.Replace("row", "column", StringComparison.Ordinal), good.Replace(" bytes", " 7 bytes", StringComparison.Ordinal),
        ];
        foreach (string text in damaged)
        {
            Assert.NotEqual(good, text);
            File.WriteAllText(MachineCostsFile.PathIn(folder), text);
            Assert.Null(MachineCostsFile.Find(folder));
        }

        File.WriteAllText(MachineCostsFile.PathIn(folder), good);
        Assert.NotNull(MachineCostsFile.Find(folder));
    }

    [Fact]
    public void A_table_is_in_the_smallest_level_that_holds_it()
    {
        MachineCosts costs = MachineCosts.Default;
        Assert.Same(costs.Levels[0], costs.LevelOf(1));
        Assert.Same(costs.Levels[0], costs.LevelOf(costs.Levels[0].Bytes));
        Assert.Same(costs.Levels[1], costs.LevelOf(costs.Levels[0].Bytes + 1.0));
        Assert.Same(costs.Levels[^1], costs.LevelOf(1e18));
        Assert.Throws<ArgumentException>(() => costs.With([1, 2]));
    }
}
