using System.Text.Json;
using System.Xml.Linq;
using Pigeon.Compiler;
using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class ExplainTests
{
    [Theory]
    [InlineData("rgat", false)]
    [InlineData("rgcn", true)]
    public void Explain_measures_the_alternatives_and_tells_what_was_saved(string model, bool training)
    {
        string[] mode = training ? ["--training"] : [];
        JsonElement report = Tool.Json(["explain", model, "--dataset", "gen:aifb@0.05", "--in", "16", "--out", "16", "--heads", "2", "--rounds", "2", .. mode]);
        JsonElement[] plans = [.. report.GetProperty("plans").EnumerateArray()];
        JsonElement chosen = Assert.Single(plans, plan => Names(plan).Contains("chosen"));
        JsonElement author = Assert.Single(plans, plan => Names(plan).Contains("author's order"));
        Assert.All(plans, plan =>
        {
            Assert.True(plan.GetProperty("measuredMs").GetDouble() > 0);
            Assert.True(plan.GetProperty("flops").GetInt64() > 0 && plan.GetProperty("arenaBytes").GetInt64() > 0);

            // Plans that are farther than this from the best are not ranked again with what they compute again.
            Assert.True(1.05 * plan.GetProperty("predictedMs").GetDouble() >= chosen.GetProperty("predictedMs").GetDouble());
        });
        Assert.NotEqual(Names(chosen), Names(author));

        // The steps, and what is computed again, account for all of the difference.
        double saved = chosen.GetProperty("steps").EnumerateArray().Sum(step => step.GetProperty("savedMs").GetDouble()) +
            chosen.GetProperty("recomputeSavedMs").GetDouble() - author.GetProperty("recomputeSavedMs").GetDouble();
        double difference = author.GetProperty("predictedMs").GetDouble() - chosen.GetProperty("predictedMs").GetDouble();
        Assert.Equal(difference, saved, 1e-9);
        Assert.Equal(difference > 0, chosen.GetProperty("steps").GetArrayLength() > 0);
    }

    [Fact]
    public void Explain_shows_the_plan_that_stores_what_the_chosen_one_computes_again()
    {
        JsonElement report = Tool.Json("explain", "hgt", "--dataset", "gen:fb15k@0.3", "--heads", "4", "--training", "--top", "1", "--no-measure");
        JsonElement[] plans = [.. report.GetProperty("plans").EnumerateArray()];
        JsonElement chosen = Assert.Single(plans, plan => Names(plan).Contains("chosen"));
        JsonElement stored = Assert.Single(plans, plan => Names(plan).Contains("stored, not recomputed"));

        // What is computed later, which both have, may save some of it.
        double later = stored.GetProperty("recomputeSavedMs").GetDouble();
        double saved = chosen.GetProperty("recomputeSavedMs").GetDouble() - later;
        Assert.True(later >= 0 && saved > 0);
        Assert.Equal(stored.GetProperty("predictedMs").GetDouble() - chosen.GetProperty("predictedMs").GetDouble(), saved, 1e-9);
    }

    [Fact]
    public void Explain_tells_the_kernels_of_every_plan()
    {
        string[] command = ["explain", "rgat", "--dataset", "gen:aifb@0.05", "--in", "16", "--out", "16", "--rounds", "1", "--kernels"];
        Assert.All(Tool.Json(command).GetProperty("plans").EnumerateArray(), plan =>
        {
            JsonElement[] kernels = [.. plan.GetProperty("perKernel").EnumerateArray()];
            Assert.Equal(plan.GetProperty("kernels").GetInt32(), kernels.Length);
            double launches = kernels.Length * MachineCosts.Default.LaunchNs / 1e6;
            Assert.Equal(plan.GetProperty("predictedMs").GetDouble() - launches, kernels.Sum(kernel => kernel.GetProperty("predictedMs").GetDouble()), 1e-9);
            Assert.All(kernels, kernel => Assert.True(kernel.GetProperty("measuredMs").GetDouble() >= 0 && kernel.GetProperty("rows").GetInt32() > 0));
        });
        Assert.Contains("kernels of chosen", Tool.Run([.. command, "--no-measure"]).Results, StringComparison.Ordinal);
    }

    [Fact]
    public void Rewrites_that_lead_to_the_same_machine_code_are_one_plan()
    {
        JsonElement report = Tool.Json("explain", "rgcn", "--dataset", "gen:aifb", "--in", "32", "--out", "32", "--no-measure");
        JsonElement[] plans = [.. report.GetProperty("plans").EnumerateArray()];

        // Compaction alone leads to the same kernels.
        Assert.Contains("only compact", Names(Assert.Single(plans, plan => Names(plan).Contains("chosen"))));
        Assert.Equal(plans.SelectMany(Names).Distinct().Count(), plans.Sum(plan => Names(plan).Length));
    }

    [Fact]
    public void Explain_writes_a_page_that_needs_nothing_else()
    {
        using var folder = new TemporaryFolder();
        Outcome outcome = Tool.Run("explain", "rgat", "--dataset", "gen:aifb", "--no-measure", "--html", folder["why.html"]);
        Assert.Equal(0, outcome.Code);
        Assert.Contains("author's order", outcome.Results, StringComparison.Ordinal);
        Assert.Contains("reorder", outcome.Results, StringComparison.Ordinal);
        string page = File.ReadAllText(folder["why.html"]);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
        Assert.All((string[])["choose-rewrites", "hoist-weights", "linear unit(EdgeTypes)", "class=\"l new\"", "class=\"l old\"", "k0_gemm"],
            part => Assert.Contains(part, page, StringComparison.Ordinal));

        // The picture inside is well formed by itself.
        int start = page.IndexOf("<svg", StringComparison.Ordinal);
        Assert.NotEmpty(XDocument.Parse(page[start..(page.IndexOf("</svg>", StringComparison.Ordinal) + "</svg>".Length)]).Descendants());
    }

    [Fact]
    public void Explain_shows_that_offset_relations_become_one_product()
    {
        Outcome outcome = Tool.Run("explain", "tpgn", "--set", "width=64", "--no-measure");
        Assert.Equal(0, outcome.Code);
        Assert.Matches("types side by side .*reduce.sum later", outcome.Results);
    }

    [Fact]
    public void Explain_plans_a_batch_of_questions()
    {
        JsonElement report = Tool.Json("explain", "epignn", "--no-measure", "--set", "rounds=1");
        Assert.Equal(("epignn", "gen:rcc8"), (report.GetProperty("model").GetString(), report.GetProperty("dataset").GetString()));
        Assert.Contains(report.GetProperty("spaces").EnumerateArray(), space => space.GetProperty("space").GetString() == "Steps");
        Assert.False(report.TryGetProperty("in", out JsonElement width) && width.ValueKind == JsonValueKind.Number);
    }

    [Theory]
    [InlineData("epignn", "--graph", "somewhere")]
    [InlineData("tpgn", "--heads", "2")]
    [InlineData("tpgn", "--in", "8")]
    public void A_model_with_a_task_takes_neither_graphs_nor_widths(string model, params string[] more)
    {
        Tool.Run(["explain", model, .. more]).AssertRefused("PG0503");
        Tool.Run(["compile", model, "-o", "nowhere", .. more]).AssertRefused("PG0503");
    }

    [Fact]
    public void A_model_with_a_task_is_not_benchmarked_on_graphs()
    {
        Outcome outcome = Tool.Run("bench", "--models", "tpgn");
        outcome.AssertRefused("PG0401");
        Assert.Contains("batches of its task", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_and_a_dataset_are_refused_together()
    {
        Outcome outcome = Tool.Run("explain", "rgcn", "--dataset", "default", "--graph", "somewhere");
        Assert.Equal(1, outcome.Code);
        Assert.Contains("PG0503", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_only_change_their_numbers_are_the_same()
    {
        (bool[] before, bool[] after) = LineDiff.Common(["%0 = input x", "%1 = gather src %0", "%2 = row.sum [0] %1"],
            ["%0 = input x", "%1 = weight w", "%2 = gather src %0", "%3 = row.max [0] %2"]);
        Assert.Equal([true, true, false], before);
        Assert.Equal([true, false, true, false], after);
    }

    private static string[] Names(JsonElement plan) => [.. plan.GetProperty("names").EnumerateArray().Select(name => name.GetString()!)];
}
