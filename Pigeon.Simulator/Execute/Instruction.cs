namespace Pigeon.Simulator;

/// <summary>How an instruction changes the way of a warp.</summary>
internal enum Flow
{
    /// <summary>The next one follows.</summary>
    Next,

    /// <summary>A jump.</summary>
    Branch,

    /// <summary>A jump by a table.</summary>
    IndexedBranch,

    /// <summary>A call.</summary>
    Call,

    /// <summary>The end of a function; of a kernel, that of the thread.</summary>
    Return,

    /// <summary>The end of the thread.</summary>
    Exit,

    /// <summary>An operation of all lanes that a mask names.</summary>
    WarpSync,

    /// <summary>An operation of all lanes of the warp.</summary>
    WarpAligned,

    /// <summary>A barrier of the block.</summary>
    Barrier,
}

/// <summary>A decoded instruction.</summary>
internal sealed class Instruction
{
    /// <summary>The instruction as it was read.</summary>
    public required PtxInstruction Source { get; init; }

    /// <summary>How it changes the way of a warp.</summary>
    public Flow Flow { get; init; }

    /// <summary>What it does; null for jumps.</summary>
    public Operation? Operation { get; init; }

    /// <summary>The predicate that switches it on.</summary>
    public Row Guard { get; set; } = Row.None;

    /// <summary>All bits, where the guard's complement counts; else 0.</summary>
    public uint GuardFlip { get; set; }

    /// <summary>The slots of registers that it reads.</summary>
    public int[] Reads { get; init; } = [];

    /// <summary>The slots of registers that it writes.</summary>
    public int[] Writes { get; init; } = [];

    /// <summary>
    /// Whether what it reads must be defined: addresses, what goes to memory, what other lanes see. Arithmetic passes an undefined value
    /// on, since nobody may want the result.
    /// </summary>
    public bool IsStrict { get; init; }

    /// <summary>Where a jump or call goes.</summary>
    public int Target { get; set; }

    /// <summary>Where the jumps of a table go.</summary>
    public int[] Targets { get; set; } = [];

    /// <summary>The index of a table, the member mask of a warp operation, or None.</summary>
    public Row Selector { get; init; } = Row.None;

    /// <summary>The function that is called.</summary>
    public FunctionCode? Callee { get; set; }

    /// <summary>The caller's storage of arguments and results, by the callee's parameters and results.</summary>
    public (int Caller, int Callee, int Bytes)[] Arguments { get; set; } = [];

    /// <inheritdoc cref="Arguments"/>
    public (int Caller, int Callee, int Bytes)[] Results { get; set; } = [];

    /// <summary>What it counts as.</summary>
    public InstructionClass Class { get; init; }

    /// <summary>Its floating-point operations in a lane: 2 for a fused multiply-add.</summary>
    public int Flops { get; init; }
}
