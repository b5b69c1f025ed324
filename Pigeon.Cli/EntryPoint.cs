namespace Pigeon.Cli;

/// <summary>Where the process starts.</summary>
internal static class EntryPoint
{
    private static int Main(string[] arguments) => PigeonTool.Run(arguments, Terminal.OfProcess());
}
