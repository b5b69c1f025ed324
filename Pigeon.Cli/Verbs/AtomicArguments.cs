using System.CommandLine;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>The option <c>--atomics</c>: whether a GPU may add up weight gradients in any order.</summary>
internal static class AtomicArguments
{
    private const string Name = "--atomics";

    /// <summary>The option.</summary>
    public static Option<bool> Option() => new(Name)
    {
        Description = "let a GPU add up weight gradients by atomics, whose last bits differ from run to run; without it every run gives the same bits",
    };

    /// <summary>Refuses it where kernels are for the CPU.</summary>
    /// <param name="atomics">Whether it was given.</param>
    /// <param name="where">The option that chooses the processor.</param>
    /// <exception cref="PigeonException">PG0503: it was.</exception>
    public static void RequireGpu(bool atomics, string where)
    {
        if (atomics)
        {
            throw new PigeonException(DiagnosticIds.OptionsConflict, "a CPU joins partial sums in their order", Name, $"leave it out, or choose a GPU with {where}");
        }
    }
}
