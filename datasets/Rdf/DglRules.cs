using Pigeon.Runtime;

namespace Pigeon.Datasets;

/// <summary>
/// Implements <see cref="RdfRules.Dgl"/>. Node and edge types are in ordinal order of their names; the nodes of a type follow one
/// another, in order of first appearance in the sorted statements.
/// </summary>
internal sealed class DglRules(RdfVocabulary vocabulary) : RdfRules("dgl-" + vocabulary.ToString().ToLowerInvariant())
{
    public override GraphDataset ToGraph(RdfTriples triples, string name)
    {
        var reader = DglVocabulary.Of(vocabulary);
        var entities = triples.Terms.Select(reader.Entity).ToArray();
        string?[] relations = [.. triples.Terms.Select(term => term.Kind == RdfTermKind.Iri ? Rename(reader.Relation(term.Value)) : null)];

        var nodes = new Numbering<DglEntity>();
        var types = new Numbering<CanonicalType>();
        var edges = new List<(int Source, int Type, int Destination)>();
        foreach (var (subject, predicate, @object) in Sorted(triples))
        {
            if (entities[subject] is { } from && relations[predicate] is { } relation && entities[@object] is { } to)
            {
                (from, to) = reader.Settle(from, triples.Terms[predicate].Value, relation, to);
                if (from.Type is not null && to.Type is not null)
                {
                    edges.Add((nodes[from], types[new(from.Type, relation, to.Type)], nodes[to]));
                }
            }
        }

        var graph = Create(nodes, types, edges, out var names);
        return new(name, graph, $"RDF, {triples.Count} statements, by DGL's rules for {vocabulary.ToString().ToUpperInvariant()}, " +
            "with reverse edges", names);
    }

    public override string? NodeNameOf(string iri) =>
        DglVocabulary.Of(vocabulary).Entity(new(RdfTermKind.Iri, iri)) is { } entity ? $"{entity.Type}/{entity.Id}" : null;

    private static HeteroGraph Create(Numbering<DglEntity> nodes, Numbering<CanonicalType> types,
        List<(int Source, int Type, int Destination)> edges, out string[] names)
    {
        string[] nodeTypes = [.. nodes.Items.Select(n => n.Type!).Distinct().Order(StringComparer.Ordinal)];
        if (nodeTypes.Length == 0)
        {
            nodeTypes = ["node"];
        }

        int[] typeOf = [.. nodes.Items.Select(n => TypeIndex(n.Type!))];
        int[] nodeOrder = Order(typeOf.Length, (a, b) => typeOf[a].CompareTo(typeOf[b]), out int[] nodeRank);
        int[] typeOrder = Order(types.Items.Count, (a, b) => types.Items[a].CompareTo(types.Items[b]), out int[] typeRank);
        names = Array.ConvertAll(nodeOrder, n => $"{nodes.Items[n].Type}/{nodes.Items[n].Id}");
        EdgeType[] edgeTypes = [.. typeOrder.Select(t => types.Items[t])
            .Select(t => new EdgeType(t.Name, TypeIndex(t.Source), TypeIndex(t.Destination)))];
        return HeteroGraph.Create(nodeTypes, edgeTypes, Array.ConvertAll(nodeOrder, n => typeOf[n]),
            [.. edges.Select(e => nodeRank[e.Source])],
            [.. edges.Select(e => nodeRank[e.Destination])],
            [.. edges.Select(e => typeRank[e.Type])]).WithReverse();

        int TypeIndex(string type) => Array.BinarySearch(nodeTypes, type, StringComparer.Ordinal);
    }

    /// <summary><c>type</c> can't be a key of a module dictionary; DGL renames it.</summary>
    private static string? Rename(string? relation) => relation == "type" ? "rdftype" : relation;

    private static (int Subject, int Predicate, int Object)[] Sorted(RdfTriples triples)
    {
        Order(triples.Terms.Count, (a, b) => RdfTerm.Compare(triples.Terms[a], triples.Terms[b]), out int[] rank);
        var sorted = triples.Statements.ToArray();
        Array.Sort(sorted, (a, b) =>
            (rank[a.Subject], rank[a.Predicate], rank[a.Object]).CompareTo((rank[b.Subject], rank[b.Predicate], rank[b.Object])));
        return sorted;
    }

    /// <summary>Sorts indices, equal ones in their own order; <paramref name="rank"/> is the inverse permutation.</summary>
    private static int[] Order(int count, Comparison<int> compare, out int[] rank)
    {
        int[] order = [.. Enumerable.Range(0, count).Order(Comparer<int>.Create(compare))];
        rank = new int[count];
        for (int i = 0; i < count; i++)
        {
            rank[order[i]] = i;
        }

        return order;
    }
}
