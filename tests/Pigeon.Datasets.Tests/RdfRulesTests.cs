using Pigeon.Tests;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class RdfRulesTests
{
    private const string Data = "http://data.bgs.ac.uk/";
    private const string Museum = "http://purl.org/collections/nl/am/";

    [DataFact("rdf/aifb")]
    public void Aifb_has_the_golden_counts() => CheckGolden("rdf/aifb");

    [DataFact("rdf/mutag")]
    public void Mutag_has_the_golden_counts() => CheckGolden("rdf/mutag");

    [DataFact("rdf/aifb")]
    public void Aifb_has_terms_that_only_their_kind_tells_apart()
    {
        var graph = RdfRules.Pyg.ToGraph(NTriples.Read(DataFactAttribute.Locate("rdf/aifb")), "aifb");
        var triples = NTriples.Read(DataFactAttribute.Locate("rdf/aifb"));
        Assert.Equal(8_285, graph.NodeNames!.Count);
        Assert.Equal(8_285, graph.NodeNames.Distinct().Count());
        int strings = triples.Statements.ToArray().SelectMany(s => (int[])[s.Subject, s.Object]).Distinct()
            .Select(t => triples.Terms[t].Value).Distinct().Count();
        Assert.Equal(Golden.Of("rdf/aifb").Int("nodes_as_strings"), strings);
    }

    [Fact]
    public void Pyg_pairs_each_relation_with_its_reverse_by_falling_frequency()
    {
        var dataset = RdfRules.Pyg.ToGraph(Triples(("a:1", "a:rare", "a:2"), ("a:2", "a:often", "a:3"), ("a:3", "a:often", "a:1")), "x");
        var graph = dataset.Graph;
        Assert.Equal(["a:often", "rev-a:often", "a:rare", "rev-a:rare"], graph.EdgeTypes.Select(t => t.Name));
        Assert.Equal(["<a:1>", "<a:2>", "<a:3>"], dataset.NodeNames!);
        Assert.Equal([(2, 0, 0), (1, 2, 0), (2, 1, 1), (0, 2, 1), (0, 1, 2), (1, 0, 3)],
            Enumerable.Range(0, 6).Select(e => (graph.Source[e], graph.Destination[e], graph.EdgeTypeOf[e])));
    }

    [Fact]
    public void Bgs_rules_follow_the_namespace()
    {
        var dataset = RdfRules.Dgl(RdfVocabulary.Bgs).ToGraph(Triples(
            (Data + "id/Lexicon/NamedRockUnit/A", Data + "ref/Lexicon/hasTheme", Data + "id/Theme/Class/T"),
            (Data + "id/Lexicon/NamedRockUnit/A", Data + "ref/Lexicon/hasLithogenesis", Data + "id/Theme/Class/T"),
            (Data + "id/Lexicon/NamedRockUnit/A", Data + "ref/short", Data + "id/Theme/Class/T"),
            (Data + "id/Lexicon/NamedRockUnit/A", "http://www.w3.org/x#y", Data + "id/Lexicon/NamedRockUnit/B"),
            (Data + "id/Lexicon/NamedRockUnit/A", "http://www.w3.org/x#y", Data + "ref/CurrentStatus/Current"),
            (Data + "id/Lexicon/NamedRockUnit/A", "http://www.w3.org/x#y", Data + "id/too/many/parts/here")), "bgs");
        Assert.Equal(["Lexicon/NamedRockUnit", "Theme/Class"], dataset.Graph.NodeTypes.AsEnumerable());
        Assert.Equal(["Lexicon/hasTheme", "http://www_w3_org/x#y", "rev-Lexicon/hasTheme", "rev-http://www_w3_org/x#y"],
            dataset.Graph.EdgeTypes.Select(t => t.Name));
        Assert.Equal(["Lexicon/NamedRockUnit/A", "Lexicon/NamedRockUnit/B", "Theme/Class/T"], dataset.NodeNames!);
    }

    [Fact]
    public void Am_rules_follow_the_namespace()
    {
        var dataset = RdfRules.Dgl(RdfVocabulary.Am).ToGraph(Triples(
            (Museum + "proxy-1", Museum + "material", Museum + "t-1"),
            (Museum + "proxy-1", Museum + "objectCategory", Museum + "t-1"),
            (Museum + "proxy-1", Museum + "type", Museum + "t-1"),
            (Museum + "proxy-1", "http://www.w3.org/x", Museum + "Some-long-name"),
            (Museum + "proxy-1", "http://www.w3.org/x", "http://elsewhere/y")), "am");
        Assert.Equal(["TYPE", "proxy", "t"], dataset.Graph.NodeTypes.AsEnumerable());
        Assert.Equal(["http://www_w3_org/x", "rdftype", "rev-http://www_w3_org/x", "rev-rdftype"],
            dataset.Graph.EdgeTypes.Select(t => t.Name));
        Assert.Equal(["TYPE/Some-long-name", "proxy/1", "t/1"], dataset.NodeNames!);
    }

    [Theory]
    [InlineData("/x/aifb", "dgl-aifb")]
    [InlineData("/x/mutag_stripped.nt.gz", "dgl-mutag")]
    [InlineData("/x/AM/data.nt", "dgl-am")]
    [InlineData("/aifb/x/data.nt", "pyg")]
    [InlineData("/x/amateur.nt", "pyg")]
    [InlineData("/x/1.nt", "pyg")]
    public void Names_of_files_tell_the_rules(string path, string rules) => Assert.Equal(rules, RdfRules.Detect(path).Name);

    [Fact]
    public void Unknown_rules_are_refused() => Assert.Contains("dgl-bgs", Refusal.Of("PG0305", () => RdfRules.Parse("owl")).Remedy);

    [Fact]
    public void Rules_of_no_statements_give_an_empty_graph()
    {
        Assert.Equal(0, RdfRules.Pyg.ToGraph(new(), "x").Graph.EdgeCount);
        Assert.Equal(0, RdfRules.Dgl(RdfVocabulary.Am).ToGraph(new(), "x").Graph.EdgeCount);
    }

    private static void CheckGolden(string key)
    {
        var golden = Golden.Of(key);
        var triples = NTriples.Read(DataFactAttribute.Locate(key));
        Assert.Equal(golden.Int("triples"), triples.Count);
        Assert.Equal(golden.Int("literals"), triples.Terms.Count(t => t.Kind == RdfTermKind.Literal));
        Assert.Equal(golden.Int("bnodes"), triples.Terms.Count(t => t.Kind == RdfTermKind.Blank));

        var pyg = RdfRules.Pyg.ToGraph(triples, key).Graph;
        var pygGolden = golden.GetProperty("pyg_rules");
        Assert.Equal((pygGolden.Int("nodes"), pygGolden.Int("edges_with_reverse"), pygGolden.Int("edge_types")),
            (pyg.NodeCount, pyg.EdgeCount, pyg.EdgeTypes.Length));

        var dgl = RdfRules.Detect(key).ToGraph(triples, key).Graph;
        var dglGolden = golden.GetProperty("dgl_rules");
        int forward = dglGolden.Int("canonical_forward");
        Assert.Equal((dglGolden.Int("nodes"), dglGolden.Int("edges_with_reverse"), dglGolden.Int("canonical_with_reverse")),
            (dgl.NodeCount, dgl.EdgeCount, dgl.EdgeTypes.Length));
        Assert.Equal(dglGolden.Int("edges_forward"), dgl.EdgeTypeOf.ToArray().Count(type => type < forward));
        Assert.Equal(dglGolden.Int("relation_names_forward"), dgl.EdgeTypes.Take(forward).Select(t => t.Name).Distinct().Count());
        Assert.All(dgl.EdgeTypes, type => Assert.True(type.IsCanonical));
        Assert.Equal(dglGolden.GetProperty("ntypes").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32()),
            dgl.NodeType.ToArray().CountBy(k => k).ToDictionary(p => dgl.NodeTypes[p.Key], p => p.Value));
    }

    private static RdfTriples Triples(params (string Subject, string Predicate, string Object)[] statements)
    {
        var triples = new RdfTriples();
        foreach (var (subject, predicate, @object) in statements)
        {
            triples.Add(new(RdfTermKind.Iri, subject), new(RdfTermKind.Iri, predicate), new(RdfTermKind.Iri, @object));
        }

        return triples;
    }
}
