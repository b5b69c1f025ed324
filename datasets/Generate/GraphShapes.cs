using System.Collections.Immutable;

namespace Pigeon.Datasets;

/// <summary>
/// The shapes of the graphs on which relational models are usually measured. Counts are the published ones; the sizes of relations
/// fall like Zipf's law, except in <see cref="Mag"/>, whose four are known.
/// </summary>
public static class GraphShapes
{
    /// <summary>AIFB by DGL's rules. Ratio 0.46 as in the real graph without node types; 0.50 with them.</summary>
    public static GraphShape Aifb { get; } = Zipf("aifb", "AIFB by DGL's rules", [new("Forschungsgebiete", 146),
        new("Forschungsgruppen", 5), new("Kooperationen", 28), new("Personen", 237), new("Projekte", 78),
        new("Publikationen", 1_318), new("_Literal", 5_450)], 24_405, 52, 0.55, 0.37, withReverse: true);

    /// <summary>MUTAG by DGL's rules. Ratio 0.51 as in the real graph.</summary>
    public static GraphShape Mutag { get; } = Zipf("mutag", "MUTAG by DGL's rules", [new("SCHEMA", 3_687), new("_Literal", 1_104),
        new("bond", 9_317), new("d", 9_529), new("hasStructure", 3_526)], 74_050, 25, 0.59, 0.43, withReverse: true);

    /// <summary>BGS by DGL's rules. The sizes of the node types and the ratio 0.42 are estimates.</summary>
    public static GraphShape Bgs { get; } = Zipf("bgs", "BGS by DGL's rules; node type sizes and ratios estimated",
        ZipfSchema.NodeTypes(94_806, 27), 336_442, 61, 0.50, 0.34, withReverse: true);

    /// <summary>AM by DGL's rules. Ratio 0.57 as published; the sizes of the node types are estimates.</summary>
    public static GraphShape Am { get; } = Zipf("am", "AM by DGL's rules; node type sizes estimated",
        ZipfSchema.NodeTypes(881_680, 7), 2_834_341, 54, 0.75, 0.39, withReverse: true);

    /// <summary>FB15k-237, facts of all splits. Ratio 0.261 as in the real graph.</summary>
    public static GraphShape Fb15k { get; } = Zipf("fb15k", "FB15k-237, all splits", [new("entity", 14_541)], 310_116, 237, 0.325, 0.197,
        withReverse: true);

    /// <summary>ogbl-biokg, train facts. The ratios 0.05 and 0.06 are estimates from its type sizes: few nodes, many edges each.</summary>
    public static GraphShape Biokg { get; } = Zipf("biokg", "ogbl-biokg, train; ratios estimated", [new("disease", 10_687),
        new("drug", 10_533), new("function", 45_085), new("protein", 17_499), new("sideeffect", 9_969)], 4_762_678, 51, 0.05, 0.06);

    /// <summary>
    /// ogbn-mag. The ratios 0.165 and 0.070 are just below their bounds 0.173 and 0.073, which hold if no node lacks a relation.
    /// </summary>
    public static GraphShape Mag { get; } = new()
    {
        Name = "mag",
        Description = "ogbn-mag; ratios just below their bounds",
        NodeTypes = [new("author", 1_134_649), new("field_of_study", 59_965), new("institution", 8_740), new("paper", 736_389)],
        Relations = [new("affiliated_with", 0, 2, 1_043_998), new("writes", 0, 3, 7_145_660), new("cites", 3, 3, 5_416_271),
            new("has_topic", 3, 1, 7_505_078)],
        SourceRatio = 0.165,
        DestinationRatio = 0.070,
    };

    /// <summary>ogbl-wikikg2, train facts. The ratios 0.65 and 0.20 are estimates between those of AM and CoDEx-M.</summary>
    public static GraphShape Wikikg2 { get; } = Zipf("wikikg2", "ogbl-wikikg2, train; ratios estimated", [new("entity", 2_500_604)],
        16_109_182, 535, 0.65, 0.20);

    /// <summary>All of them, the small ones first.</summary>
    public static ImmutableArray<GraphShape> All { get; } = [Aifb, Mutag, Fb15k, Bgs, Biokg, Am, Wikikg2, Mag];

    private static GraphShape Zipf(string name, string description, ImmutableArray<NodeTypeShape> nodeTypes, int edges, int relations,
        double sourceRatio, double destinationRatio, bool withReverse = false) => new()
        {
            Name = name,
            Description = description,
            NodeTypes = nodeTypes,
            Relations = ZipfSchema.Relations(nodeTypes, edges, relations, sourceRatio, destinationRatio),
            SourceRatio = sourceRatio,
            DestinationRatio = destinationRatio,
            WithReverse = withReverse,
        };
}
