namespace Pigeon.Simulator;

/// <summary>Values that a frame begins with.</summary>
internal enum SpecialRegister
{
    /// <summary>Thread in its block.</summary>
    TidX,

    /// <inheritdoc cref="TidX"/>
    TidY,

    /// <inheritdoc cref="TidX"/>
    TidZ,

    /// <summary>Threads of a block.</summary>
    NtidX,

    /// <inheritdoc cref="NtidX"/>
    NtidY,

    /// <inheritdoc cref="NtidX"/>
    NtidZ,

    /// <summary>Block in the grid.</summary>
    CtaidX,

    /// <inheritdoc cref="CtaidX"/>
    CtaidY,

    /// <inheritdoc cref="CtaidX"/>
    CtaidZ,

    /// <summary>Blocks of the grid.</summary>
    NctaidX,

    /// <inheritdoc cref="NctaidX"/>
    NctaidY,

    /// <inheritdoc cref="NctaidX"/>
    NctaidZ,

    /// <summary>Lane of the warp.</summary>
    LaneId,

    /// <summary>Warp of the block.</summary>
    WarpId,

    /// <summary>Warps of a block.</summary>
    NWarpId,

    /// <summary>The bit of the lane.</summary>
    LaneMaskEq,

    /// <summary>The bits of the lanes up to it.</summary>
    LaneMaskLe,

    /// <summary>The bits of the lanes before it.</summary>
    LaneMaskLt,

    /// <summary>The bits of the lanes from it on.</summary>
    LaneMaskGe,

    /// <summary>The bits of the lanes after it.</summary>
    LaneMaskGt,

    /// <summary>The multiprocessor; 0.</summary>
    SmId,

    /// <summary>The number of multiprocessors; 1.</summary>
    NSmId,

    /// <summary>Dynamic shared memory in bytes.</summary>
    DynamicSharedBytes,

    /// <summary>Shared memory in bytes.</summary>
    TotalSharedBytes,

    /// <summary>The address of dynamic shared memory, plus an offset.</summary>
    DynamicSharedAddress,

    /// <summary>The beginning of the frame's local memory, plus an offset.</summary>
    LocalAddress,
}
