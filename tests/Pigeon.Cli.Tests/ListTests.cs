using System.Text.Json;
using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class ListTests
{
    [Fact]
    public void Models_lists_every_model_with_its_options()
    {
        string text = Tool.Run("models").Results;
        Assert.All((string[])["rgcn", "rgat", "hgt", "attention_mechanism", "across-relation or within-relation", "num_bases"],
            word => Assert.Contains(word, text, StringComparison.Ordinal));

        JsonElement models = Tool.Json("models").GetProperty("models");
        Assert.Equal(["rgcn", "rgat", "hgt", "epignn", "tpgn"], models.EnumerateArray().Select(model => model.GetProperty("name").GetString()));
        Assert.All(models.EnumerateArray(), model => Assert.NotEqual(0, model.GetProperty("options").GetArrayLength()));
    }

    [Fact]
    public void Datasets_lists_generated_ones_as_available()
    {
        using var empty = new TemporaryFolder();
        JsonElement[] datasets = [.. Tool.Json("datasets", "--data", empty.Path).GetProperty("datasets").EnumerateArray()];
        Assert.Contains(datasets, dataset => dataset.GetProperty("name").GetString() == "default");
        Assert.All(datasets, dataset => Assert.Equal(dataset.GetProperty("isGenerated").GetBoolean(), dataset.GetProperty("isAvailable").GetBoolean()));
        Assert.Contains("gen:aifb", Tool.Run("datasets").Results, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_says_what_is_there_and_why_something_is_not()
    {
        JsonElement report = Tool.Json("doctor");
        Assert.True(report.GetProperty("check").GetProperty("agrees").GetBoolean());
        Assert.Equal(Environment.ProcessorCount, report.GetProperty("cores").GetInt32());
        Assert.All((string[])["driver", "nvrtc"], library => Assert.NotEqual("", report.GetProperty(library).GetProperty("note").GetString()));

        string text = Tool.Run("doctor").Results;
        Assert.All((string[])["vectors", "Roslyn", "cache", "GPU driver", "NVRTC", "data"],
            word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Doctor_measures_products_of_every_kind()
    {
        JsonElement[] products = [.. Tool.Json("doctor", "--products", "--rounds", "1").GetProperty("products").EnumerateArray()];
        Assert.All(products, product => Assert.InRange(product.GetProperty("fmaShare").GetDouble(), 1e-6, double.MaxValue));
        Assert.Equal(["dense", "typed", "weight gradient"], products.Select(product => product.GetProperty("kind").GetString()).Distinct());
    }
}
