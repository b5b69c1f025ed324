namespace Pigeon.Models;

/// <summary>What to predict.</summary>
/// <param name="Output">The file to write; its extension says what to write.</param>
/// <param name="Queries">A file of questions, for tasks that answer some; null for none.</param>
/// <param name="Top">How many answers each question gets.</param>
public sealed record PredictionRequest(string Output, string? Queries = null, int Top = 10);
