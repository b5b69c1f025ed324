namespace Pigeon.Runtime;

/// <summary>
/// A block of questions: which entity completes these facts? There are always <see cref="Count"/>; where fewer are left, the last
/// one is repeated. The columns hold until the next block is readied on the same thread.
/// </summary>
/// <param name="Missing">The end that is asked for, of all of them.</param>
/// <param name="Known">The entity at the other end of each.</param>
/// <param name="Relations">The relation of each.</param>
public sealed record FactQuestions(FactEnd Missing, ReadOnlyMemory<int> Known, ReadOnlyMemory<int> Relations)
{
    /// <summary>The questions of a block.</summary>
    public const int Count = 64;
}
