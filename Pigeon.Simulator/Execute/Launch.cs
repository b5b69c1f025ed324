using System.Buffers.Binary;
using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>One launch of a kernel: some blocks at a time, their warps in an order that a seed decides.</summary>
internal sealed class Launch
{
    private readonly List<Warp> ready = [];
    private readonly Dictionary<(int, long), SyncPlace> places = [];
    private readonly Queue<int> waiting;
    private Warp? running;

    /// <summary>Prepares a launch.</summary>
    /// <exception cref="PigeonException">PG0655: the kernel can't be launched like that. PG0654: it is beyond the race checks.</exception>
    public Launch(
        KernelCode code, DeviceMemory memory, SimulatorOptions options, int number, LaunchSize grid, LaunchSize block, int dynamicShared,
        ReadOnlySpan<ulong> arguments)
    {
        (Code, Memory, Options, Number, Grid, BlockSize, DynamicSharedBytes) = (code, memory, options, number, grid, block, dynamicShared);
        Check(arguments.Length);
        ThreadsPerBlock = (int)block.Count;
        WarpsPerBlock = (ThreadsPerBlock + 31) / 32;
        ChecksRaces = options.Checks.HasFlag(SimulatorChecks.Races);
        ChecksInitialised = options.Checks.HasFlag(SimulatorChecks.Initialised);
        ChecksAlignment = options.Checks.HasFlag(SimulatorChecks.Alignment);
        if (ChecksRaces && (grid.Count * WarpsPerBlock > AccessStamp.MaxWarps || code.Instructions.Length > AccessStamp.MaxInstructions))
        {
            throw new PigeonException("PG0654",
                $"{grid.Count * WarpsPerBlock} warps and {code.Instructions.Length} instructions are more than race checks can tell apart",
                code.Name, "use a smaller graph, or switch the race checks off");
        }
        SharedLayout = code.Shared.Copy();
        DynamicSharedOffset = SharedLayout.Add("dynamic shared memory", dynamicShared);
        Findings = new FindingLog(this);
        Counters = new CounterLog(code, options.Counters);
        Random = new Random((int)(((uint)options.Seed * 0x9E3779B9u) + ((uint)number * 0x85EBCA6Bu)));
        Parameters = new byte[code.ParameterBytes + 8];
        Span<byte> word = stackalloc byte[8];
        for (int i = 0; i < arguments.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, arguments[i]);
            word[..Math.Min(8, code.Parameters[i].Bytes)].CopyTo(Parameters.AsSpan(code.Parameters[i].Offset));
        }
        int[] order = [.. Enumerable.Range(0, (int)grid.Count)];
        Random.Shuffle(order);
        waiting = new Queue<int>(order);
    }

    /// <summary>The kernel.</summary>
    public KernelCode Code { get; }

    /// <summary>The device's memory.</summary>
    public DeviceMemory Memory { get; }

    /// <summary>How it is simulated.</summary>
    public SimulatorOptions Options { get; }

    /// <summary>The number of the launch on its device, from 1.</summary>
    public int Number { get; }

    /// <summary>The grid in blocks.</summary>
    public LaunchSize Grid { get; }

    /// <summary>A block in threads.</summary>
    public LaunchSize BlockSize { get; }

    /// <summary>The threads of a block.</summary>
    public int ThreadsPerBlock { get; }

    /// <summary>The warps of a block.</summary>
    public int WarpsPerBlock { get; }

    /// <summary>Dynamic shared memory of a block.</summary>
    public int DynamicSharedBytes { get; }

    /// <summary>Where it begins.</summary>
    public long DynamicSharedOffset { get; }

    /// <summary>All shared arrays of a block.</summary>
    public SharedLayout SharedLayout { get; }

    /// <summary>The kernel's parameters.</summary>
    public byte[] Parameters { get; }

    /// <summary>Whether races are looked for.</summary>
    public bool ChecksRaces { get; }

    /// <summary>Whether reads of what was never written are looked for.</summary>
    public bool ChecksInitialised { get; }

    /// <summary>Whether misaligned addresses are looked for.</summary>
    public bool ChecksAlignment { get; }

    /// <summary>What was found.</summary>
    public FindingLog Findings { get; }

    /// <summary>What was counted.</summary>
    public CounterLog Counters { get; }

    /// <summary>Decides what runs when.</summary>
    public Random Random { get; }

    /// <summary>The thread of an access.</summary>
    public ThreadId Thread(AccessStamp stamp) => new(stamp.Warp / WarpsPerBlock, (stamp.Warp % WarpsPerBlock * 32) + stamp.Lane);

    /// <summary>The place that atomics on an address pass knowledge through.</summary>
    public SyncPlace Place(int window, long offset)
    {
        if (!places.TryGetValue((window, offset), out SyncPlace? place))
        {
            places[(window, offset)] = place = new SyncPlace();
        }
        return place;
    }

    /// <summary>Whether any warp has executed a fence.</summary>
    public bool FencesSeen { get; set; }

    /// <summary>A warp that waited can run.</summary>
    public void MakeReady(Warp warp)
    {
        if (warp != running)
        {
            ready.Add(warp);
        }
    }

    /// <summary>Runs all blocks.</summary>
    /// <exception cref="PigeonException">PG0651 … PG0656.</exception>
    public void Run(CancellationToken cancellation = default)
    {
        var blocks = new List<Block>();
        try
        {
            int residents = (int)Math.Min(Grid.Count, Options.ResidentBlocks);
            for (int i = 0; i < residents; i++)
            {
                blocks.Add(new Block(this));
                Begin(blocks[i]);
            }
            Interleave(blocks, cancellation);
        }
        finally
        {
            blocks.ForEach(block => block.Dispose());
        }
    }

    private void Interleave(List<Block> blocks, CancellationToken cancellation)
    {
        for (long turn = 0; ready.Count > 0; turn++)
        {
            int chosen = Random.Next(ready.Count);
            Warp warp = ready[chosen];
            running = warp;
            warp.Run(Random.Next(16, 256));
            running = null;
            if (warp.State == WarpState.Ready)
            {
                if ((turn & 1023) == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (Counters.WarpInstructions > Options.InstructionBudget)
                    {
                        Findings.Report(FindingKind.BudgetExceeded, warp, 0, () =>
                            $"more than {Options.InstructionBudget} warp instructions");
                        return;
                    }
                }
                continue;
            }
            ready[chosen] = ready[^1];
            ready.RemoveAt(ready.Count - 1);
            if (warp.State == WarpState.Done)
            {
                Block block = warp.Block;
                block.Ended();
                if (block.IsDone && waiting.Count > 0)
                {
                    Begin(block);
                }
            }
        }
        foreach (Block block in blocks.Where(block => block.ReportDeadlock()))
        {
            return;
        }
    }

    private void Begin(Block block)
    {
        block.Start(waiting.Dequeue());
        ready.AddRange(block.Warps);
    }

    private void Check(int arguments)
    {
        string? wrong =
            arguments != Code.Parameters.Length ? $"{arguments} arguments for {Code.Parameters.Length} parameters"
            : Code.Parameters.Any(parameter => parameter.Bytes > 8) ? "a parameter of more than 8 bytes"
            : Grid is not { X: > 0, Y: > 0 and < 65536, Z: > 0 and < 65536 } || Grid.Count > int.MaxValue ? $"a grid of {Grid}"
            : BlockSize is not { X: > 0, Y: > 0, Z: > 0 } || BlockSize.Count > 1024 ? $"a block of {BlockSize}"
            : Code.Main.Function.MaxThreads > 0 && BlockSize.Count > Code.Main.Function.MaxThreads
                ? $"{BlockSize.Count} threads, but it is compiled for {Code.Main.Function.MaxThreads}"
            : DynamicSharedBytes < 0 || Code.Shared.Used + DynamicSharedBytes > Options.SharedBytes
                ? $"{Code.Shared.Used + DynamicSharedBytes} bytes of shared memory, but there are {Options.SharedBytes}"
            : null;
        if (wrong is not null)
        {
            throw new PigeonException("PG0655", $"the kernel can't be launched with {wrong}", Code.Name,
                "see the kernel's parameters and limits");
        }
    }
}
