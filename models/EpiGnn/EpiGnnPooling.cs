namespace Pigeon.Models;

/// <summary>How the messages that reach a node become one, element by element.</summary>
public enum EpiGnnPooling
{
    /// <summary>The least: EpiGNN-min.</summary>
    Min,

    /// <summary>The product: EpiGNN-mul.</summary>
    Product,
}
