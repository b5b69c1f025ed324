namespace Pigeon.Models;

/// <summary>The left argument p of the cross-entropy <c>H(p, q) = −Σ p log q</c> that scores a relation.</summary>
public enum EpiGnnLeft
{
    /// <summary>The relation: H(ρ, y).</summary>
    Relation,

    /// <summary>The prediction: H(y, ρ).</summary>
    Prediction,
}
