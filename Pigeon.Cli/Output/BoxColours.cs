namespace Pigeon.Cli;

/// <summary>The fill colours of boxes, in DOT and in SVG.</summary>
internal static class BoxColours
{
    /// <summary>A colour as <c>#rrggbb</c>, light enough for black text.</summary>
    public static string Fill(this BoxKind kind) => kind switch
    {
        BoxKind.Input or BoxKind.Output => "#d5e8d4",
        BoxKind.Weight => "#fff2cc",
        BoxKind.Contraction => "#dae8fc",
        _ => "#f5f5f5",
    };
}
