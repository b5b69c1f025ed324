using System.Numerics;

namespace Pigeon.Simulator;

/// <summary>Instructions that several lanes execute together: shuffles, votes, matrix operations and barriers.</summary>
internal sealed unsafe partial class Warp
{
    private void Meet(Instruction instruction, uint active)
    {
        // Lanes that the guard switches off go on.
        uint rest = lanes & ~active;
        if (active == 0)
        {
            at++;
            return;
        }
        uint members = Members(instruction, active);
        CheckNamed(instruction, active);
        if ((members & Alive & ~active) != 0)
        {
            groups.Add(new LaneGroup(frame, at, active) { Parked = true });
            parked++;
            if (rest != 0)
            {
                groups.Add(new LaneGroup(frame, at + 1, rest));
            }
            lanes = 0;
            return;
        }
        if (rest != 0)
        {
            groups.Add(new LaneGroup(frame, at + 1, rest));
            lanes = active;
            UpdateSwitch();
        }
        if (instruction.Flow == Flow.Barrier)
        {
            CheckReads(instruction, active);
            Block.Arrive(this, (BarrierOperation)instruction.Operation!);
            return;
        }
        if (instruction.Flow == Flow.WarpAligned && active != Operation.AllLanes)
        {
            ReportMissing(active, BitOperations.TrailingZeroCount(~active));
        }
        ExecuteBySubset(instruction, active);
        at++;
    }

    /// <summary>Lanes that name different lanes take part subset by subset, as after <c>__match_any_sync</c>.</summary>
    private void ExecuteBySubset(Instruction instruction, uint active)
    {
        for (uint left = active; left != 0;)
        {
            uint subset = instruction.Flow == Flow.WarpSync ? SameMask(instruction, left) : left;
            Execute(instruction, subset);
            left &= ~subset;
        }
    }

    /// <summary>The lanes that name the same lanes as the first.</summary>
    private uint SameMask(Instruction instruction, uint among)
    {
        uint* masks = Values<uint>(instruction.Selector);
        uint members = masks[BitOperations.TrailingZeroCount(among)], same = 0;
        for (uint left = among; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            same |= masks[lane] == members ? 1u << lane : 0;
        }
        return same;
    }

    /// <summary>A lane must name itself, and lanes that name each other must name the same lanes.</summary>
    private void CheckNamed(Instruction instruction, uint active)
    {
        for (uint left = instruction.Flow == Flow.WarpSync ? active : 0; left != 0;)
        {
            uint subset = SameMask(instruction, left);
            uint members = Values<uint>(instruction.Selector)[BitOperations.TrailingZeroCount(left)];
            uint strangers = (subset & ~members) | (active & members & ~subset);
            if (strangers != 0)
            {
                ReportStrangers(subset, members, strangers, BitOperations.TrailingZeroCount(strangers));
            }
            left &= ~subset;
        }
    }

    private void CheckReads(Instruction instruction, uint active)
    {
        foreach (int slot in instruction.Reads)
        {
            CheckDefined(slot, active);
        }
    }

    /// <summary>The lanes that must take part: those that any of the active lanes names.</summary>
    private uint Members(Instruction instruction, uint active)
    {
        if (instruction.Flow != Flow.WarpSync)
        {
            return Operation.AllLanes;
        }
        CheckDefined(instruction.Selector.Slot, active);
        return MembersOfSubsets(Values<uint>(instruction.Selector), active);
    }

    private static uint MembersOfSubsets(uint* masks, uint active)
    {
        uint all = 0;
        for (uint left = active; left != 0; left &= left - 1)
        {
            all |= masks[BitOperations.TrailingZeroCount(left)];
        }
        return all;
    }

    /// <summary>No group can run and some wait for lanes. Lets one go on, with a finding where it should not have to.</summary>
    private bool ResolveParked()
    {
        groups.Sort((a, b) => LaneGroup.Compare(a.Frame, a.At, b.Frame, b.At));
        if (ResolveWarpBarriers())
        {
            return true;
        }
        LaneGroup group = groups.Find(g => (NeededBy(g) & ~g.Lanes) == 0) ?? groups[0];
        Instruction instruction = code[group.At];
        uint members = MembersOf(group, instruction);
        uint missing = members & Alive & ~group.Lanes;
        groups.Remove(group);
        parked--;
        Enter(group.Frame, group.At, group.Lanes);
        bool barrier = instruction.Flow == Flow.Barrier;
        if (missing != 0)
        {
            LaneGroup? other = groups.Find(g => (g.Lanes & missing) != 0);
            int lane = BitOperations.TrailingZeroCount(group.Lanes);
            int otherLane = BitOperations.TrailingZeroCount(missing);
            Launch.Findings.Report(barrier ? FindingKind.DivergentBarrier : FindingKind.DivergentWarp, this, lane, () =>
                $"lanes 0x{group.Lanes:x8} wait here for lanes 0x{missing:x8}, which are elsewhere",
                other: other is null ? default : new AccessStamp(Clock.Number, otherLane, 0, other.At, false, false));
            Force(instruction);
            return true;
        }
        uint left = members & leftAfterWork & ~group.Lanes;
        if (left != 0)
        {
            Launch.Findings.Report(barrier ? FindingKind.DivergentBarrier : FindingKind.DivergentWarp, this,
                BitOperations.TrailingZeroCount(group.Lanes), () => $"lanes 0x{left:x8} took another way and ended without coming here");
        }
        groups.Add(new LaneGroup(frame, at, lanes));
        lanes = 0;
        return true;
    }

    /// <summary>Goes on with the lanes that there are, so that a run shows more than its first fault.</summary>
    private void Force(Instruction instruction)
    {
        if (instruction.Flow != Flow.Barrier)
        {
            ExecuteBySubset(instruction, lanes);
        }
        groups.Add(new LaneGroup(frame, at + 1, lanes));
        lanes = 0;
    }

    private uint NeededBy(LaneGroup group) => MembersOf(group, code[group.At]) & Alive;

    private uint MembersOf(LaneGroup group, Instruction instruction) => instruction.Flow != Flow.WarpSync ? Operation.AllLanes
        : MembersOfSubsets((uint*)(group.Frame.File + instruction.Selector.Offset), group.Lanes);

    /// <summary>A <c>bar.warp.sync</c> may be reached at several places, so long as all lanes come to one.</summary>
    private bool ResolveWarpBarriers()
    {
        List<LaneGroup> waiting = groups.FindAll(group => code[group.At].Operation is WarpBarrierOperation);
        foreach (LaneGroup group in waiting)
        {
            uint members = NeededBy(group);
            List<LaneGroup> same = waiting.FindAll(other => NeededBy(other) == members);
            uint present = same.Aggregate(0u, (sum, other) => sum | other.Lanes);
            if (same.Count > 1 && (members & ~present) == 0)
            {
                Clock.SyncLanes(present, Alive);
                foreach (LaneGroup released in same)
                {
                    released.At++;
                    released.Parked = false;
                    parked--;
                }
                return true;
            }
        }
        return false;
    }
}
