namespace Pigeon.Simulator;

/// <summary>PTX as it was read: variables and functions.</summary>
internal sealed class PtxModule
{
    /// <summary>The name of the text, for reports.</summary>
    public required string File { get; init; }

    /// <summary>The architecture of <c>.target</c>, such as 80.</summary>
    public int Target { get; set; }

    /// <summary>Variables of the module by name.</summary>
    public Dictionary<string, PtxVariable> Variables { get; } = [];

    /// <summary>Functions and kernels by name.</summary>
    public Dictionary<string, PtxFunction> Functions { get; } = [];

    /// <summary>Source files by their number.</summary>
    public Dictionary<int, string> Sources { get; } = [];

    /// <summary>A place of the source as <c>file:line</c>; empty where it is not known.</summary>
    public string SourceText(PtxSource source) => source.Line == 0 ? "" : $"{SourceFile(source.File)}:{source.Line}";

    private string SourceFile(int number)
    {
        string name = Sources.GetValueOrDefault(number, "source");
        return name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
    }
}
