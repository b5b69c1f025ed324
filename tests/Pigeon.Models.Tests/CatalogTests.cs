using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class CatalogTests
{
    public static TheoryData<string> Models => [.. ModelCatalog.All.Select(model => model.Name)];

    [Fact]
    public void The_three_models_are_there() => Assert.Equal(["rgcn", "rgat", "hgt"], ModelCatalog.All.Select(model => model.Name));

    [Fact]
    public void An_unknown_model_is_refused_with_the_known_ones()
    {
        Diagnostic refusal = Refusal(() => ModelCatalog.Find("gcn"));
        Assert.Equal("PG0401", refusal.Id);
        Assert.Contains("rgcn, rgat, hgt", refusal.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_default_is_a_value_of_its_option(string name)
    {
        IModel model = ModelCatalog.Find(name);
        var defaults = model.Options.ToDictionary(option => option.Name, option => option.Default);
        Assert.Equal($"{model.Create(new Dictionary<string, string>(), 8, 8).Program}", $"{model.Create(defaults, 8, 8).Program}");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_choice_builds(string name)
    {
        IModel model = ModelCatalog.Find(name);
        foreach (ModelOption option in model.Options)
        {
            foreach (string choice in option.Choices)
            {
                Assert.Equal(name, Create(name, 8, 8, option.Name, choice).Program.Name);
            }
        }
    }

    [Fact]
    public void Options_take_PyG_names_and_spellings()
    {
        var set = new Dictionary<string, string>
        {
            ["heads"] = "4",
            ["concat"] = "False",
            ["attention_mechanism"] = "within-relation",
            ["negative_slope"] = "1e-1",
            ["bias"] = "True",
        };
        Assert.Equal(new RgatOptions
        {
            Widths = [3, 64], Heads = 4, Concat = false, Attention = RgatAttention.WithinRelation, NegativeSlope = 0.1,
        }, ModelCatalog.Find("rgat").Create(set, 3, 64).Options);
    }

    [Fact]
    public void The_output_width_counts_all_concatenated_heads()
    {
        var options = (RgatOptions)Create("rgat", 64, 64, "heads", "4").Options;
        Assert.Equal((64, 16), (options.Out, options.HeadWidth));
    }

    [Fact]
    public void Layers_are_as_wide_as_the_output_unless_told_otherwise()
    {
        Dictionary<string, string> set = new() { ["layers"] = "2", ["hidden"] = "16" };
        Assert.Equal([64, 4, 4, 4], Create("rgcn", 64, 4, "layers", "3").Options.Widths);
        Assert.Equal([64, 16, 4], ModelCatalog.Find("rgcn").Create(set, 64, 4).Options.Widths);
    }

    [Fact]
    public void A_featureless_model_has_no_input() =>
        Assert.Empty(Create("rgcn", 0, 16, "featureless", "true").Program.Values.OfType<Operator.Input>());

    [Theory]
    [InlineData("rgcn", "heads", "4", "PG0402", "num_bases")]
    [InlineData("hgt", "aggr", "mean", "PG0402", "heads")]
    [InlineData("rgcn", "aggr", "max", "PG0403", "mean or add or norm")]
    [InlineData("rgcn", "aggr", "Mean", "PG0403", "mean or add or norm")]
    [InlineData("rgcn", "num_bases", "0", "PG0403", "none")]
    [InlineData("rgcn", "num_blocks", "-2", "PG0403", "none")]
    [InlineData("rgcn", "root_weight", "yes", "PG0403", "true or false")]
    [InlineData("rgat", "heads", "1e3", "PG0403", "1 …")]
    [InlineData("rgat", "heads", "99999999999", "PG0403", "1 …")]
    [InlineData("rgat", "negative_slope", "NaN", "PG0403", "finite")]
    [InlineData("rgat", "negative_slope", "0,2", "PG0403", "finite")]
    [InlineData("rgat", "heads", "7", "PG0404", "divisor")]
    [InlineData("rgcn", "layers", "1048576", "PG0404", "1000")]
    public void A_bad_option_is_refused_with_what_is_allowed(string model, string option, string value, string id, string allowed)
    {
        Diagnostic refusal = Refusal(() => Create(model, 64, 64, option, value));
        Assert.Equal(id, refusal.Id);
        Assert.Contains(option, refusal.ToString(), StringComparison.Ordinal);
        Assert.Contains(allowed, refusal.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(8, -1)]
    [InlineData(int.MaxValue, 8)]
    public void A_width_that_can_not_be_is_refused(int inWidth, int outWidth) =>
        Assert.All(ModelCatalog.All, model =>
            Assert.Equal("PG0404", Refusal(() => model.Create(new Dictionary<string, string>(), inWidth, outWidth)).Id));

    private static ModelProgram Create(string model, int inWidth, int outWidth, string option, string value) =>
        ModelCatalog.Find(model).Create(Set(option, value), inWidth, outWidth);

    private static Dictionary<string, string> Set(string option, string value) => new() { [option] = value };

    private static Diagnostic Refusal(Func<object> action) => Assert.Throws<PigeonException>(action).Diagnostic;
}
