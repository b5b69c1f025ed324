using System.Numerics;

namespace Pigeon.Simulator;

/// <summary>What a warp can do next.</summary>
internal enum WarpState
{
    /// <summary>Run on.</summary>
    Ready,

    /// <summary>Wait at a barrier of its block.</summary>
    Waiting,

    /// <summary>Nothing: all its threads have ended.</summary>
    Done,
}

/// <summary>
/// 32 threads that share instructions where they can. Lanes at the same place form a group; one group runs at a time, the one furthest
/// back, and groups join where they meet. A group that runs long while another could lets the other run: threads of one warp may wait for
/// each other, as on hardware with independent thread scheduling.
/// </summary>
internal sealed unsafe partial class Warp
{
    private const int FairSlice = 4096;

    private readonly List<LaneGroup> groups = [];
    private readonly Dictionary<FunctionCode, Stack<Frame>> frames = [];
    private readonly Instruction[] code;
    private Frame frame = null!;
    private int at;
    private uint lanes;
    private int switchAt;
    private int slice;
    private bool fair;
    private int parked;
    private uint worked;
    private uint leftAfterWork;

    public Warp(Launch launch, Block block, int index)
    {
        (Launch, Block, Index) = (launch, block, index);
        code = launch.Code.Instructions;
        Clock = new WarpClock(launch, block, index);
        Copies = new AsyncCopies(this);
        Local = new LocalMemory();
    }

    /// <summary>The launch.</summary>
    public Launch Launch { get; }

    /// <summary>The block.</summary>
    public Block Block { get; }

    /// <summary>Its number in the block.</summary>
    public int Index { get; }

    /// <summary>The rows of the function that it is in.</summary>
    public byte* File { get; private set; }

    /// <summary>The lanes written of each slot.</summary>
    public uint* Defined { get; private set; }

    /// <summary>Whether it can run.</summary>
    public WarpState State { get; set; }

    /// <summary>Lanes that have not ended.</summary>
    public uint Alive { get; private set; }

    /// <summary>The instruction that is executed.</summary>
    public int At => at;

    /// <summary>What orders its accesses.</summary>
    public WarpClock Clock { get; }

    /// <summary>Its asynchronous copies.</summary>
    public AsyncCopies Copies { get; }

    /// <summary>Local memory of its threads.</summary>
    public LocalMemory Local { get; }

    /// <summary>The carry flags.</summary>
    public uint Carry { get; set; }

    /// <summary>The values of a row.</summary>
    public T* Values<T>(Row row)
        where T : unmanaged => (T*)(File + row.Offset);

    /// <summary>The lanes where a predicate holds.</summary>
    public ref uint Predicate(Row row) => ref *(uint*)(File + row.Offset);

    /// <summary>A thread's name.</summary>
    public ThreadId Thread(int lane) => new(Block.Number, (Index * 32) + lane);

    /// <summary>Whether an access is ordered before what a lane does now.</summary>
    public bool IsOrdered(AccessStamp earlier, int lane) => Clock.IsOrdered(earlier, lane);

    /// <summary>The stamp of an access by lane 0 at this instruction.</summary>
    public AccessStamp Stamp(bool atomic = false, bool readOnly = false) => new(Clock.Number, 0, Clock.Epoch, at, atomic, readOnly);

    /// <summary>Puts its threads at the beginning of the kernel.</summary>
    public void Start(int threads)
    {
        Alive = threads >= 32 ? Operation.AllLanes : (1u << threads) - 1;
        State = WarpState.Ready;
        groups.Clear();
        (parked, worked, leftAfterWork, slice, fair, Carry) = (0, 0, 0, 0, false, 0);
        Clock.Reset();
        Copies.Reset();
        Local.Reset();
        Enter(NewFrame(Launch.Code.Main, null, -1, Alive), Launch.Code.Main.Entry, Alive);
        switchAt = int.MaxValue;
    }

    /// <summary>Executes up to a number of instructions.</summary>
    public void Run(int instructions)
    {
        while (instructions-- > 0)
        {
            if ((lanes == 0 && !Select()) || (at >= switchAt && !Reconverge()))
            {
                return;
            }
            if (groups.Count > 0 && ++slice > FairSlice)
            {
                TakeTurns();
            }
            Instruction instruction = code[at];
            uint active = lanes;
            if (instruction.Guard.Exists)
            {
                CheckDefined(instruction.Guard.Slot, active);
                active &= Predicate(instruction.Guard) ^ instruction.GuardFlip;
            }
            Launch.Counters.Executed(at, active);
            if (instruction.Flow == Flow.Next)
            {
                if (active != 0)
                {
                    Execute(instruction, active);
                }
                at++;
            }
            else
            {
                Step(instruction, active);
                if (State != WarpState.Ready)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Lets the warp go on behind a barrier.</summary>
    /// <param name="value">What the barrier counted.</param>
    public void Release(uint value)
    {
        var barrier = (BarrierOperation)code[at].Operation!;
        barrier.Complete(this, lanes, value);
        foreach (int slot in code[at].Writes)
        {
            Defined[slot] |= lanes;
        }
        at++;
        State = WarpState.Ready;
    }

    /// <summary>Gives the frames' memory back.</summary>
    public void Dispose()
    {
        // A frame that lanes are in is among its callee's callers, or a group's, or both.
        var all = new HashSet<Frame>(frames.Values.SelectMany(stack => stack));
        foreach (Frame? used in groups.Select(group => (Frame?)group.Frame).Append(frame))
        {
            for (Frame? caller = used; caller is not null; caller = caller.Caller)
            {
                all.Add(caller);
            }
        }
        foreach (Frame unused in all)
        {
            unused.Code.Give(unused);
        }
    }

    private void Execute(Instruction instruction, uint active)
    {
        worked |= parked > 0 ? active : 0;
        if (!Launch.ChecksInitialised)
        {
            instruction.Operation!.Run(this, active);
            return;
        }
        if (instruction.IsStrict)
        {
            CheckReads(instruction, active);
            instruction.Operation!.Run(this, active);
            foreach (int slot in instruction.Writes)
            {
                Defined[slot] |= active;
            }
            return;
        }
        uint defined = active & instruction.Operation!.DefinedLanes(this, instruction.Reads);
        instruction.Operation.Run(this, active);
        foreach (int slot in instruction.Writes)
        {
            Defined[slot] = (Defined[slot] & ~active) | defined;
        }
    }

    private void CheckDefined(int slot, uint active)
    {
        uint missing = active & ~Defined[slot];
        if (missing != 0 && Launch.ChecksInitialised)
        {
            ReportUndefined(slot, BitOperations.TrailingZeroCount(missing));
        }
    }

    private void Enter(Frame next, int instruction, uint active)
    {
        (frame, at, lanes) = (next, instruction, active);
        File = next.File;
        Defined = next.Defined;
    }

    private Frame NewFrame(FunctionCode function, Frame? caller, int callSite, uint active)
    {
        if (!frames.TryGetValue(function, out Stack<Frame>? free))
        {
            frames[function] = free = [];
        }
        Frame made = free.Count > 0 ? free.Pop() : function.Take(asNew: !Launch.ChecksInitialised);
        made.Reset();
        (made.Caller, made.CallSite, made.Lanes) = (caller, callSite, active);
        made.Depth = caller is null ? 0 : caller.Depth + 1;
        made.LocalBase = caller is null ? 0 : caller.LocalBase + ((caller.Code.LocalBytes + 15) & ~15);
        Local.Reserve(made.LocalBase + function.LocalBytes);
        SpecialValues.Fill(made, this);
        return made;
    }
}
