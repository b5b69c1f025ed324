using System.Numerics;
using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>Jumps, calls, and how groups of lanes part and meet.</summary>
internal sealed unsafe partial class Warp
{
    private const int MaxDepth = 1024;

    private void Step(Instruction instruction, uint active)
    {
        switch (instruction.Flow)
        {
            case Flow.Branch:
                Jump(active, instruction.Target);
                break;
            case Flow.IndexedBranch:
                JumpByTable(instruction, active);
                break;
            case Flow.Call:
                Call(instruction, active);
                break;
            case Flow.Return when frame.Caller is not null:
                Return(active);
                break;
            case Flow.Return or Flow.Exit:
                Exit(active);
                break;
            default:
                Meet(instruction, active);
                break;
        }
    }

    private void Jump(uint taken, int target)
    {
        uint rest = lanes & ~taken;
        if (taken == 0)
        {
            at++;
        }
        else if (rest == 0)
        {
            at = target;
        }
        else
        {
            Launch.Counters.Diverged(at);
            groups.Add(new LaneGroup(frame, Math.Max(at + 1, target), target > at ? taken : rest));
            lanes = target > at ? rest : taken;
            at = Math.Min(at + 1, target);
        }
        UpdateSwitch();
    }

    private void JumpByTable(Instruction instruction, uint active)
    {
        uint* index = Values<uint>(instruction.Selector);
        CheckDefined(instruction.Selector.Slot, active);
        int here = at;
        uint rest = lanes & ~active;
        if (rest != 0)
        {
            groups.Add(new LaneGroup(frame, here + 1, rest));
        }
        for (uint left = active; left != 0;)
        {
            uint value = index[BitOperations.TrailingZeroCount(left)];
            uint same = 0;
            for (uint look = left; look != 0; look &= look - 1)
            {
                int lane = BitOperations.TrailingZeroCount(look);
                same |= index[lane] == value ? 1u << lane : 0;
            }
            if (value >= instruction.Targets.Length)
            {
                throw new PigeonException("PG0656", $"a jump by table entry {value} of {instruction.Targets.Length}",
                    $"{Launch.Code.Place(here)}",
                    "report it with the PTX");
            }
            groups.Add(new LaneGroup(frame, instruction.Targets[value], same));
            left &= ~same;
        }
        lanes = 0;
    }

    private void Call(Instruction instruction, uint active)
    {
        uint rest = lanes & ~active;
        if (rest != 0)
        {
            groups.Add(new LaneGroup(frame, at + 1, rest));
        }
        if (active == 0)
        {
            lanes = 0;
            return;
        }
        if (frame.Depth >= MaxDepth)
        {
            throw new PigeonException("PG0656", $"calls {MaxDepth} deep", $"{Launch.Code.Place(at)}", "end the recursion earlier");
        }
        FunctionCode callee = instruction.Callee!;
        Frame inner = NewFrame(callee, frame, at, active);
        CopyStorage(frame.File, inner.File, instruction.Arguments, active);
        Enter(inner, callee.Entry, active);
        if (groups.Count > 0)
        {
            Part();
        }
    }

    private void Return(uint active)
    {
        if (active == 0)
        {
            at++;
            return;
        }
        Frame inner = frame, outer = frame.Caller!;
        int call = inner.CallSite;
        uint rest = lanes & ~active;
        if (rest != 0)
        {
            groups.Add(new LaneGroup(inner, at + 1, rest));
        }
        Instruction site = code[call];
        foreach ((int caller, int callee, int bytes) in site.Results)
        {
            CopyStorage(inner.File, outer.File, [(callee, caller, bytes)], active);
        }
        Enter(outer, call + 1, active);
        Leave(inner, active);
        if (groups.Count > 0)
        {
            Part();
        }
    }

    private void Exit(uint active)
    {
        Alive &= ~active;
        leftAfterWork |= active & worked;
        lanes &= ~active;
        at++;
        for (Frame? left = frame; left is { Caller: not null }; left = left.Caller)
        {
            Leave(left, active);
        }
        if (Alive == 0)
        {
            while (frame.Caller is not null)
            {
                frame = frame.Caller;
            }
            frames[frame.Code].Push(frame);
            State = WarpState.Done;
        }
    }

    private void Leave(Frame left, uint active)
    {
        left.Lanes &= ~active;
        if (left.Lanes == 0)
        {
            frames[left.Code].Push(left);
        }
    }

    private static void CopyStorage(byte* from, byte* to, (int From, int To, int Bytes)[] parts, uint active)
    {
        foreach ((int source, int target, int bytes) in parts)
        {
            for (uint left = active; left != 0; left &= left - 1)
            {
                int lane = BitOperations.TrailingZeroCount(left);
                new Span<byte>(from + source + (lane * bytes), bytes).CopyTo(new Span<byte>(to + target + (lane * bytes), bytes));
            }
        }
    }

    /// <summary>Puts the running group among the waiting ones.</summary>
    private void Part()
    {
        if (lanes != 0)
        {
            groups.Add(new LaneGroup(frame, at, lanes));
            lanes = 0;
        }
    }

    /// <summary>Takes the group that is furthest back, joined with all that are at its place.</summary>
    /// <returns>False where there is none.</returns>
    private bool Select()
    {
        LaneGroup? first = null;
        while (first is null)
        {
            if (groups.Count == 0)
            {
                return false;
            }
            foreach (LaneGroup group in groups)
            {
                if (!group.Parked && (first is null || LaneGroup.Compare(group.Frame, group.At, first.Frame, first.At) < 0))
                {
                    first = group;
                }
            }
            if (first is null && !ResolveParked())
            {
                return false;
            }
        }
        groups.Remove(first);
        Enter(first.Frame, first.At, first.Lanes);
        (slice, fair) = (0, false);
        Join();
        UpdateSwitch();
        return true;
    }

    private bool Reconverge()
    {
        Join();
        if (!fair)
        {
            foreach (LaneGroup group in groups)
            {
                if (!group.Parked && LaneGroup.Compare(group.Frame, group.At, frame, at) < 0)
                {
                    Part();
                    return Select();
                }
            }
        }
        UpdateSwitch();
        return true;
    }

    private void Join()
    {
        for (int i = groups.Count - 1; i >= 0; i--)
        {
            LaneGroup group = groups[i];
            if (group.Frame == frame && group.At == at)
            {
                lanes |= group.Lanes;
                parked -= group.Parked ? 1 : 0;
                groups.RemoveAt(i);
            }
        }
        worked = parked == 0 ? 0 : worked;
    }

    private void UpdateSwitch()
    {
        switchAt = int.MaxValue;
        foreach (LaneGroup group in groups)
        {
            if (group.Frame == frame && (group.At >= at || !group.Parked))
            {
                switchAt = fair ? 0 : Math.Min(switchAt, group.At);
            }
        }
    }

    /// <summary>Lets another group run for a while, so that none starves that this one waits for.</summary>
    private void TakeTurns()
    {
        slice = 0;
        LaneGroup[] others = [.. groups.Where(group => !group.Parked)];
        if (others.Length == 0)
        {
            return;
        }
        LaneGroup next = others[Launch.Random.Next(others.Length)];
        Part();
        groups.Remove(next);
        Enter(next.Frame, next.At, next.Lanes);
        fair = true;
        Join();
        UpdateSwitch();
    }
}
