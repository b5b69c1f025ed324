using System.CommandLine;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>The option <c>--storage</c>: what rows are kept in on the CPU.</summary>
internal static class StorageArguments
{
    private const string Name = "--storage";

    private static readonly Dictionary<string, ElementType> Known = new() { ["f32"] = ElementType.F32, ["bf16"] = ElementType.BF16 };

    /// <summary>The option.</summary>
    public static Option<string> Option() => new(Name)
    {
        Description = "what a CPU keeps rows of features, fixed weights and intermediate values in: f32, or bf16 for half the bytes; sums and outputs are f32",
        HelpName = "storage",
        DefaultValueFactory = _ => "f32",
    };

    /// <summary>What the option says.</summary>
    /// <exception cref="PigeonException">PG0502: it is no such element type.</exception>
    public static ElementType Storage(this ParseResult line, Option<string> option)
    {
        Arguments.RequireAmong(Name, [line.GetValue(option)!], [.. Known.Keys]);
        return Known[line.GetValue(option)!];
    }

    /// <summary>Refuses what kernels of GPUs don't have.</summary>
    /// <param name="storage">What was asked for.</param>
    /// <exception cref="PigeonException">PG0503: it is not f32.</exception>
    public static void RequireF32(ElementType storage)
    {
        if (storage != ElementType.F32)
        {
            throw new PigeonException(DiagnosticIds.OptionsConflict, "kernels of GPUs keep rows in f32", Name,
                "leave it out, or use the CPU; run, compile and pack have --precision bf16 for a GPU's products");
        }
    }
}
