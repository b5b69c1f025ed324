namespace Pigeon.Simulator;

/// <summary>A kernel, decoded with all functions that it calls.</summary>
internal sealed class KernelCode
{
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

    /// <summary>The place of an instruction.</summary>
    public CodePlace Place(int instruction)
    {
        PtxInstruction source = Instructions[instruction].Source;
        return new CodePlace(source.Line, Module.SourceText(source.Source), source.Text);
    }
}
