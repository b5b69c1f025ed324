namespace Pigeon.Simulator;

/// <summary>
/// Who accessed memory, when and how, in 64 bits: warp of the launch (24), lane (5), the warp's epoch (18), instruction (15), and whether
/// it was atomic and through the read-only path. 0 is nobody.
/// </summary>
internal readonly record struct AccessStamp(ulong Bits)
{
    /// <summary>The most warps that a launch with race checks can have.</summary>
    public const int MaxWarps = (1 << 24) - 1;

    /// <summary>The most instructions of a kernel with race checks.</summary>
    public const int MaxInstructions = 1 << 15;

    /// <summary>The most epochs of a warp with race checks.</summary>
    public const int MaxEpochs = 1 << 18;

    /// <summary>The bits of warp and epoch: of all that is compared, they alone decide whether another warp knows an access.</summary>
    public const ulong Time = MaxWarps | ((MaxEpochs - 1UL) << 29);

    private const ulong Thread = (1UL << 29) - 1;

    public AccessStamp(int warp, int lane, int epoch, int instruction, bool atomic, bool readOnly)
        : this((uint)(warp + 1) | ((ulong)(uint)lane << 24) | ((ulong)(uint)epoch << 29) | ((ulong)(uint)instruction << 47)
            | (atomic ? 1UL << 62 : 0) | (readOnly ? 1UL << 63 : 0))
    {
    }

    /// <summary>Whether it is nobody's.</summary>
    public bool IsNone => Bits == 0;

    /// <summary>The warp in the launch.</summary>
    public int Warp => (int)(Bits & MaxWarps) - 1;

    /// <summary>The lane of the warp.</summary>
    public int Lane => (int)(Bits >> 24) & 31;

    /// <summary>The warp's epoch.</summary>
    public int Epoch => (int)(uint)(Bits >> 29) & (MaxEpochs - 1);

    /// <summary>The instruction.</summary>
    public int Instruction => (int)(Bits >> 47) & (MaxInstructions - 1);

    /// <summary>Whether it was atomic.</summary>
    public bool IsAtomic => (Bits & (1UL << 62)) != 0;

    /// <summary>Whether it took the read-only path.</summary>
    public bool IsReadOnly => (Bits & (1UL << 63)) != 0;

    /// <summary>Whether both are of one thread.</summary>
    public bool SameThread(AccessStamp other) => ((Bits ^ other.Bits) & Thread) == 0;

    /// <summary>This stamp, of another lane of the warp.</summary>
    public AccessStamp OfLane(int lane) => new((Bits & ~(31UL << 24)) | ((ulong)(uint)lane << 24));
}
