namespace Pigeon.Models;

/// <summary>The values that an option takes.</summary>
public enum OptionKind
{
    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>A positive integer.</summary>
    Count,

    /// <summary>A positive integer, or <c>none</c>.</summary>
    OptionalCount,

    /// <summary>A finite number.</summary>
    Number,

    /// <summary>One of a few words.</summary>
    Choice,
}
