namespace Pigeon.Runtime;

/// <summary>
/// Scores some entities as answers to a block of questions; higher is better. An entity's score may not depend on the range that
/// it is asked in.
/// </summary>
/// <param name="firstEntity">The first entity.</param>
/// <param name="scores">
/// Takes the scores, <c>[entities, <see cref="FactQuestions.Count"/>]</c>: those of the first entity for every question, then those of
/// the next. Its length tells how many entities are asked for.
/// </param>
public delegate void RangeScorer(int firstEntity, Span<float> scores);
