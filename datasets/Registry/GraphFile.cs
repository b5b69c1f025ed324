using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>Opens a graph of any known format; what it holds and is called tells the format.</summary>
public static class GraphFile
{
    /// <summary>
    /// Reads a graph folder, N-Triples (by <see cref="RdfRules.Detect"/>), OpenKE, kgbench or text triples (train facts, with reverse
    /// edges), the ogbn-mag corner, or CSV edges.
    /// </summary>
    /// <exception cref="PigeonException">
    /// PG0301: there is nothing at the path. PG0320: no format fits. Others come from the reader.
    /// </exception>
    public static GraphDataset Open(string path)
    {
        if (!Path.Exists(path))
        {
            throw new PigeonException(DiagnosticIds.Unreadable, "no such file or folder", path);
        }

        bool isFolder = Directory.Exists(path);
        string file = Path.GetFileName(path);
        return isFolder && GraphFolder.IsGraphFolder(path) ? GraphFolder.Read(path)
            : isFolder && OpenKeTriples.IsIn(path) ? WithReverse(OpenKeTriples.Read(path))
            : isFolder && KgbenchTriples.IsIn(path) ? WithReverse(KgbenchTriples.Read(path))
            : isFolder && MagCorner.IsIn(path) ? MagCorner.Read(path)
            : isFolder && TextTriples.IsIn(path) ? WithReverse(TextTriples.Read(path))
            : isFolder ? Rdf(path)
            : NTriples.IsNTriples(file) ? Rdf(path)
            : Has(file, "2id.txt") ? WithReverse(OpenKeTriples.Read(path))
            : Has(file, ".tgz") || Has(file, ".tar") || Has(file, ".txt") || Has(file, ".tsv") ? WithReverse(TextTriples.Read(path))
            : Has(file, ".csv") ? CsvGraph.Read(path)
            : throw new PigeonException(DiagnosticIds.UnknownFormat, "its name tells no format", path,
                "known are .csv, .nt, .txt or .tsv, *2id.txt, each also with .gz; .tar.gz; and folders");
    }

    private static GraphDataset WithReverse(TripleSet triples) =>
        triples.ToGraph(TripleSplits.Train, reverse: true) with { Splits = TripleSplit.Of(triples) };

    private static GraphDataset Rdf(string path) =>
        RdfRules.Detect(path).ToGraph(NTriples.Read(path), Path.GetFileName(Path.TrimEndingDirectorySeparator(path)));

    private static bool Has(string file, string ending) => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ||
        file.EndsWith(ending + ".gz", StringComparison.OrdinalIgnoreCase);
}
