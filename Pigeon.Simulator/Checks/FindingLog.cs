namespace Pigeon.Simulator;

/// <summary>The findings of a launch, each kind at each place once.</summary>
internal sealed class FindingLog(Launch launch)
{
    private readonly Dictionary<(FindingKind, int, int, string?), Finding?> known = [];
    private readonly List<Finding> findings = [];

    /// <summary>What was found.</summary>
    public IReadOnlyList<Finding> All => findings;

    /// <summary>How often something was found, the same again and again included.</summary>
    public long Reports { get; private set; }

    /// <summary>Distinct findings that were not kept.</summary>
    public int Omitted { get; private set; }

    /// <summary>Notes a finding at the instruction that a warp executes.</summary>
    /// <param name="kind">What kind it is.</param>
    /// <param name="warp">The warp.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="message">What happened; asked for where it is new.</param>
    /// <param name="buffer">The buffer, or null.</param>
    /// <param name="other">The other access, or nobody's.</param>
    public void Report(FindingKind kind, Warp warp, int lane, Func<string> message, string? buffer = null, AccessStamp other = default)
    {
        Reports++;
        int otherAt = other.IsNone ? -1 : other.Instruction;
        var key = (kind, warp.At, otherAt, buffer);
        if (known.TryGetValue(key, out Finding? same))
        {
            if (same is not null)
            {
                same.Count++;
            }
            return;
        }
        if (findings.Count >= launch.Options.MaxFindings)
        {
            known[key] = null;
            Omitted++;
            return;
        }
        var finding = new Finding(kind, launch.Code.Name, message(), launch.Code.Place(warp.At), warp.Thread(lane), buffer,
            other.IsNone ? null : launch.Code.Place(otherAt), other.IsNone ? null : launch.Thread(other));
        known[key] = finding;
        findings.Add(finding);
    }
}
