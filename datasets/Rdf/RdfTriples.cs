using System.Runtime.InteropServices;

namespace Pigeon.Datasets;

/// <summary>
/// A set of RDF statements over numbered terms. Terms are numbered in order of first appearance; a statement that is added twice
/// is kept once, because an RDF graph is a set.
/// </summary>
public sealed class RdfTriples
{
    private readonly Numbering<RdfTerm> terms = new();
    private readonly List<(int Subject, int Predicate, int Object)> statements = [];
    private readonly HashSet<(int, int, int)> known = [];

    /// <summary>The distinct terms.</summary>
    public IReadOnlyList<RdfTerm> Terms => terms.Items;

    /// <summary>The number of statements.</summary>
    public int Count => statements.Count;

    /// <summary>The statements as indices into <see cref="Terms"/>, in the order they were added.</summary>
    public ReadOnlySpan<(int Subject, int Predicate, int Object)> Statements => CollectionsMarshal.AsSpan(statements);

    /// <summary>Adds a statement, unless it is there.</summary>
    public void Add(RdfTerm subject, RdfTerm predicate, RdfTerm @object)
    {
        var statement = (terms[subject], terms[predicate], terms[@object]);
        if (known.Add(statement))
        {
            statements.Add(statement);
        }
    }
}
