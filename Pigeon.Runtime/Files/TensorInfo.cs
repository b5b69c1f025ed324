using System.Collections.Immutable;

namespace Pigeon.Runtime;

/// <summary>What a safetensors file says about one of its tensors; checked against the file.</summary>
public sealed class TensorInfo
{
    internal TensorInfo(string type, ImmutableArray<long> shape, long begin, long end)
    {
        Type = type;
        Shape = shape;
        Begin = begin;
        End = end;
    }

    /// <summary>The element type as the file names it: <c>F32</c>, <c>BF16</c>, <c>I64</c>, …</summary>
    public string Type { get; }

    /// <summary>The dimensions; none for a scalar.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The first byte of its elements, counted from the end of the header.</summary>
    public long Begin { get; }

    /// <summary>The first byte after its elements.</summary>
    public long End { get; }
}
