using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>What <c>--target</c> names: the processor that kernels are written for.</summary>
internal static class CudaTarget
{
    /// <summary>The target that is not a GPU.</summary>
    public const string Cpu = "cpu";

    private const string Prefix = "cuda:sm_";
    private const int Oldest = 80;

    /// <summary>The GPU architecture of a target, as in 90 for <c>cuda:sm_90</c>; null for the CPU.</summary>
    /// <exception cref="PigeonException">PG0502: it is neither.</exception>
    public static int? Parse(string target)
    {
        if (target == Cpu)
        {
            return null;
        }

        return target.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(target.AsSpan(Prefix.Length), NumberStyles.None,
            CultureInfo.InvariantCulture, out int architecture) && architecture is >= Oldest and < 1000
            ? architecture
            : throw new PigeonException(DiagnosticIds.OptionValue, $"'{target}' is not known", "--target",
                "use cpu, cuda:sm_80, cuda:sm_86, cuda:sm_89 or cuda:sm_90");
    }
}
