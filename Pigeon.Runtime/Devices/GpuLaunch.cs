namespace Pigeon.Runtime;

/// <summary>The size of a launch. A block is one row of threads: kernels have no use for more axes.</summary>
/// <param name="BlocksX">Blocks along x, at least 1.</param>
/// <param name="BlocksY">Blocks along y, 1 … 65,535.</param>
/// <param name="BlocksZ">Blocks along z, 1 … 65,535.</param>
/// <param name="Threads">Threads of a block, 1 … 1,024.</param>
/// <param name="SharedBytes">Shared memory of a block beyond what the kernel declares.</param>
public readonly record struct GpuLaunch(int BlocksX, int BlocksY, int BlocksZ, int Threads, int SharedBytes = 0);
