using System.Collections.Immutable;

namespace Pigeon.Runtime;

/// <summary>A program in CUDA C++, whole: nothing is included that is not here.</summary>
/// <param name="Name">The program's name, for messages.</param>
/// <param name="Source">The translation unit.</param>
/// <param name="Headers">The files that it includes, by the names it includes them under.</param>
public sealed record CudaText(string Name, string Source, ImmutableSortedDictionary<string, string> Headers);
