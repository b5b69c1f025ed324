using System.Collections.Immutable;

namespace Pigeon.Datasets;

/// <summary>Questions to learn from and cells of questions to be judged by, over the same relations.</summary>
/// <param name="Name">The dataset's name.</param>
/// <param name="Train">What to learn from; what validates is set aside from it.</param>
/// <param name="Tests">What to be judged by.</param>
public sealed record QueryDataset(string Name, QuerySet Train, ImmutableArray<QueryCell> Tests);
