using System.Text.Json;
using Xunit;

namespace Pigeon.Cli.Tests;

/// <summary>Link prediction from facts in text files to answers in a table.</summary>
public sealed class LinkPredictionTests : IDisposable
{
    private const int People = 24;
    private readonly TemporaryFolder folder = new();
    private readonly string facts;
    private readonly string recipe;

    public LinkPredictionTests()
    {
        facts = folder["facts"];
        Directory.CreateDirectory(facts);
        (string[] homes, string[] rest) = ([.. Enumerable.Range(0, People).Select(p => $"p{p}\tlives in\th{p % 2}")],
            [.. Enumerable.Range(0, People).Select(p => $"p{p}\tspeaks\tl{p % 2}")]);
        File.WriteAllLines(Path.Combine(facts, "train.txt"), [.. homes, .. rest[..16]]);
        File.WriteAllLines(Path.Combine(facts, "valid.txt"), rest[16..20]);
        File.WriteAllLines(Path.Combine(facts, "test.txt"), rest[20..]);
        recipe = folder["recipe.json"];
        File.WriteAllText(recipe, """
            {
              "model": "rgcn", "dataset": "any", "epochs": 3, "set": { "edge_dropout": "0.2" },
              "task": { "kind": "link-prediction", "width": 4, "batch": 16, "negatives": 8 }
            }
            """);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Facts_are_learned_judged_and_predicted()
    {
        JsonElement trained = Tool.Json("train", "rgcn", "--dataset", facts, "--recipe", recipe, "--runs", "2", "-o", folder["run"]);
        Assert.Equal(("filtered MRR", "test"), (trained.GetProperty("metric").GetString(), trained.GetProperty("split").GetString()));
        double[] runs = [.. trained.GetProperty("runs").EnumerateArray().Select(run => run.GetDouble())];
        Assert.Equal(2, runs.Length);
        Assert.All(runs, run => Assert.InRange(run, 0, 1));
        Assert.Equal(["filtered MRR", "Hits@1", "Hits@3", "Hits@10"], trained.GetProperty("figures").EnumerateObject().Select(f => f.Name));
        Assert.True(trained.GetProperty("epochMs").GetDouble() > 0);

        string checkpoint = Path.Combine(folder["run"], "seed-0", "best.safetensors");
        JsonElement judged = Tool.Json("eval", checkpoint, "--dataset", facts);
        Assert.Equal(runs[0], judged.GetProperty("mean").GetDouble());
        Assert.Equal(["valid", "test"], judged.GetProperty("splits").EnumerateArray().Select(split => split.GetProperty("name").GetString()));

        File.WriteAllText(folder["q.csv"], "head,relation,tail\np21,speaks,?\n");
        Assert.Equal(0, Tool.Run("predict", checkpoint, "--dataset", facts, "--queries", folder["q.csv"], "--top", "2", "-o", folder["a.csv"]).Code);
        string[] lines = File.ReadAllLines(folder["a.csv"]);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("p21,speaks,", lines[1], StringComparison.Ordinal);
        Tool.Run("predict", checkpoint, "--dataset", facts, "-o", folder["a.csv"]).AssertRefused("PG0456");
        Tool.Run("eval", checkpoint, "--dataset", "gen:aifb@0.01").AssertRefused("PG0458");
    }
}
