namespace Pigeon.Simulator;

/// <summary>What an instruction is counted as.</summary>
public enum InstructionClass
{
    /// <summary>Moves, conversions, selections and what is in no other class.</summary>
    Other,

    /// <summary>Integer and bit arithmetic, comparisons.</summary>
    Integer,

    /// <summary>Floating-point arithmetic other than fused multiply-adds.</summary>
    Float,

    /// <summary>Fused multiply-adds.</summary>
    Fma,

    /// <summary>Matrix products of tensor cores.</summary>
    Mma,

    /// <summary>Approximate functions: <c>ex2</c>, <c>rcp</c>, <c>rsqrt</c> and others.</summary>
    Special,

    /// <summary>Loads from memory of the device.</summary>
    GlobalLoad,

    /// <summary>Stores to memory of the device.</summary>
    GlobalStore,

    /// <summary>Loads from shared memory, <c>ldmatrix</c> among them.</summary>
    SharedLoad,

    /// <summary>Stores to shared memory.</summary>
    SharedStore,

    /// <summary>Loads and stores of local memory.</summary>
    Local,

    /// <summary>Asynchronous copies.</summary>
    AsyncCopy,

    /// <summary>Atomic operations and reductions.</summary>
    Atomic,

    /// <summary>Shuffles, votes and matches.</summary>
    Warp,

    /// <summary>Barriers and fences.</summary>
    Barrier,

    /// <summary>Jumps, calls and returns.</summary>
    Control,
}
