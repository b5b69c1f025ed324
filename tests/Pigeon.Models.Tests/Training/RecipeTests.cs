using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class RecipeTests
{
    public static TheoryData<string> Names => [.. Recipe.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_recipe_builds(string name)
    {
        var recipe = Recipe.Find(name);
        Assert.StartsWith(recipe.Model + "-", name, StringComparison.Ordinal);
        ITask task = recipe.Task switch
        {
            RelationQuerySettings => RelationQueries.Create(recipe, Rcc8Generator.Create(seed: 0, perAnswer: 1, perTestAnswer: 1)),
            ForecastSettings => new Forecasting(ForecastingTests.Waves(20_000), recipe),
            _ => recipe.Task.Open(recipe, new("learnable", Folder: null,
                () => recipe.Task is LinkPredictionSettings ? LearnableFacts.Create() : LearnableGraph.Create())),
        };
        Assert.NotEmpty(task.Metric.Name);
    }

    [Fact]
    public void What_a_recipe_leaves_out_is_the_default()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["r.json"], """{ "model": "rgcn", "dataset": "aifb", "epochs": 3, "optimiser": { "kind": "adam" } }""");
        Assert.Equal(new Recipe { Model = "rgcn", Dataset = "aifb", Epochs = 3 }, Recipe.Open(folder["r.json"]));
        Assert.Equal(0.9, Assert.IsType<Optimiser.Adam>(Recipe.Open(folder["r.json"]).Optimiser).Beta1);
    }

    [Theory]
    [InlineData("""{ "model": "rgcn", "dataset": "aifb", "epochs": 0 }""")]
    [InlineData("""{ "model": "rgcn", "dataset": "aifb", "epochs": 3, "epoch": 3 }""")]
    [InlineData("""{ "model": "rgcn", "dataset": "aifb", "epochs": 3, "validation": 1 }""")]
    [InlineData("""{ "model": "rgcn", "dataset": "aifb", "epochs": 3, "optimiser": { "kind": "adan" } }""")]
    [InlineData("""{ "model": "rgcn", "dataset": "aifb", "epochs": 3, "task": { "kind": "clustering" } }""")]
    [InlineData("""{ "model": "rgcn", "dataset": "aifb", "epochs": 3, "task": { "kind": "node-classification", "head": 0 } }""")]
    [InlineData("""{ "model": "rgcn", "dataset": "aifb", "epochs": 3, "task": { "kind": "link-prediction", "dropout": 1 } }""")]
    [InlineData("""{ "model": "rgcn", "dataset": "aifb", "epochs": 3, "task": { "kind": "link-prediction", "batch": 0 } }""")]
    [InlineData("""{ "model": "hgt", "dataset": "aifb", "epochs": 3, "task": { "kind": "node-classification", "embeddingBound": 0 } }""")]
    [InlineData("""{ "model": "hgt", "dataset": "aifb", "epochs": 3, "task": { "kind": "node-classification", "dropout": 1 } }""")]
    [InlineData("""{ "model": null, "dataset": "aifb", "epochs": 3 }""")]
    [InlineData("""{ "model": "rgcn" }""")]
    [InlineData("null")]
    [InlineData("{")]
    public void What_is_no_recipe_is_refused(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["r.json"], json);
        Assert.Equal("PG0451", Assert.Throws<PigeonException>(() => Recipe.Open(folder["r.json"])).Diagnostic.Id);
    }

    [Fact]
    public void An_unknown_recipe_is_refused_with_the_known_ones()
    {
        Diagnostic refusal = Assert.Throws<PigeonException>(() => Recipe.Find("rgcn")).Diagnostic;
        Assert.Equal("PG0450", refusal.Id);
        Assert.Contains("rgcn-aifb", refusal.Remedy, StringComparison.Ordinal);
    }
}
