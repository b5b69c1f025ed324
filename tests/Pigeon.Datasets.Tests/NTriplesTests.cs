using Xunit;

namespace Pigeon.Datasets.Tests;

public class NTriplesTests
{
    [Fact]
    public void Reader_takes_every_form_of_term()
    {
        var triples = Read("""
            # a comment
            <http://a/s> <http://a/p> <http://a/o> . # another

               _:b1	<http://a/p>	"plain".
            <http://a/s> <http://a/p> "tab\tquote\"back\\slash\u00e9\U0001F600"@EN-gb .
            <http://a/s><http://a/p>"5"^^<http://a/int>.
            <http://a/\u0073> <http://a/p> _:b1.
            """);
        Assert.Equal(5, triples.Count);
        Assert.Equal(
            [
                new(RdfTermKind.Iri, "http://a/s"),
                new(RdfTermKind.Iri, "http://a/p"),
                new(RdfTermKind.Iri, "http://a/o"),
                new(RdfTermKind.Blank, "b1"),
                new(RdfTermKind.Literal, "plain"),
                new(RdfTermKind.Literal, "tab\tquote\"back\\slashé😀", Language: "en-gb"),
                new(RdfTermKind.Literal, "5", Datatype: "http://a/int"),
            ],
            triples.Terms);
    }

    [Fact]
    public void Reader_keeps_a_repeated_statement_once() =>
        Assert.Equal(1, Read("<a:s> <a:p> <a:o> .\r\n<a:s> <a:p> <a:o> .\r\n").Count);

    [Fact]
    public void Reader_tells_terms_of_the_same_text_apart() => Assert.Equal(5, Read("""
        <a:x> <a:p> "a:x" .
        <a:x> <a:p> "a:x"@en .
        <a:x> <a:p> "a:x"^^<a:string> .
        """).Terms.Count);

    [Theory]
    [InlineData("<a:s> <a:p> <a:o>")]
    [InlineData("<a:s> <a:p> .")]
    [InlineData("<a:s> <a:p> <a:o> <a:g> .")]
    [InlineData("<a:s> <a:p> <a:o> . x")]
    [InlineData("<a:s> <a:p> \"open .")]
    [InlineData("<a:s> <a:p> \"x\\q\" .")]
    [InlineData("<a:s> <a:p> \"x\\u12\" .")]
    [InlineData("<a:s> <a:p> \"\\uD800\" .")]
    [InlineData("<a:s> <a:p> \"x\\")]
    [InlineData("<a:s> <a:p> \"x\"@ .")]
    [InlineData("<a:s> <a:p> \"x\"^^ .")]
    [InlineData("<a:s> <a b> <a:o> .")]
    [InlineData("<> <a:p> <a:o> .")]
    [InlineData("<a:s <a:p> <a:o> .")]
    [InlineData("_: <a:p> <a:o> .")]
    [InlineData("\"literal\" <a:p> <a:o> .")]
    [InlineData("<a:s> _:b <a:o> .")]
    [InlineData("word")]
    public void Reader_refuses_a_malformed_line(string line) =>
        Refusal.At("PG0304", "graph.nt:2", () => Read("<a:s> <a:p> <a:o> .\n" + line + "\n"));

    [Fact]
    public void Reader_refuses_bytes_that_are_not_UTF8()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.At("x.nt"), [.. "<a:s> <a:p> \""u8, 0xFF, .. "\" .\n"u8]);
        Refusal.At("PG0303", "x.nt:1", () => NTriples.Read(folder.At("x.nt")));
    }

    [Fact]
    public void Reader_refuses_a_line_without_end()
    {
        using var folder = new TempFolder();
        string path = folder.WriteGzip("x.nt.gz", [.. "<"u8, .. new byte[40_000_000]]);
        Refusal.Of("PG0303", () => NTriples.Read(path));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(200)]
    [InlineData(10_000)]
    public void Reader_refuses_a_gzip_file_that_was_cut_short(int missing)
    {
        using var folder = new TempFolder();
        string path = folder.WriteGzip("x.nt.gz", [.. Enumerable.Range(0, 40_000).SelectMany(i => System.Text.Encoding.ASCII.GetBytes(
            $"<a:{i * 7919 % 40_000}> <a:p> <a:{i * 104_729 % 39_989}> .\n"))]);
        Assert.Equal(40_000, NTriples.Read(path).Count);
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(file.Length - missing);
        }

        Refusal.Of("PG0302", () => NTriples.Read(path));
    }

    [Fact]
    public void Reader_refuses_what_is_not_there()
    {
        using var folder = new TempFolder();
        Refusal.Of("PG0301", () => NTriples.Read(folder.At("missing.nt")));
        Refusal.Of("PG0301", () => NTriples.Read(folder.Path));
    }

    private static RdfTriples Read(string text)
    {
        using var folder = new TempFolder();
        return NTriples.Read(folder.Write("graph.nt", text));
    }
}
