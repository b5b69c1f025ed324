using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Pigeon.Runtime;

/// <summary>A fingerprint of a graph.</summary>
public static class GraphHash
{
    /// <summary>
    /// SHA-256, in hexadecimal digits, of the names of the types, the types of the nodes and the edges as they are kept, and of further
    /// arrays such as labels. Every part is preceded by its length, so that no two inputs look alike.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="more">Arrays that belong to the dataset.</param>
    public static string Of(HeteroGraph graph, params ReadOnlySpan<ReadOnlyMemory<int>> more)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, [graph.NodeTypes.Length, graph.EdgeTypes.Length]);
        foreach (string name in graph.NodeTypes.Concat(graph.EdgeTypes.Select(type => type.Name)))
        {
            byte[] text = Encoding.UTF8.GetBytes(name);
            Append(hash, [text.Length]);
            hash.AppendData(text);
        }

        Append(hash, graph.NodeType);
        Append(hash, graph.Source);
        Append(hash, graph.Destination);
        Append(hash, graph.EdgeTypeOf);
        foreach (ReadOnlyMemory<int> array in more)
        {
            Append(hash, array.Span);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<int> numbers)
    {
        hash.AppendData(MemoryMarshal.AsBytes([numbers.Length]));
        hash.AppendData(MemoryMarshal.AsBytes(numbers));
    }
}
