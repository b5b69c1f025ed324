using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>What a picture may be called. Apart from <see cref="ChartWriter"/>, so that a wrong name is refused before that is loaded.</summary>
internal static class PictureFile
{
    public const string Png = ".png";
    public const string Svg = ".svg";

    /// <summary>Refuses a path whose ending is no kind of picture, before the work that the picture is to show.</summary>
    /// <exception cref="PigeonException">PG0502: it is neither .png nor .svg.</exception>
    public static void RequireKind(string option, string path)
    {
        if (Path.GetExtension(path) is not (Png or Svg))
        {
            throw new PigeonException(DiagnosticIds.OptionValue, $"'{path}' is neither {Png} nor {Svg}", option);
        }
    }
}
