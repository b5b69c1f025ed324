using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Pigeon.Datasets;

namespace Pigeon.Models;

/// <summary>A fingerprint of questions.</summary>
internal static class QueryHash
{
    /// <summary>SHA-256, in hexadecimal digits, of the relations' names and of every question; each part is preceded by its length.</summary>
    public static string Of(QuerySet set)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, [set.Relations.Length, set.Queries.Length]);
        foreach (string name in set.Relations)
        {
            byte[] text = Encoding.UTF8.GetBytes(name);
            Append(hash, [text.Length]);
            hash.AppendData(text);
        }

        foreach (RelationQuery query in set.Queries)
        {
            Append(hash, [query.NodeCount, query.Types.Length, query.Head, query.Tail, query.Answer]);
            foreach (ImmutableArray<int> array in (ImmutableArray<int>[])[query.Sources, query.Destinations, query.Types])
            {
                Append(hash, array.AsSpan());
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<int> numbers) => hash.AppendData(MemoryMarshal.AsBytes(numbers));
}
