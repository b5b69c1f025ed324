namespace Pigeon.Kernels;

/// <summary>Which rows an <see cref="IndexSpace.Either"/> space has.</summary>
public enum EitherPart
{
    /// <summary>The pairs: of type and first row for some types, of type and second row for the others.</summary>
    Pairs,

    /// <summary>The ways from first rows to pairs: the pairs themselves for types with pairs of first rows, the elements for the others.</summary>
    Firsts,

    /// <summary>The ways from pairs to second rows: the elements for types with pairs of first rows, the pairs themselves for the others.</summary>
    Seconds,

    /// <summary>The elements of the types that have pairs of first rows, and no others.</summary>
    ByFirst,

    /// <summary>The elements of the types that have pairs of second rows, and no others.</summary>
    BySecond,
}
