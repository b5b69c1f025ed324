using Xunit;

namespace Pigeon.Benchmarks.Tests;

/// <summary>A test that needs libtorch; skipped, with the reason, where <c>benchmarks/run.sh</c> has not fetched it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LibtorchFactAttribute : FactAttribute
{
    /// <summary>Loads libtorch.</summary>
    public LibtorchFactAttribute() => Skip = Absence.Value;

    private static Lazy<string?> Absence { get; } = new(() => Libtorch.Load(threads: 1));
}
