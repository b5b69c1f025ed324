namespace Pigeon.Cli;

/// <summary>Lines over axes: what <see cref="ChartWriter"/> draws.</summary>
/// <param name="Title">What stands above all panels.</param>
/// <param name="Panels">The panels, from left to right; at least one.</param>
internal sealed record Chart(string Title, IReadOnlyList<ChartPanel> Panels);

/// <summary>One pair of axes.</summary>
/// <param name="X">What the horizontal axis shows, with its unit.</param>
/// <param name="Y">What the vertical axis shows, with its unit.</param>
/// <param name="Lines">The lines, the first at the bottom.</param>
internal sealed record ChartPanel(string X, string Y, IReadOnlyList<ChartLine> Lines);

/// <summary>A line through points.</summary>
/// <param name="Name">Its name in the legend; null for none.</param>
/// <param name="X">The points' places on the horizontal axis.</param>
/// <param name="Y">The points' heights, as many; those that are not finite leave a gap.</param>
/// <param name="Style">How it is drawn.</param>
/// <param name="Colour">The number of its colour, from 0; lines of one number look alike.</param>
internal sealed record ChartLine(string? Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, ChartLineStyle Style = ChartLineStyle.Strong,
    int Colour = 0);

/// <summary>How a line is drawn.</summary>
internal enum ChartLineStyle
{
    /// <summary>The figure that counts.</summary>
    Strong,

    /// <summary>One of many, behind the others.</summary>
    Faint,

    /// <summary>What it is compared with.</summary>
    Dashed,
}
