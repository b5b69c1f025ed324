using Pigeon.Compiler;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class ProgramTextTests
{
    private const string RgatText = """
        program rgat
          map dst : Edges -> Nodes
          map etype : Edges -> EdgeTypes
          map src : Edges -> Nodes
          %0 = input x : Nodes[64]
          %1 = weight weight : EdgeTypes[64, 64]
          %2 = weight q : one[64, 4]
          %3 = weight k : one[64, 4]
          %4 = gather dst %0 : Edges[64]
          %5 = linear etype %4, %1 : Edges[64]
          %6 = gather src %0 : Edges[64]
          %7 = linear etype %6, %1 : Edges[64]
          %8 = linear unit(Edges) %5, %2 : Edges[4]
          %9 = linear unit(Edges) %7, %3 : Edges[4]
          %10 = pointwise {$0 + $1} %8, %9 : Edges[4]
          %11 = pointwise {select(less(0, $0), $0, 0.2 * $0)} %10 : Edges[4]
          %12 = reduce.max dst %11 : Nodes[4]
          %13 = gather dst %12 : Edges[4]
          %14 = pointwise {exp($0 - detach($1))} %11, %13 : Edges[4]
          %15 = reduce.sum dst %14 : Nodes[4]
          %16 = gather dst %15 : Edges[4]
          %17 = pointwise {$0 / $1} %14, %16 : Edges[4]
          %18 = reshape %7 : Edges[4, 16]
          %19 = reshape %17 : Edges[4, 1]
          %20 = pointwise {$0 * $1} %18, %19 : Edges[4, 16]
          %21 = reduce.sum dst %20 : Nodes[4, 16]
          %22 = reshape %21 : Nodes[64]
          %23 = weight bias : one[64]
          %24 = gather unit(Nodes) %23 : Nodes[64]
          %25 = pointwise {$0 + $1} %22, %24 : Nodes[64]
          return y = %25

        """;

    [Fact]
    public void Rgat_prints_as_its_golden_text() =>
        Assert.Equal(RgatText, Rgat.Build(new RgatOptions { Widths = [64, 64], Heads = 4 }).ToString());

    public static TheoryData<string> Programs =>
    [
        RgatText,
        Rgcn.Build(new RgcnOptions { Widths = [6, 4, 2], Blocks = 2, Aggregation = RgcnAggregation.Norm }).ToString(),
        Rgcn.Build(new RgcnOptions { Widths = [6, 4, 2], Activation = Activation.Elu }).ToString(),
        Rgcn.Build(new RgcnOptions { Widths = [6, 4, 2], Bases = 3, Featureless = true }).ToString(),
        Rgcn.Build(new RgcnOptions { Widths = [6, 4], Featureless = true, RootWeight = false, Bias = false }).ToString(),
        Rgat.Build(new RgatOptions { Widths = [6, 4], Heads = 3, Concat = false, Attention = RgatAttention.WithinRelation }).ToString(),
        Hgt.Build(new HgtOptions { Widths = [1, 4, 4], Heads = 2, InputWidths = [3, 4, 4] }).ToString(),
    ];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Programs_parse_back(string text) => Assert.Equal(text, ProgramParser.Parse(text).ToString());
}
