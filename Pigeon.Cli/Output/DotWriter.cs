using System.Globalization;
using System.Text;
using QuikGraph;

namespace Pigeon.Cli;

/// <summary>Writes diagrams in DOT, the language of Graphviz.</summary>
internal static class DotWriter
{
    /// <summary>The text of a diagram.</summary>
    public static string Write(Diagram diagram)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"digraph {Quoted(diagram.Title)} {{\n");
        text.Append("  node [shape=box, style=filled, fontname=\"monospace\", fontsize=10];\n  edge [fontname=\"monospace\", fontsize=8];\n");
        foreach (Box box in diagram.Graph.Vertices)
        {
            string label = string.Join("\n", box.Lines);
            text.Append(CultureInfo.InvariantCulture, $"  {Quoted(box.Id)} [label={Quoted(label)}, fillcolor={Quoted(box.Kind.Fill())}];\n");
        }

        foreach (TaggedEdge<Box, string> arrow in diagram.Graph.Edges)
        {
            string label = arrow.Tag.Length == 0 ? "" : $" [label={Quoted(arrow.Tag)}]";
            text.Append(CultureInfo.InvariantCulture, $"  {Quoted(arrow.Source.Id)} -> {Quoted(arrow.Target.Id)}{label};\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>A quoted string; in it a backslash starts an escape, so one that means itself is doubled.</summary>
    private static string Quoted(string text) => '"' + text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + '"';
}
