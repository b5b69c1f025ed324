namespace Pigeon.Simulator;

/// <summary>Where an instruction came from.</summary>
/// <param name="File">The number of a <c>.file</c> directive; 0 where there is none.</param>
/// <param name="Line">The line of the source, from 1; 0 where there is none.</param>
internal readonly record struct PtxSource(int File, int Line);

/// <summary>One instruction.</summary>
/// <param name="Opcode">The opcode with its qualifiers, cut at the dots.</param>
/// <param name="Operands">What it works on, results first.</param>
/// <param name="Guard">The predicate that switches it on, or null.</param>
/// <param name="Line">The line of the PTX.</param>
/// <param name="Source">The line of the source.</param>
internal sealed record PtxInstruction(
    string[] Opcode, PtxOperand[] Operands, PtxOperand.Register? Guard, int Line, PtxSource Source)
{
    /// <summary>The opcode as it is written.</summary>
    public string Text => string.Join('.', Opcode);

    /// <summary>Whether it has this qualifier.</summary>
    public bool Has(string qualifier) => Array.IndexOf(Opcode, qualifier, 1) > 0;
}

/// <summary>A kernel or a device function.</summary>
internal sealed class PtxFunction
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the host can launch it.</summary>
    public required bool IsKernel { get; init; }

    /// <summary>What it returns.</summary>
    public required List<PtxVariable> Results { get; init; }

    /// <summary>What it takes.</summary>
    public required List<PtxVariable> Parameters { get; init; }

    /// <summary>Its instructions.</summary>
    public List<PtxInstruction> Instructions { get; } = [];

    /// <summary>Its registers by their numbers.</summary>
    public List<PtxRegister> Registers { get; } = [];

    /// <summary>Variables that it declares: shared, local, and parameters of calls.</summary>
    public List<PtxVariable> Variables { get; } = [];

    /// <summary>The most threads of a block that it declares; 0 where it does not.</summary>
    public int MaxThreads { get; set; }

    /// <summary>Whether it has a body.</summary>
    public bool IsDefined { get; set; }
}
