namespace Pigeon.Simulator;

/// <summary>What a decoded instruction does, for all lanes of a warp at once.</summary>
internal abstract unsafe class Operation
{
    /// <summary>All lanes.</summary>
    public const uint AllLanes = uint.MaxValue;

    /// <summary>Does it.</summary>
    /// <param name="warp">The warp.</param>
    /// <param name="lanes">The lanes that execute it, at least one; the registers of the others stay as they are.</param>
    public abstract void Run(Warp warp, uint lanes);

    /// <summary>The lanes whose result is defined, before the operation runs: those for which every source is.</summary>
    /// <param name="warp">The warp.</param>
    /// <param name="reads">The slots of the sources.</param>
    public virtual uint DefinedLanes(Warp warp, int[] reads)
    {
        uint defined = AllLanes;
        foreach (int slot in reads)
        {
            defined &= warp.Defined[slot];
        }
        return defined;
    }
}
