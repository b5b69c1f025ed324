using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// The datasets that Pigeon knows by name. Those named <c>gen:</c> are generated and always there; <c>gen:aifb@0.1</c> is one at a
/// tenth of its size; <c>default</c> is <c>gen:aifb</c>. The others are read from a data folder. RDF and knowledge graphs have
/// reverse edges; ogbn-mag, as published, has none.
/// </summary>
public static class DatasetRegistry
{
    private const string Generated = "gen:";
    private const string Default = "default";
    private const char Scale = '@';

    /// <summary>All datasets, generated ones first.</summary>
    public static ImmutableArray<DatasetEntry> Entries { get; } =
    [
        Shape(Default, GraphShapes.Aifb, "the graph for a first try: "),
        .. GraphShapes.All.Select(shape => Shape(Generated + shape.Name, shape, "")),
        Rdf("aifb", RdfVocabulary.Aifb, RdfRules.Dgl(RdfVocabulary.Aifb),
            "AIFB, DGL's rules: 7,262 nodes of 7 types, 48,810 edges of 104 types"),
        Rdf("aifb-pyg", RdfVocabulary.Aifb, RdfRules.Pyg, "AIFB, PyG's rules: 8,285 nodes, 58,086 edges of 90 types"),
        Rdf("mutag", RdfVocabulary.Mutag, RdfRules.Dgl(RdfVocabulary.Mutag),
            "MUTAG, DGL's rules: 27,163 nodes of 5 types, 148,100 edges of 50 types"),
        Rdf("mutag-pyg", RdfVocabulary.Mutag, RdfRules.Pyg, "MUTAG, PyG's rules: 23,644 nodes, 148,454 edges of 46 types"),
        Facts("am-12rel", "rdf/am-kgbench-12rel", KgbenchTriples.Read,
            "Amsterdam Museum, 12 relations: 1,080,876 nodes, 2,721,498 edges of 24 types"),
        Facts("fb15k-237", "kg/FB15k-237", Text, "FB15k-237: 14,541 nodes, 544,230 edges of 474 types"),
        Facts("fb15k-237-all", "kg/FB15k-237", Text, "FB15k-237, all splits: 14,541 nodes, 620,232 edges of 474 types", TripleSplits.All),
        Facts("wn18rr", "kg/wn18rr", Text, "WN18RR: 40,943 nodes, 173,670 edges of 22 types"),
        Facts("nell-995", "kg/openke/NELL-995", OpenKeTriples.Read, "NELL-995: 75,492 nodes, 299,356 edges of 400 types"),
        Facts("codex-s", "kg/codex-s", Text, "CoDEx-S: 2,034 nodes, 65,776 edges of 84 types"),
        Facts("codex-m", "kg/codex-m", Text, "CoDEx-M: 17,050 nodes, 371,168 edges of 102 types"),
        Facts("umls", "kg/umls", Text, "UMLS: 135 nodes, 10,432 edges of 92 types"),
        Facts("kinship", "kg/kinship", path => TextTriples.Read(path, TripleOrder.RelationHeadTail),
            "Kinship: 104 nodes, 17,096 edges of 50 types"),
        new("mag-corner", "A tenth of ogbn-mag's ids: 153,277 nodes of 3 types, 172,586 edges of 3 types; no reverse edges",
            "hetero/ogbn_mag_0.1", (path, _) => MagCorner.Read(path!)),
    ];

    /// <summary>Opens a dataset.</summary>
    /// <param name="name">Its name; generated ones may be scaled, as <c>gen:aifb@0.1</c>.</param>
    /// <param name="dataFolder">
    /// The folder with the real datasets, or null; the tool takes it from <c>--data</c> or <c>PIGEON_DATA</c>.
    /// </param>
    /// <param name="seed">The seed of generated ones.</param>
    /// <exception cref="PigeonException">
    /// PG0317: no dataset has the name. PG0318: it needs files that are not in the folder. PG0319: a bad scale.
    /// Others come from its reader.
    /// </exception>
    public static GraphDataset Open(string name, string? dataFolder = null, ulong seed = 0)
    {
        var entry = name.Contains(Scale) ? Scaled(name) : Find(name);
        if (entry is null)
        {
            throw new PigeonException(DiagnosticIds.UnknownDataset, $"no dataset is called '{name}'",
                remedy: $"one of {string.Join(", ", Entries.Select(e => e.Name))}; generated ones also with a scale, as gen:aifb@0.1");
        }

        if (!entry.IsAvailable(dataFolder))
        {
            throw new PigeonException(DiagnosticIds.UnavailableDataset,
                $"dataset {name} is not here: {(dataFolder is null ? "no data folder is set" : $"{dataFolder} has no {entry.Path}")}",
                remedy: $"set PIGEON_DATA or --data to the folder that holds {entry.Path}, or use {Generated}aifb, which needs no files");
        }

        var dataset = entry.Open(entry.Path is null ? null : Path.Combine(dataFolder!, entry.Path), seed);
        return dataset with { Name = name };
    }

    /// <summary>The entry of that name, in any case; null where there is none.</summary>
    public static DatasetEntry? Find(string name) => Entries.FirstOrDefault(e => e.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static DatasetEntry? Scaled(string name)
    {
        string[] parts = name.Split(Scale);
        string shapeName = parts[0].Equals(Default, StringComparison.OrdinalIgnoreCase) ? Generated + GraphShapes.Aifb.Name : parts[0];
        var shape = GraphShapes.All.FirstOrDefault(s => shapeName.Equals(Generated + s.Name, StringComparison.OrdinalIgnoreCase));
        if (shape is null || parts.Length != 2)
        {
            return null;
        }

        return double.TryParse(parts[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double factor)
            ? Shape(name, shape.Scale(factor), "")
            : throw new PigeonException(DiagnosticIds.InvalidShape, $"the scale '{parts[1]}' of {parts[0]} is not a number",
                remedy: $"write {parts[0]}@0.1 for a tenth");
    }

    private static TripleSet Text(string path) => TextTriples.Read(path);

    private static DatasetEntry Shape(string name, GraphShape shape, string prefix)
    {
        string nodeTypes = shape.NodeTypes.Length == 1 ? "" : $" of {shape.NodeTypes.Length} types";
        string counts = FormattableString.Invariant(
            $"{shape.NodeCount:N0} nodes{nodeTypes}, {shape.EdgeCount:N0} edges of {shape.EdgeTypeCount} types");
        string reverse = shape.WithReverse ? "; with reverse edges" : "; no reverse edges";
        return new(name, $"{prefix}{shape.Description}; generated: {counts}{reverse}", null,
            (_, seed) => GraphGenerator.Create(shape, seed));
    }

    private static DatasetEntry Rdf(string name, RdfVocabulary vocabulary, RdfRules rules, string description) =>
        new(name, $"{description}; with reverse edges", "rdf/" + vocabulary.ToString().ToLowerInvariant(), (folder, _) =>
        {
            var dataset = rules.ToGraph(NTriples.Read(folder!), name);
            return dataset with
            {
                Labels = RdfLabels.IsIn(folder!, vocabulary) ? RdfLabels.Read(folder!, vocabulary, rules, dataset) : null,
            };
        });

    private static DatasetEntry Facts(string name, string path, Func<string, TripleSet> read, string description,
        TripleSplits splits = TripleSplits.Train) =>
        new(name, $"{description}; {(splits == TripleSplits.Train ? "train facts" : "all facts")}, with reverse edges", path, (folder, _) =>
        {
            var set = read(folder!);
            var dataset = set.ToGraph(splits, reverse: true);
            return dataset with
            {
                Labels = KgbenchLabels.IsIn(folder!) ? KgbenchLabels.Read(folder!, dataset.Graph.NodeCount) : null,
                Splits = splits == TripleSplits.Train ? TripleSplit.Of(set) : null,
            };
        });
}
