using System.Collections.Immutable;

namespace Pigeon.Models;

/// <summary>A tensor of a state dict: its shape and its numbers in C order.</summary>
internal readonly record struct StateTensor(ImmutableArray<long> Shape, float[] Numbers);
