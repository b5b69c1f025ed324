namespace Pigeon.Simulator;

/// <summary>One thread of a launch.</summary>
/// <param name="Block">The number of its block, x first.</param>
/// <param name="Index">Its number in the block.</param>
public readonly record struct ThreadId(int Block, int Index)
{
    /// <summary>As in <c>block 3, thread 17</c>.</summary>
    public override string ToString() => $"block {Block}, thread {Index}";
}

/// <summary>A place in a kernel.</summary>
/// <param name="PtxLine">The line of the PTX, from 1.</param>
/// <param name="Source">File and line of the CUDA source; empty where the PTX does not tell.</param>
/// <param name="Text">The instruction's opcode.</param>
public readonly record struct CodePlace(int PtxLine, string Source, string Text)
{
    /// <summary>As in <c>st.shared.f32 (PTX line 80, gemm.cu:12)</c>.</summary>
    public override string ToString() => $"{Text} (PTX line {PtxLine}{(Source.Length == 0 ? "" : ", " + Source)})";
}

/// <summary>A fault of a kernel that a run showed.</summary>
/// <param name="Kind">What kind of fault it is.</param>
/// <param name="Kernel">The kernel.</param>
/// <param name="Message">What happened, with its values.</param>
/// <param name="Place">Which instruction found it.</param>
/// <param name="Thread">The thread that executed it.</param>
/// <param name="Buffer">The buffer or shared array it is about; null where it is about none.</param>
/// <param name="OtherPlace">The other instruction, where two are involved.</param>
/// <param name="OtherThread">The other thread, where two are involved.</param>
public sealed record Finding(
    FindingKind Kind, string Kernel, string Message, CodePlace Place, ThreadId Thread, string? Buffer = null,
    CodePlace? OtherPlace = null, ThreadId? OtherThread = null)
{
    /// <summary>How often it happened at this place in the launch.</summary>
    public long Count { get; internal set; } = 1;

    /// <summary>All of it in one line.</summary>
    public override string ToString() =>
        $"{Kernel}: {Message}; {Place}, {Thread}{(OtherPlace is null ? "" : $"; with {OtherPlace}, {OtherThread}")}"
        + (Count == 1 ? "" : $"; {Count} times");
}
