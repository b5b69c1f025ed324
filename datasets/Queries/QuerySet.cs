using System.Collections.Immutable;

namespace Pigeon.Datasets;

/// <summary>Questions over the same relations.</summary>
/// <param name="Name">What the set is called.</param>
/// <param name="Relations">The relations' names, in ordinal order; edges and answers are positions in it.</param>
/// <param name="Queries">The questions.</param>
public sealed record QuerySet(string Name, ImmutableArray<string> Relations, ImmutableArray<RelationQuery> Queries);
