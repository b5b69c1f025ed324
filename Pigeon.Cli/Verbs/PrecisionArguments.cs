using System.CommandLine;
using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>The option <c>--precision</c>: what the GEMMs of a GPU multiply in.</summary>
internal static class PrecisionArguments
{
    private const string Name = "--precision";

    private static readonly Dictionary<string, GemmPrecision> Known = new()
    {
        ["f32"] = GemmPrecision.F32, ["tf32"] = GemmPrecision.Tf32, ["bf16"] = GemmPrecision.Bf16, ["tf32x3"] = GemmPrecision.Tf32x3,
    };

    /// <summary>The option.</summary>
    public static Option<string> Option() => new(Name)
    {
        Description = "what the products of a GPU's GEMMs are computed in: f32, or by tensor cores tf32, bf16 or tf32x3, which is nearly f32; sums are f32",
        HelpName = "precision",
        DefaultValueFactory = _ => "f32",
    };

    /// <summary>What the option says.</summary>
    /// <exception cref="PigeonException">PG0502: it is no such precision.</exception>
    public static GemmPrecision Precision(this ParseResult line, Option<string> option)
    {
        Arguments.RequireAmong(Name, [line.GetValue(option)!], [.. Known.Keys]);
        return Known[line.GetValue(option)!];
    }

    /// <summary>Refuses what only tensor cores have.</summary>
    /// <exception cref="PigeonException">PG0503: it is not f32.</exception>
    /// <param name="precision">What was asked for.</param>
    /// <param name="where">The option that chooses the processor.</param>
    public static void RequireF32(GemmPrecision precision, string where)
    {
        if (precision != GemmPrecision.F32)
        {
            throw new PigeonException(DiagnosticIds.OptionsConflict, "a CPU multiplies in f32", Name,
                $"leave it out, or choose a GPU with {where}");
        }
    }
}
