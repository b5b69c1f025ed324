namespace Pigeon.Benchmarks;

/// <summary>Where the process starts.</summary>
internal static class EntryPoint
{
    private static int Main(string[] arguments) => new BenchmarkCommand().Parse(arguments).Invoke();
}
