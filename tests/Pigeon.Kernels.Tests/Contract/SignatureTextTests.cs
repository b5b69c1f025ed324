using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>A signature survives its text, whatever its names are.</summary>
public sealed class SignatureTextTests
{
    private static readonly IndexSpace Nodes = new IndexSpace.Declared("Nodes");
    private static readonly IndexSpace Edges = new IndexSpace.Declared("Edges");
    private static readonly Map Type = new Map.Stored("etype", Edges, new IndexSpace.Declared("EdgeTypes"));
    private static readonly Map Source = new Map.Stored("src", Edges, Nodes);
    private static readonly IndexSpace.Either Ways = new(Type, Source, new Map.Stored("dst", Edges, Nodes), EitherPart.Seconds);

    [Theory]
    [InlineData("hgt")]
    [InlineData("")]
    [InlineData("%7")]
    [InlineData("a \"b\\\" \u202e\n one")]
    [InlineData("kernel")]
    public void Signature_survives_its_text(string name)
    {
        ProgramSignature signature = Signature(name);
        ProgramSignature read = SignatureText.Read(string.Join(' ', SignatureText.Write(signature)));
        Assert.Equal((name, 64, 3), (read.Name, read.ScratchFloats, read.SharedFloats));
        Assert.Equal(signature.Spaces, read.Spaces.AsEnumerable());
        Assert.Equal(signature.Indices, read.Indices.AsEnumerable());
        Assert.Equal(signature.Kernels, read.Kernels.AsEnumerable());
        Assert.Equivalent(signature.Buffers, read.Buffers, strict: true);
    }

    [Fact]
    public void All_kinds_of_spaces_and_maps_are_in_the_test()
    {
        ProgramSignature signature = Signature("p");
        Assert.Equal(Cases<IndexSpace>(), signature.Spaces.Select(s => s.GetType().Name).Distinct().Order());
        Assert.Equal(Cases<Map>(), signature.Indices.Select(i => i.Map.GetType().Name).Distinct().Order());
        Assert.Equal(Enum.GetValues<BufferRole>(), signature.Buffers.Select(b => b.Role).Distinct().Order());
        Assert.Equal(Enum.GetValues<ElementType>(), signature.Buffers.Select(b => b.Element).Distinct().Order());

        static IEnumerable<string> Cases<T>() => typeof(T).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(T))).Select(type => type.Name).Order();
    }

    [Theory]
    [InlineData("")]
    [InlineData("kernel k 0 -1 0 false false")]
    [InlineData("program")]
    [InlineData("program p 64")]
    [InlineData("program p x 0")]
    [InlineData("program p 64 0 space 0")]
    [InlineData("program p 64 0 one space 1")]
    [InlineData("program p 64 0 one space -1")]
    [InlineData("program p 64 0 one array 0 -1")]
    [InlineData("program p 64 0 one into 0")]
    [InlineData("program p 64 0 one identity 0 sorted 1")]
    [InlineData("program p 64 0 many 1")]
    [InlineData("program p 64 0 declared \"N")]
    [InlineData("program p 64 0 declared \"N\\u12")]
    [InlineData("program p 64 0 kernel k 0 -1 0 false perhaps")]
    [InlineData("program p 64 0 buffer x 0 input 0 0 -1 -1 f32 2 4")]
    [InlineData("program p 64 0 buffer x 0 input 0 0 -1 -1 f32 -2")]
    [InlineData("program p 64 0 buffer x 0 lender 0 0 -1 -1 f32 0")]
    [InlineData("program p 64 0 range 99999999999")]
    public void Damaged_text_is_refused(string text) => Assert.Throws<FormatException>(() => SignatureText.Read(text));

    private static ProgramSignature Signature(string name)
    {
        var pair = new Map.Pair(Type, Source);
        Map[] maps = [Source, new Map.Identity(Nodes), new Map.Unit(Edges), pair, new Map.Component((IndexSpace.Distinct)pair.To, 1),
            new Map.Index(Type, Source), new Map.Composed(new Map.Unit(Nodes), Source), new Map.Into(Ways), new Map.Via(Ways, Type),
            new Map.Stored("etype", new IndexSpace.Sorted((Map.Stored)Source), Nodes)];
        return new(name,
            [
                Nodes, IndexSpace.One, new IndexSpace.Range(7), pair.To, new IndexSpace.Product(Nodes, Edges), new IndexSpace.Declared(name),
                new IndexSpace.Sorted((Map.Stored)Source),
                .. Enum.GetValues<EitherPart>().Select(part => Ways with { Part = part }),
            ],
            [.. maps.Select(map => new IndexSignature(map)), new(Type, Source)],
            [
                .. Enum.GetValues<BufferRole>().Select((role, i) => new BufferSignature(name, i, [2, 3], role, i, i + 1)),
                .. Enum.GetValues<ElementType>().Select(element => new BufferSignature("y", 0, [], BufferRole.View, 0, 1, 2, 1, element)),
            ],
            [new("k0_gemm", 0, -1, 2, Once: true), new(name, 1, 0, -1, Once: false, Shares: true)], 64, 3);
    }
}
