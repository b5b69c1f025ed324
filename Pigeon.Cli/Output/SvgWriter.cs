using System.Globalization;
using System.Security;
using System.Text;

namespace Pigeon.Cli;

/// <summary>Draws diagrams as SVG, with nothing but this program.</summary>
internal static class SvgWriter
{
    private const double CharacterWidth = 6.1;
    private const double LineHeight = 13;
    private const double Padding = 8;
    private const double LayerGap = 36;
    private const int LongestLine = 60;

    /// <summary>The text of the picture.</summary>
    public static string Write(Diagram diagram)
    {
        LayeredLayout layout = LayeredLayout.Of(diagram, WidthOf);
        double[] tops = Tops(layout, out double height);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{layout.Width:F0}\" height=\"{height:F0}\" font-family=\"monospace\" font-size=\"10\">\n");
        text.Append(CultureInfo.InvariantCulture, $"<title>{Escaped(diagram.Title)}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (int layer = 0; layer < layout.Layers.Count; layer++)
        {
            foreach (Slot slot in layout.Layers[layer])
            {
                slot.Below.ForEach(next => AppendArrow(text, slot, tops[layer], next, tops[layer + 1]));
            }
        }

        for (int layer = 0; layer < layout.Layers.Count; layer++)
        {
            foreach (Slot slot in layout.Layers[layer].Where(slot => slot.Box is not null))
            {
                AppendBox(text, slot, tops[layer]);
            }
        }

        return text.Append("</svg>\n").ToString();
    }

    private static double[] Tops(LayeredLayout layout, out double height)
    {
        double[] tops = new double[layout.Layers.Count];
        height = Padding;
        for (int layer = 0; layer < tops.Length; layer++)
        {
            tops[layer] = height;
            height += layout.Layers[layer].Max(HeightOf) + LayerGap;
        }

        height -= LayerGap - Padding;
        return tops;
    }

    private static double WidthOf(Box box) => (box.Lines.Max(line => Shown(line).Length) * CharacterWidth) + (2 * Padding);

    private static double HeightOf(Slot slot) => slot.Box is { } box ? (box.Lines.Count * LineHeight) + Padding : 0;

    private static void AppendArrow(StringBuilder text, Slot from, double fromTop, Slot to, double toTop)
    {
        double start = fromTop + HeightOf(from);
        double middle = (start + toTop) / 2;
        text.Append(CultureInfo.InvariantCulture,
            $"<path d=\"M{from.X:F1} {start:F1} C{from.X:F1} {middle:F1} {to.X:F1} {middle:F1} {to.X:F1} {toTop:F1}\" fill=\"none\" stroke=\"#888\"/>\n");
        if (to.Box is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"<path d=\"M{to.X - 3:F1} {toTop - 6:F1} l3 6 l3 -6 z\" fill=\"#888\"/>\n");
        }
    }

    private static void AppendBox(StringBuilder text, Slot slot, double top)
    {
        double left = slot.X - (slot.Width / 2);
        text.Append(CultureInfo.InvariantCulture,
            $"<rect x=\"{left:F1}\" y=\"{top:F1}\" width=\"{slot.Width:F1}\" height=\"{HeightOf(slot):F1}\" rx=\"3\" fill=\"{slot.Box!.Kind.Fill()}\" stroke=\"#666\"/>\n");
        for (int line = 0; line < slot.Box.Lines.Count; line++)
        {
            double baseline = top + ((line + 1) * LineHeight);
            text.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{left + Padding:F1}\" y=\"{baseline:F1}\">{Escaped(Shown(slot.Box.Lines[line]))}</text>\n");
        }
    }

    private static string Shown(string line) => line.Length <= LongestLine ? line : line[..(LongestLine - 1)] + "…";

    private static string Escaped(string text) => SecurityElement.Escape(text);
}
