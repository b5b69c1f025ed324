using Pigeon.Kernels;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace Pigeon.Cli;

/// <summary>Draws charts as PNG and as SVG. The only file that knows the plotting library, which is loaded when one is drawn.</summary>
internal static class ChartWriter
{
    private const int PanelWidth = 560;
    private const int Height = 400;
    private const int TitleHeight = 44;
    private const int Margin = 12;

    /// <summary>Pixels of a PNG per unit of length, so that it is sharp on a fine screen and on paper.</summary>
    private const int Density = 2;

    /// <summary>A typeface that the machine has; without any, the picture has no words.</summary>
    private static readonly string Family = SKTypeface.FromFamilyName("DejaVu Sans")?.FamilyName ?? Fonts.Sans;

    /// <summary>Colours that people with any colour vision tell apart (Okabe and Ito 2008).</summary>
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

    /// <summary>Draws a chart.</summary>
    /// <param name="path">A file, .png or .svg.</param>
    /// <param name="chart">What to draw.</param>
    /// <exception cref="PigeonException">PG0505: the file can't be written.</exception>
    public static void Write(string path, Chart chart)
    {
        int width = (PanelWidth * chart.Panels.Count) + (2 * Margin);
        byte[] picture = Path.GetExtension(path) == PictureFile.Svg ? ToSvg(chart, width) : ToPng(chart, width);
        OutputFile.Write(path, stream => stream.Write(picture));
    }

    private static byte[] ToPng(Chart chart, int width)
    {
        using var surface = SKSurface.Create(new SKImageInfo(width * Density, Height * Density));
        surface.Canvas.Scale(Density);
        Draw(surface.Canvas, chart, width);
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return data.ToArray();
    }

    private static byte[] ToSvg(Chart chart, int width)
    {
        using var stream = new MemoryStream();
        using (SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, width, Height), stream))
        {
            Draw(canvas, chart, width);
        }

        return stream.ToArray();
    }

    private static void Draw(SKCanvas canvas, Chart chart, int width)
    {
        const float baseline = 30;
        canvas.Clear(SKColors.White);
        for (int i = 0; i < chart.Panels.Count; i++)
        {
            float left = Margin + (i * PanelWidth);

            // A plot clears its canvas first.
            canvas.Save();
            canvas.ClipRect(new SKRect(left, TitleHeight, left + PanelWidth, Height - Margin));
            using Plot plot = ToPlot(chart.Panels[i]);
            plot.Render(canvas, new PixelRect(left, left + PanelWidth, Height - Margin, TitleHeight));
            canvas.Restore();
        }

        using var typeface = SKTypeface.FromFamilyName(Family, SKFontStyle.Bold);
        using var font = new SKFont(typeface, size: 17);
        using var ink = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        canvas.DrawText(chart.Title, width / 2f, baseline, SKTextAlign.Center, font, ink);
    }

    private static Plot ToPlot(ChartPanel panel)
    {
        const int labelSize = 14;
        const int tickSize = 12;
        var plot = new Plot();
        plot.Font.Set(Family);
        plot.FigureBackground.Color = Colors.White;
        plot.XLabel(panel.X, labelSize);
        plot.YLabel(panel.Y, labelSize);
        plot.Axes.Bottom.Label.Bold = plot.Axes.Left.Label.Bold = false;
        plot.Axes.Bottom.TickLabelStyle.FontSize = plot.Axes.Left.TickLabelStyle.FontSize = tickSize;
        plot.Axes.Bottom.MinorTickStyle.Length = plot.Axes.Left.MinorTickStyle.Length = 0;
        if (panel.Lines.All(line => line.X.All(double.IsInteger)))
        {
            plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        }

        // Two sides have no axis, only room for half a number.
        const int room = 20;
        plot.Axes.Right.FrameLineStyle.Width = plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Right.MinimumSize = room;
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.1);
        foreach (ChartLine line in panel.Lines)
        {
            Add(plot, line);
        }

        plot.Axes.Margins(horizontal: 0.02, vertical: 0.06);
        if (panel.Lines.Any(line => line.Name is not null))
        {
            plot.ShowLegend(EmptiestCorner(panel));
            plot.Legend.FontSize = tickSize;
            plot.Legend.ShadowColor = Colors.Transparent;
            plot.Legend.OutlineColor = Colors.Black.WithAlpha(0.2);
        }

        return plot;
    }

    /// <summary>The corner with the fewest points behind a legend.</summary>
    private static Alignment EmptiestCorner(ChartPanel panel)
    {
        const double widthOfLegend = 0.4;
        const double heightOfLegend = 0.3;
        (double X, double Y)[] points = [.. panel.Lines.SelectMany(line => line.X.Zip(line.Y)).Where(point => double.IsFinite(point.Second))];
        if (points.Length == 0)
        {
            return Alignment.UpperRight;
        }

        (double left, double right) = (points.Min(point => point.X), points.Max(point => point.X));
        (double bottom, double top) = (points.Min(point => point.Y), points.Max(point => point.Y));
        return new[] { Alignment.UpperRight, Alignment.LowerRight, Alignment.UpperLeft, Alignment.LowerLeft }.MinBy(corner => points.Count(point =>
        {
            double fromSide = corner is Alignment.UpperRight or Alignment.LowerRight ? right - point.X : point.X - left;
            double fromEnd = corner is Alignment.UpperRight or Alignment.UpperLeft ? top - point.Y : point.Y - bottom;
            return fromSide <= widthOfLegend * (right - left) && fromEnd <= heightOfLegend * (top - bottom);
        }));
    }

    private static void Add(Plot plot, ChartLine line)
    {
        const float strong = 2.2f;
        const float thin = 1.2f;
        const double faint = 0.35;
        const float dot = 5;
        var scatter = plot.Add.ScatterLine(line.X.ToArray(), line.Y.ToArray());
        scatter.Color = Color.FromHex(Colours[line.Colour % Colours.Length]).WithAlpha(line.Style == ChartLineStyle.Faint ? faint : 1);
        scatter.LineWidth = line.Style == ChartLineStyle.Faint ? thin : strong;
        scatter.LinePattern = line.Style == ChartLineStyle.Dashed ? LinePattern.Dashed : LinePattern.Solid;
        scatter.MarkerSize = line.X.Count == 1 ? dot : 0;
        scatter.LegendText = line.Name ?? "";
    }
}
