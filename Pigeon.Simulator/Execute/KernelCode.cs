using System.Collections.Immutable;

namespace Pigeon.Simulator;

/// <summary>A kernel, decoded with all functions that it calls.</summary>
internal sealed class KernelCode
{
    private (ImmutableArray<string> Texts, int[] Of)? lines;

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The module as it was read.</summary>
    public required PtxModule Module { get; init; }

    /// <summary>The kernel's own function.</summary>
    public required FunctionCode Main { get; init; }

    /// <summary>All instructions, function by function.</summary>
    public required Instruction[] Instructions { get; init; }

    /// <summary>Its shared arrays, without dynamic ones.</summary>
    public required SharedLayout Shared { get; init; }

    /// <summary>The parameters: where each is in the parameter buffer, and its bytes.</summary>
    public required (int Offset, int Bytes)[] Parameters { get; init; }

    /// <summary>The bytes of the parameter buffer.</summary>
    public required int ParameterBytes { get; init; }

    /// <summary>The smallest access to memory as a power of two, at most 2: what races are told apart by.</summary>
    public required int ShadowShift { get; init; }

    /// <summary>The source lines in order, and for each instruction the number of its line.</summary>
    public (ImmutableArray<string> Texts, int[] Of) Lines => lines ??= FindLines();

    /// <summary>The place of an instruction.</summary>
    public CodePlace Place(int instruction)
    {
        PtxInstruction source = Instructions[instruction].Source;
        return new CodePlace(source.Line, Module.SourceText(source.Source), source.Text);
    }

    private (ImmutableArray<string> Texts, int[] Of) FindLines()
    {
        (string File, int Line)[] places = [.. Instructions.Select(i => i.Source.Source).Select(source =>
            (Module.SourceText(source with { Line = Math.Max(source.Line, 1) }).Split(':')[0], source.Line))];
        (string File, int Line)[] distinct = [.. places.Distinct().Order()];
        var numbers = distinct.Select((place, number) => (place, number)).ToDictionary(x => x.place, x => x.number);
        return ([.. distinct.Select(place => place.Line == 0 ? "" : $"{place.File}:{place.Line}")], [.. places.Select(place => numbers[place])]);
    }
}
