using System.Text.Json.Serialization;

namespace Pigeon.Compiler;

/// <summary>How weights follow their gradients. Each is a few element-wise operators per weight, which fuse into one traversal.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Sgd), "sgd")]
[JsonDerivedType(typeof(Adam), "adam")]
public abstract record Optimiser
{
    private Optimiser()
    {
    }

    /// <summary>The factor of the weight that is added to its gradient (or, decoupled, taken off the weight).</summary>
    public double WeightDecay { get; init; }

    /// <summary>The largest norm of all gradients together; longer ones are scaled down. 0 for no limit.</summary>
    public double ClipNorm { get; init; }

    /// <summary>The names of the state tensors that each weight has, beside itself.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<string> State { get; }

    /// <summary>Stochastic gradient descent: <c>m ← μ·m + g</c>, <c>w ← w − η·m</c> (PyTorch's form).</summary>
    public sealed record Sgd : Optimiser
    {
        /// <summary>μ, from 0 (none) below 1.</summary>
        public double Momentum { get; init; }

        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> State => Momentum == 0 ? [] : ["momentum"];
    }

    /// <summary>
    /// Adam (Kingma and Ba 2015): <c>m ← β₁m + (1 − β₁)g</c>, <c>v ← β₂v + (1 − β₂)g²</c>,
    /// <c>w ← w − η · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)</c>; with decoupled decay AdamW (Loshchilov and Hutter 2019).
    /// </summary>
    public sealed record Adam : Optimiser
    {
        /// <summary>β₁.</summary>
        public double Beta1 { get; init; } = 0.9;

        /// <summary>β₂.</summary>
        public double Beta2 { get; init; } = 0.999;

        /// <summary>ε.</summary>
        public double Epsilon { get; init; } = 1e-8;

        /// <summary>Whether the decay acts on the weight itself, <c>w ← w − η·λ·w</c>, and not through the gradient.</summary>
        public bool Decoupled { get; init; }

        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> State => ["mean", "square"];
    }
}
