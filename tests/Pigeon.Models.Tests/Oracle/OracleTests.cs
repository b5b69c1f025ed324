using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class OracleTests
{
    private static readonly Dictionary<string, string> NothingSet = [];

    public static TheoryData<string> Cases => [.. OracleCase.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void PyG_weights_give_PyG_results(string name)
    {
        var given = new OracleCase(name);
        Assert.InRange(RelativeError(given, given.Set), 0, 1e-6);
    }

    [Theory]
    [InlineData("rgcn_bases")]
    [InlineData("rgcn_blocks")]
    [InlineData("rgcn_no_root")]
    [InlineData("rgat_mean_two_heads")]
    [InlineData("rgat_odd_dims_no_bias")]
    [InlineData("hgt_heterogeneous")]
    public void Options_are_read_off_the_weights(string name) =>
        Assert.InRange(RelativeError(new OracleCase(name), NothingSet), 0, 1e-6);

    [Fact]
    public void There_are_cases_of_every_model() =>
        Assert.All(ModelCatalog.All, model => Assert.Contains(OracleCase.Names, name => new OracleCase(name).Model == model.Name));

    private static double RelativeError(OracleCase given, IReadOnlyDictionary<string, string> set)
    {
        using SafetensorsFile file = SafetensorsFile.Open(given.PathOf("weights.safetensors"));
        LoadedModel model = ModelCatalog.Find(given.Model).Load(file, given.Graph, set);
        var x = new Dictionary<string, float[]> { ["x"] = given.X };
        return Reference.RelativeError(Reference.Run(model.Model.Program, model.Graph, model.Weights, x), Reference.Wide(given.Y));
    }
}
