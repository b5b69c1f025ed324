using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Pigeon.Compiler;
using Xunit;

namespace Pigeon.Cli.Tests;

/// <summary>EpiGNN and TPGN at the command line: trained, found again by name, judged and drawn.</summary>
public sealed class TaskModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Questions_of_a_file_are_answered_by_the_last_run_of_the_model()
    {
        Outcome trained = Tool.Run("train", "epignn", "--dataset", "gen:rcc8", "--epochs", "1", "--set", "facets=1", "facet_width=2", "rounds=1",
            "-o", folder["run"]);
        Assert.True(trained.Code == 0, trained.Messages);
        string[] files = [.. new[] { 2, 3, 5 }.Select(QuestionsOfLength)];

        JsonElement judged = Tool.Json(["eval", "epignn", "--plot", folder["lengths.svg"], "--test", .. files]);
        Assert.Equal("accuracy", judged.GetProperty("metric").GetString());
        Assert.Equal(judged.GetProperty("runs")[0].GetDouble(), judged.GetProperty("mean").GetDouble());
        Assert.Equal(0, judged.GetProperty("std").GetDouble());
        Assert.Equal(["k=2,b=1", "k=3,b=1", "k=5,b=1", "test"], judged.GetProperty("splits").EnumerateArray().Select(split => split.GetProperty("name").GetString()));
        Assert.Contains(XDocument.Load(folder["lengths.svg"]).Descendants(), element => element.Name.LocalName == "path");

        // The folder's best checkpoint is the same run, and what is said of one file does not depend on others.
        JsonElement one = Tool.Json("eval", folder["run"], "--test", files[2]);
        Assert.Equal(judged.GetProperty("mean").GetDouble(), one.GetProperty("mean").GetDouble());
        Outcome text = Tool.Run("eval", Path.Combine(folder["run"], "best.safetensors"), "--test", files[0]);
        Assert.Contains("k=2,b=1", text.Results, StringComparison.Ordinal);
    }

    [Fact]
    public void Forecasts_stand_beside_the_naive_ones_and_are_drawn()
    {
        string series = Waves();
        string[] command = ["train", "tpgn", "--dataset", series, "--set", "length=48", "--horizon", "24", "--epochs", "2", "--runs", "2"];
        Outcome trained = Tool.Run([.. command, "-o", folder["run"]]);
        Assert.True(trained.Code == 0, trained.Messages);
        Assert.Contains("test, repeat last", trained.Results, StringComparison.Ordinal);
        Assert.Contains("test, seasonal naive", trained.Results, StringComparison.Ordinal);
        JsonElement report = Tool.Json(command);
        Assert.Equal(["test, repeat last", "test, seasonal naive"], report.GetProperty("baselines").EnumerateArray().Select(split => split.GetProperty("name").GetString()));

        JsonElement judged = Tool.Json("eval", "tpgn", "--plot", folder["forecast.png"]);
        double[] runs = [.. judged.GetProperty("runs").EnumerateArray().Select(run => run.GetDouble())];
        Assert.Equal(report.GetProperty("runs").EnumerateArray().Select(run => run.GetDouble()), runs);
        Assert.Equal(runs.Average(), judged.GetProperty("mean").GetDouble(), 12);
        Assert.Equal(Math.Abs(runs[0] - runs[1]) / Math.Sqrt(2), judged.GetProperty("std").GetDouble(), 12);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(folder["forecast.png"])[..4]);
        Assert.Contains(" ± ", Tool.Run("eval", "tpgn").Results, StringComparison.Ordinal);

        // One of several runs must be named to predict, and forecasts take no files of questions.
        Tool.Run("predict", "tpgn", "-o", folder["y.csv"]).AssertRefused("PG0503");
        Tool.Run("eval", Path.Combine(folder["run"], "seed-0"), "--test", series).AssertRefused("PG0503");
        Assert.Equal(0, Tool.Run("predict", Path.Combine(folder["run"], "seed-0"), "-o", folder["y.csv"]).Code);
    }

    [Fact]
    public void Names_and_folders_without_a_run_are_refused_with_what_to_do()
    {
        File.Delete(Path.Combine(ImageCache.Default()!.FullName, "runs", "hgt"));
        Outcome outcome = Tool.Run("eval", "hgt");
        outcome.AssertRefused("PG0512");
        Assert.Contains("pigeon train hgt", outcome.Messages, StringComparison.Ordinal);
        Tool.Run("eval", folder.Path).AssertRefused("PG0512");
        Tool.Run("eval", folder.Path, "--plot", "picture.gif").AssertRefused("PG0502");
    }

    private string QuestionsOfLength(int length)
    {
        string path = folder[FormattableString.Invariant($"test_rcc8_k_{length}_b_1.csv")];
        string edges = string.Join(", ", Enumerable.Range(0, length).Select(i => FormattableString.Invariant($"({i}, {i + 1})")));
        string labels = string.Join(", ", Enumerable.Repeat("'NTPP'", length));
        File.WriteAllText(path, $"""
            ,edges,edge_labels,query_edge,query_label
            0,"[{edges}]","[{labels}]","(0, {length.ToString(CultureInfo.InvariantCulture)})",NTPP
            1,"[{edges}]","[{labels.Replace("NTPP", "EQ", StringComparison.Ordinal)}]","(0, {length.ToString(CultureInfo.InvariantCulture)})",EQ

            """);
        return path;
    }

    /// <summary>Forty days of a wave, by the hour.</summary>
    private string Waves()
    {
        const int hours = 24 * 40;
        string path = folder["waves.csv"];
        var start = new DateTime(2020, 1, 1);
        File.WriteAllLines(path, ["date,OT", .. Enumerable.Range(0, hours).Select(hour => string.Create(CultureInfo.InvariantCulture,
            $"{start.AddHours(hour):yyyy-MM-dd HH:mm:ss},{Math.Sin(hour / 4.0) + (hour % 24 / 24.0):F4}"))]);
        return path;
    }
}
