using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>How RDF statements become a graph. Both rule sets add the reverse of every edge.</summary>
public abstract class RdfRules
{
    private protected RdfRules(string name) => Name = name;

    /// <summary>
    /// The rules of PyTorch Geometric's <c>Entities</c> and of the R-GCN paper: every term is a node of the one type <c>node</c>;
    /// relation <c>r</c>, counted by falling frequency, gives the edge types <c>2r</c> and, reversed, <c>2r + 1</c>.
    /// </summary>
    public static RdfRules Pyg { get; } = new PygRules();

    /// <summary><c>pyg</c>, <c>dgl-aifb</c>, <c>dgl-mutag</c>, <c>dgl-bgs</c> or <c>dgl-am</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// DGL's rules: IRIs of the dataset's own namespace are nodes and tell their type, other statements are dropped; edge types are
    /// (source type, relation, destination type), and each has a partner <c>rev-</c> at <c>R + r</c>.
    /// </summary>
    public static RdfRules Dgl(RdfVocabulary vocabulary) => new DglRules(vocabulary);

    /// <summary>The rules of that <see cref="Name"/>.</summary>
    /// <exception cref="PigeonException">PG0305: there are none.</exception>
    public static RdfRules Parse(string name)
    {
        RdfRules[] all = [Pyg, .. Enum.GetValues<RdfVocabulary>().Select(Dgl)];
        return Array.Find(all, rules => rules.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ??
            throw new PigeonException(DiagnosticIds.UnknownRdfRules, $"'{name}' names no rules for RDF",
                remedy: "there are " + string.Join(", ", all.Select(rules => rules.Name)));
    }

    /// <summary>
    /// DGL's rules if the name of the file or of its folder contains the word <c>aifb</c>, <c>mutag</c>, <c>bgs</c> or <c>am</c>;
    /// otherwise <see cref="Pyg"/>, which suit any RDF.
    /// </summary>
    public static RdfRules Detect(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        foreach (string? part in (string?[])[Path.GetFileName(full), Path.GetFileName(Path.GetDirectoryName(full))])
        {
            foreach (string word in (part ?? "").Split('.', '_', '-', ' '))
            {
                if (Enum.TryParse(word, ignoreCase: true, out RdfVocabulary vocabulary) && !char.IsAsciiDigit(word[0]))
                {
                    return Dgl(vocabulary);
                }
            }
        }

        return Pyg;
    }

    /// <summary>Makes the graph.</summary>
    /// <param name="triples">The statements.</param>
    /// <param name="name">What the dataset is called.</param>
    public abstract GraphDataset ToGraph(RdfTriples triples, string name);

    /// <summary>The name of the node that an IRI becomes; null where the rules drop it.</summary>
    public abstract string? NodeNameOf(string iri);
}
