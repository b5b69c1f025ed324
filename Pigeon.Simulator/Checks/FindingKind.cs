namespace Pigeon.Simulator;

/// <summary>What a kernel did wrong.</summary>
public enum FindingKind
{
    /// <summary>An access outside of every buffer, or beyond the end of one.</summary>
    OutOfBounds,

    /// <summary>An access to a buffer that was given back.</summary>
    UseAfterFree,

    /// <summary>An address that is no multiple of the access's size.</summary>
    Misaligned,

    /// <summary>A register is used that nothing was written to.</summary>
    UninitialisedRegister,

    /// <summary>Memory is read that nothing was written to.</summary>
    UninitialisedMemory,

    /// <summary>Two threads access the same shared memory, at least one writes, and nothing orders them.</summary>
    SharedRace,

    /// <summary>Two threads access the same memory of the device, at least one writes, and nothing orders them.</summary>
    GlobalRace,

    /// <summary>Memory that the launch writes is read by a load that only holds for read-only data.</summary>
    NotReadOnly,

    /// <summary>An instruction of a whole warp ran without all the lanes that it names.</summary>
    DivergentWarp,

    /// <summary>A lane reads the value of a lane that does not take part.</summary>
    InactiveLane,

    /// <summary>Threads of one block, or lanes of one warp, came to different barriers.</summary>
    DivergentBarrier,

    /// <summary>Shared memory is touched while an asynchronous copy into it may be under way.</summary>
    AsyncCopyNotWaited,

    /// <summary>A kernel writes to constant memory or stores where none can be.</summary>
    ReadOnlyWrite,

    /// <summary>Threads wait for something that can't happen.</summary>
    Deadlock,

    /// <summary>The launch ran for more instructions than it may.</summary>
    BudgetExceeded,

    /// <summary>The kernel executed <c>trap</c>.</summary>
    Trap,
}
