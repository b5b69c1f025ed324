using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>A question about a fact with one end missing.</summary>
/// <param name="Missing">The end that is asked for.</param>
/// <param name="Known">The entity at the other end.</param>
/// <param name="Relation">The relation.</param>
internal readonly record struct FactQuery(FactEnd Missing, int Known, int Relation);
