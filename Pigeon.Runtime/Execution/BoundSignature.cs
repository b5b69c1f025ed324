using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>A program's signature with the sizes of a graph.</summary>
internal sealed class BoundSignature(ProgramSignature signature, int[] sizes)
{
    /// <summary>The name of every input and weight that must be set, with its tensor's shape.</summary>
    public IEnumerable<(string Name, ImmutableArray<long> Shape)> Arguments => signature.Buffers
        .Where(b => b.Role is BufferRole.Input or BufferRole.Weight).Select(b => (b.Name, ShapeOf(b)));

    /// <summary>The buffers of a role.</summary>
    public int[] Indices(BufferRole role) => [.. Enumerable.Range(0, signature.Buffers.Length).Where(i => signature.Buffers[i].Role == role)];

    /// <summary>The shape of a buffer as a tensor.</summary>
    public ImmutableArray<long> ShapeOf(BufferSignature buffer) => [sizes[buffer.Space], .. buffer.Row.Select(e => (long)e)];

    /// <summary>The shape of a buffer as a tensor.</summary>
    public ImmutableArray<long> ShapeOf(int buffer) => ShapeOf(signature.Buffers[buffer]);

    /// <summary>The bytes of a buffer.</summary>
    public long BytesOf(BufferSignature buffer) => sizes[buffer.Space] * buffer.RowBytes;

    /// <summary>The numbers of a buffer.</summary>
    public long LengthOf(int buffer) => BytesOf(signature.Buffers[buffer]) / sizeof(float);

    /// <summary>The buffer of a name that has one of some roles.</summary>
    /// <exception cref="PigeonException">PG0220: there is none.</exception>
    public int Find(string name, params ReadOnlySpan<BufferRole> roles)
    {
        for (int i = 0; i < signature.Buffers.Length; i++)
        {
            if (signature.Buffers[i].Name == name && roles.Contains(signature.Buffers[i].Role))
            {
                return i;
            }
        }

        throw new PigeonException("PG0220", $"there is no '{name}'", signature.Name, $"there are: {string.Join(", ", signature.Buffers
            .Where(b => b.Role is not (BufferRole.Internal or BufferRole.Constant)).Select(b => b.Name))}");
    }

    /// <summary>The buffers of an output and of the argument that it becomes.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such output or argument. PG0221: their shapes differ.</exception>
    public (int Output, int Argument) Link(string output, string argument)
    {
        int from = Find(output, BufferRole.Output);
        int to = Find(argument, BufferRole.Input, BufferRole.Weight);
        return ShapeOf(from).SequenceEqual(ShapeOf(to))
            ? (from, to)
            : throw new PigeonException("PG0221", $"it can't become {argument}, whose shape differs", $"{signature.Name}: {output}");
    }

    /// <summary>Refuses another shape of a buffer that is carried from run to run.</summary>
    /// <exception cref="PigeonException">PG0221: it is one.</exception>
    public void RefuseLinked(int buffer, IEnumerable<(int Output, int Argument)> links)
    {
        if (links.Any(link => link.Output == buffer || link.Argument == buffer))
        {
            throw new PigeonException("PG0221", "its shape would change, but it is carried from run to run",
                $"{signature.Name}: {signature.Buffers[buffer].Name}", "bind a graph of the same size");
        }
    }

    /// <summary>The buffer of an argument that a tensor is to be given for.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such argument. PG0221: the shape is wrong.</exception>
    public int Accept(string name, Tensor value)
    {
        int index = Find(name, BufferRole.Input, BufferRole.Weight);
        ImmutableArray<long> shape = ShapeOf(index);
        return value.Shape.SequenceEqual(shape)
            ? index
            : throw new PigeonException("PG0221", $"its shape is [{string.Join(", ", value.Shape)}], but must be [{string.Join(", ", shape)}]",
                $"{signature.Name}: {name}");
    }

    /// <summary>Refuses to run without an argument.</summary>
    public PigeonException NotGiven(int buffer) => new("PG0222", "it was not given", $"{signature.Name}: {signature.Buffers[buffer].Name}",
        "set every input and weight before the first run");
}
