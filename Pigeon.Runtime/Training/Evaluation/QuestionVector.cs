namespace Pigeon.Runtime;

/// <summary>Turns a question into the vector whose dot product with an entity's is that entity's score.</summary>
/// <param name="missing">The end that is asked for.</param>
/// <param name="known">The entity at the other end.</param>
/// <param name="relation">The relation.</param>
/// <param name="vector">Takes the vector, all of it.</param>
public delegate void QuestionVector(FactEnd missing, int known, int relation, Span<float> vector);
