using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>Reads N-Triples (W3C, 2014): one statement a line, comments from <c>#</c>, blank lines.</summary>
public static class NTriples
{
    /// <summary>Reads a file, <c>.nt</c> or <c>.nt.gz</c>, or all such files of a folder in the order of their names.</summary>
    /// <exception cref="PigeonException">
    /// PG0301: no such file. PG0302: damaged gzip. PG0303: not UTF-8. PG0304: a line is not a statement; the message has file and line.
    /// </exception>
    public static RdfTriples Read(string path)
    {
        var triples = new RdfTriples();
        foreach (string file in Files(path))
        {
            using var lines = TextSource.OfFile(file).Lines();
            while (lines.Next())
            {
                Parse(lines, triples);
            }
        }

        return triples;
    }

    /// <summary>The N-Triples files that <see cref="Read"/> reads for a path.</summary>
    internal static IReadOnlyList<string> Files(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        string[] files = [.. Directory.EnumerateFiles(path).Where(IsNTriples).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new PigeonException(DiagnosticIds.Unreadable, "holds no .nt or .nt.gz file", path);
    }

    /// <summary>Whether a file is N-Triples by its name.</summary>
    internal static bool IsNTriples(string file) =>
        file.EndsWith(".nt", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".nt.gz", StringComparison.OrdinalIgnoreCase);

    private static void Parse(LineReader lines, RdfTriples triples)
    {
        var cursor = new NTriplesCursor(lines);
        if (cursor.AtEnd)
        {
            return;
        }

        RdfTerm subject = cursor.Term();
        RdfTerm predicate = cursor.Term();
        RdfTerm @object = cursor.Term();
        cursor.Stop();
        if (subject.Kind == RdfTermKind.Literal || predicate.Kind != RdfTermKind.Iri)
        {
            throw new PigeonException(DiagnosticIds.MalformedTriple,
                "a subject is an IRI or a blank node, and a predicate is an IRI", lines.Place);
        }

        triples.Add(subject, predicate, @object);
    }
}
