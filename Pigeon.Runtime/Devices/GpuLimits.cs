namespace Pigeon.Runtime;

/// <summary>What a device offers.</summary>
/// <param name="Architecture">The compute capability, as in 80 for 8.0.</param>
/// <param name="Multiprocessors">The number of multiprocessors.</param>
/// <param name="MemoryBytes">All memory of the device.</param>
/// <param name="KnowsBounds">Whether it checks every access against the bounds of its allocation: values then get memory of their
/// own, so that none is inside another's bounds.</param>
public sealed record GpuLimits(int Architecture, int Multiprocessors, long MemoryBytes, bool KnowsBounds = false);
