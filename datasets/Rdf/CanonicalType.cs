namespace Pigeon.Datasets;

/// <summary>An edge type by DGL's rules; ordered by source type, name and destination type, ordinally.</summary>
internal readonly record struct CanonicalType(string Source, string Name, string Destination) : IComparable<CanonicalType>
{
    public int CompareTo(CanonicalType other)
    {
        int order = string.CompareOrdinal(Source, other.Source);
        order = order != 0 ? order : string.CompareOrdinal(Name, other.Name);
        return order != 0 ? order : string.CompareOrdinal(Destination, other.Destination);
    }
}
