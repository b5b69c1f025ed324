using System.Collections.Immutable;

namespace Pigeon.Simulator;

/// <summary>An operand of an instruction.</summary>
internal abstract record PtxOperand
{
    private PtxOperand()
    {
    }

    /// <summary>A register; <paramref name="Negated"/> means that a predicate is taken by its complement.</summary>
    public sealed record Register(PtxRegister Value, bool Negated = false) : PtxOperand;

    /// <summary>A special register such as <c>%tid.x</c>.</summary>
    public sealed record Special(string Text) : PtxOperand;

    /// <summary>A number: the bits of an integer, a binary32 or a binary64.</summary>
    public sealed record Immediate(ulong Bits, PtxTokenKind Kind) : PtxOperand;

    /// <summary>The address of a variable, plus an offset.</summary>
    public sealed record Symbol(PtxVariable Variable, long Offset) : PtxOperand;

    /// <summary>A label or function by name.</summary>
    public sealed record Name(string Text, PtxScope Scope) : PtxOperand;

    /// <summary>Memory at a base plus an offset: <c>[%rd1+4]</c>.</summary>
    public sealed record Address(PtxOperand Base, long Offset) : PtxOperand;

    /// <summary>Several values in braces, or the arguments of a call in parentheses.</summary>
    public sealed record Vector(ImmutableArray<PtxOperand> Items) : PtxOperand
    {
        /// <inheritdoc/>
        public bool Equals(Vector? other) => other is not null && Items.AsSpan().SequenceEqual(other.Items.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => Items.Length;
    }

    /// <summary>Two results, <c>%r1|%p1</c>.</summary>
    public sealed record Pair(PtxOperand First, PtxOperand Second) : PtxOperand;

    /// <summary>A result that nobody wants, <c>_</c>.</summary>
    public sealed record Sink : PtxOperand;
}

/// <summary>A register of a function.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Index">Its number in the function.</param>
internal sealed record PtxRegister(string Name, PtxType Type, int Index);
