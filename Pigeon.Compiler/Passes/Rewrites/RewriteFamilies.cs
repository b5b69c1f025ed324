namespace Pigeon.Compiler;

/// <summary>Kinds of rewrites that a compilation may use.</summary>
[Flags]
public enum RewriteFamilies
{
    /// <summary>None: the author's order of operations.</summary>
    None = 0,

    /// <summary>Linear operator reordering: <c>(x · W) · Q → x · (W · Q)</c>.</summary>
    Reorder = 1,

    /// <summary>Aggregate first: <c>Σ c · (x · W) → (Σ c · x) · W</c>, forward and in weight gradients.</summary>
    Aggregate = 2,

    /// <summary>Compact materialisation: values live on the distinct rows they depend on.</summary>
    Compact = 4,

    /// <summary>Joining: <c>x · V + y · W → [x, y] · [V; W]</c>.</summary>
    Join = 8,

    /// <summary>Numbering: elements in the order of the rows that they are summed at.</summary>
    Number = 16,

    /// <summary>All of them.</summary>
    All = Reorder | Aggregate | Compact | Join | Number,
}
