namespace Pigeon.Kernels;

/// <summary>What went wrong, where, and what to do about it. Every id has an entry in <c>docs/diagnostics.md</c>.</summary>
/// <param name="Id">The stable id, <c>PG</c> and four digits.</param>
/// <param name="Message">What is wrong, with the offending values.</param>
/// <param name="Place">A file with line, a value of a program, a tensor; null where the message says it all.</param>
/// <param name="Remedy">What the reader can do about it; null where it is obvious.</param>
public sealed record Diagnostic(string Id, string Message, string? Place = null, string? Remedy = null)
{
    /// <summary>One line: <c>PG0301: x.npy: 7 rows, but the graph has 9 nodes (write one row per node)</c>.</summary>
    public override string ToString() =>
        $"{Id}: {(Place is null ? "" : Place + ": ")}{Message}{(Remedy is null ? "" : $" ({Remedy})")}";
}

/// <summary>The one exception that Pigeon throws for bad input: a program, a graph, a file or an option that can't be used.</summary>
public sealed class PigeonException : Exception
{
    /// <summary>Creates the exception for a diagnostic.</summary>
    public PigeonException(Diagnostic diagnostic, Exception? inner = null)
        : base(diagnostic.ToString(), inner) => Diagnostic = diagnostic;

    /// <summary>Creates the diagnostic and the exception for it.</summary>
    public PigeonException(string id, string message, string? place = null, string? remedy = null)
        : this(new Diagnostic(id, message, place, remedy))
    {
    }

    /// <summary>What went wrong.</summary>
    public Diagnostic Diagnostic { get; }
}
