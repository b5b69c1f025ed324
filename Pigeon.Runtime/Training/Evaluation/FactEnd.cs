namespace Pigeon.Runtime;

/// <summary>The ends of a fact.</summary>
public enum FactEnd
{
    /// <summary>The entity that the fact starts from.</summary>
    Head,

    /// <summary>The entity that it leads to.</summary>
    Tail,
}
