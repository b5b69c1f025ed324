namespace Pigeon.Cli;

/// <summary>The ids of what can be wrong with a command; <c>docs/diagnostics.md</c> explains each.</summary>
internal static class DiagnosticIds
{
    /// <summary>The command line is not one: an unknown verb or option, or one that is missing.</summary>
    public const string CommandLine = "PG0501";

    /// <summary>An option has a value that it does not take.</summary>
    public const string OptionValue = "PG0502";

    /// <summary>Two options say different things, or one is given where it means nothing.</summary>
    public const string OptionsConflict = "PG0503";

    /// <summary>A file can't be read or written by the tool.</summary>
    public const string FileAccess = "PG0505";

    /// <summary>The feature file does not fit the graph or the weights.</summary>
    public const string Features = "PG0506";

    /// <summary>The model asks for an input that <c>run</c> can't give.</summary>
    public const string ModelInput = "PG0507";

    /// <summary>What a checkpoint holds has no form that can be packed.</summary>
    public const string NotPacked = "PG0511";

    /// <summary>A run would take more memory than it may.</summary>
    public const string MemoryLimit = "PG0510";

    /// <summary>A model's name stands for its last run, and none is known.</summary>
    public const string NoRun = "PG0512";

    /// <summary>The name of an RDF file does not tell which of DGL's rules apply.</summary>
    public const string RdfRules = "PG0508";
}
