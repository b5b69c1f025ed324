using Pigeon.Runtime;

namespace Pigeon.Datasets;

/// <summary>Implements <see cref="RdfRules.Pyg"/>. Where PyG leaves an order to chance, it is the order of first appearance.</summary>
internal sealed class PygRules() : RdfRules("pyg")
{
    public override GraphDataset ToGraph(RdfTriples triples, string name)
    {
        int[] relation = Relations(triples, out string[] relationNames);
        int[] node = Nodes(triples, out string[] nodeNames);
        int count = triples.Count;
        int[] source = new int[2 * count];
        int[] destination = new int[2 * count];
        int[] type = new int[2 * count];
        for (int i = 0; i < count; i++)
        {
            var (subject, predicate, @object) = triples.Statements[i];
            source[i] = destination[count + i] = node[subject];
            destination[i] = source[count + i] = node[@object];
            type[i] = 2 * relation[predicate];
            type[count + i] = 2 * relation[predicate] + 1;
        }

        string[] types = [.. relationNames.SelectMany(r => (string[])[r, "rev-" + r])];
        return new(name, HeteroGraph.Create(nodeNames.Length, types, source, destination, type),
            $"RDF, {count} statements, by the rules of PyG's Entities, with reverse edges", nodeNames);
    }

    /// <summary>For each term its relation, counted by falling frequency; relations of the same frequency by name.</summary>
    public override string? NodeNameOf(string iri) => new RdfTerm(RdfTermKind.Iri, iri).ToString();

    private static int[] Relations(RdfTriples triples, out string[] names)
    {
        int[] frequency = new int[triples.Terms.Count];
        foreach (var (_, predicate, _) in triples.Statements)
        {
            frequency[predicate]++;
        }

        int[] order = [.. Enumerable.Range(0, frequency.Length).Where(t => frequency[t] > 0)
            .OrderByDescending(t => frequency[t]).ThenBy(t => triples.Terms[t].Value, StringComparer.Ordinal)];
        names = Array.ConvertAll(order, t => triples.Terms[t].Value);
        int[] relation = new int[frequency.Length];
        for (int r = 0; r < order.Length; r++)
        {
            relation[order[r]] = r;
        }

        return relation;
    }

    /// <summary>For each term that is a subject or an object, its node.</summary>
    private static int[] Nodes(RdfTriples triples, out string[] names)
    {
        int[] node = new int[triples.Terms.Count];
        Array.Fill(node, -1);
        var nodeNames = new List<string>();
        foreach (var (subject, _, @object) in triples.Statements)
        {
            Add(subject);
            Add(@object);
        }

        names = [.. nodeNames];
        return node;

        void Add(int term)
        {
            if (node[term] < 0)
            {
                node[term] = nodeNames.Count;
                nodeNames.Add(triples.Terms[term].ToString());
            }
        }
    }
}
