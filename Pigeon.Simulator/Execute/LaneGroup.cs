namespace Pigeon.Simulator;

/// <summary>Lanes of a warp that are at the same place.</summary>
internal sealed class LaneGroup(Frame frame, int at, uint lanes)
{
    /// <summary>The function they are in.</summary>
    public Frame Frame => frame;

    /// <summary>The instruction that is next.</summary>
    public int At { get; set; } = at;

    /// <summary>The lanes.</summary>
    public uint Lanes { get; set; } = lanes;

    /// <summary>Whether they wait for other lanes of the warp to come to the same instruction.</summary>
    public bool Parked { get; set; }

    /// <summary>
    /// The order in which groups run: the one that is further back first, so that the others wait where the ways join. A group inside a
    /// call is where its call is, and comes before one that has the call behind it.
    /// </summary>
    public static int Compare(Frame frame, int at, Frame otherFrame, int otherAt)
    {
        int depth = frame.Depth, otherDepth = otherFrame.Depth;
        Frame a = frame, b = otherFrame;
        for (; a.Depth > b.Depth; a = a.Caller!)
        {
            at = a.CallSite;
        }
        for (; b.Depth > a.Depth; b = b.Caller!)
        {
            otherAt = b.CallSite;
        }
        for (; a != b; a = a.Caller!, b = b.Caller!)
        {
            (at, otherAt) = (a.CallSite, b.CallSite);
        }
        int order = at.CompareTo(otherAt);
        return order != 0 ? order : otherDepth.CompareTo(depth);
    }
}
