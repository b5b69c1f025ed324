using System.Collections.Immutable;
using System.Numerics;

namespace Pigeon.Simulator;

/// <summary>What a launch counts, instruction by instruction.</summary>
internal sealed class CounterLog(KernelCode code, bool enabled)
{
    private readonly long[] executed = new long[code.Instructions.Length];
    private readonly long[] active = new long[code.Instructions.Length];
    private readonly long[] diverged = new long[code.Instructions.Length];
    private readonly long[] requests = new long[code.Instructions.Length];
    private readonly long[] bytes = new long[code.Instructions.Length];
    private readonly long[] units = new long[code.Instructions.Length];
    private readonly long[] ideal = new long[code.Instructions.Length];

    /// <summary>Whether requests to memory are looked at.</summary>
    public bool Enabled => enabled;

    /// <summary>All warp instructions.</summary>
    public long WarpInstructions { get; private set; }

    /// <summary>Notes that an instruction is executed.</summary>
    public void Executed(int instruction, uint lanes)
    {
        WarpInstructions++;
        executed[instruction]++;
        active[instruction] += BitOperations.PopCount(lanes);
    }

    /// <summary>Notes that lanes part at a jump.</summary>
    public void Diverged(int instruction) => diverged[instruction]++;

    /// <summary>Notes a request of a whole warp to bytes of the device's memory that follow each other.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="first">The first address.</param>
    /// <param name="size">The bytes of a lane.</param>
    public void GlobalRun(int instruction, ulong first, int size)
    {
        requests[instruction]++;
        bytes[instruction] += 32 * size;
        units[instruction] += (long)(((first + (ulong)(32 * size) - 1) >> 5) - (first >> 5)) + 1;
        ideal[instruction] += size;
    }

    /// <summary>Notes a request to memory of the device: the sectors of 32 bytes that it touches.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="addresses">The addresses of the active lanes.</param>
    /// <param name="size">The bytes of a lane.</param>
    public void Global(int instruction, ReadOnlySpan<ulong> addresses, int size)
    {
        requests[instruction]++;
        bytes[instruction] += (long)addresses.Length * size;
        Span<ulong> seen = stackalloc ulong[32];
        int count = 0;
        foreach (ulong address in addresses)
        {
            ulong sector = address >> 5;
            // Neighbouring lanes mostly share or follow: look at the latest first.
            if (count == 0 || (seen[count - 1] != sector && !seen[..count].Contains(sector)))
            {
                seen[count++] = sector;
            }
        }
        units[instruction] += count;
        ideal[instruction] += (((long)addresses.Length * size) + 31) / 32;
    }

    /// <summary>Notes a request to shared memory: the wavefronts that its banks take.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="addresses">The addresses of the active lanes.</param>
    /// <param name="size">The bytes of a lane.</param>
    public void Shared(int instruction, ReadOnlySpan<ulong> addresses, int size)
    {
        requests[instruction]++;
        bytes[instruction] += (long)addresses.Length * size;
        // A wavefront serves 128 bytes: 8-byte accesses go by halves of a warp, 16-byte accesses by quarters.
        int lanes = size <= 4 ? 32 : 128 / size;
        for (int first = 0; first < addresses.Length; first += lanes)
        {
            units[instruction] += Wavefronts(addresses.Slice(first, Math.Min(lanes, addresses.Length - first)), size);
            ideal[instruction]++;
        }
    }

    /// <summary>Sums up.</summary>
    /// <param name="launch">The launch.</param>
    public KernelCounters Total(Launch launch)
    {
        var classes = new long[Enum.GetValues<InstructionClass>().Length];
        ImmutableArray<string> sources = code.Lines.Texts;
        var lines = new LineCounters?[sources.Length];
        long lanes = 0, flops = 0, branches = 0;
        Traffic global = default, shared = default;
        for (int i = 0; i < code.Instructions.Length; i++)
        {
            Instruction instruction = code.Instructions[i];
            classes[(int)instruction.Class] += executed[i];
            lanes += active[i];
            branches += diverged[i];
            flops += instruction.Class == InstructionClass.Mma ? instruction.Flops * executed[i] : instruction.Flops * active[i];
            var traffic = new Traffic(requests[i], bytes[i], units[i], ideal[i]);
            bool isShared = instruction.Class is InstructionClass.SharedLoad or InstructionClass.SharedStore;
            global += isShared ? default : traffic;
            shared += isShared ? traffic : default;
            if (executed[i] > 0)
            {
                int number = code.Lines.Of[i];
                LineCounters line = lines[number] ?? new LineCounters(sources[number], 0, 0, default, default, 0);
                lines[number] = line with
                {
                    WarpInstructions = line.WarpInstructions + executed[i],
                    ActiveLanes = line.ActiveLanes + active[i],
                    Global = line.Global + (isShared ? default : traffic),
                    Shared = line.Shared + (isShared ? traffic : default),
                    DivergentBranches = line.DivergentBranches + diverged[i],
                };
            }
        }
        (long Read, long Written) sectors = (0, 0);
        foreach (Allocation allocation in enabled ? launch.Memory.Live : [])
        {
            (long read, long written) = allocation.Touched(launch.Number);
            sectors = (sectors.Read + read, sectors.Written + written);
        }
        return new KernelCounters(WarpInstructions, lanes, flops, branches, [.. classes], global, shared, sectors.Read * 32,
            sectors.Written * 32, [.. lines.OfType<LineCounters>()]);
    }

    private static int Wavefronts(ReadOnlySpan<ulong> addresses, int size)
    {
        Span<ulong> words = stackalloc ulong[32 * 4];
        Span<ulong> last = stackalloc ulong[32];
        Span<byte> perBank = stackalloc byte[32];
        int count = 0, most = 1;
        foreach (ulong address in addresses)
        {
            for (ulong word = address >> 2; word <= (address + (ulong)size - 1) >> 2; word++)
            {
                // Mostly a bank is asked for nothing yet, or for the word that it was asked for last.
                int bank = (int)(word & 31);
                if (perBank[bank] > 0 && (last[bank] == word || words[..count].Contains(word)))
                {
                    continue;
                }
                words[count++] = last[bank] = word;
                most = Math.Max(most, ++perBank[bank]);
            }
        }
        return most;
    }
}
