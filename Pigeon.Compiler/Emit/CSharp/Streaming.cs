using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Results that go to memory past the caches. An ordinary store reads its line first, and its line takes the place of another; neither is of use in a
/// result that is larger than what the caches hold. Its rows are whole lines, written once by the kernel, and not read by it.
/// </summary>
internal static class Streaming
{
    /// <summary>Results of more bytes leave the caches before anyone reads them.</summary>
    public const int FarBytes = 16 << 20;

    private const int LineFloats = 16;

    /// <summary>The values that a traversal, or the steps after a kernel's product, may write past the caches.</summary>
    public static int[] Of(Kernel kernel, KernelSymbols symbols)
    {
        Stage[] stages = [.. (kernel.Contraction is null ? kernel.Before : kernel.After).Where(step => step.Loop is null).SelectMany(step => step.Stages)];
        int[] read = [.. kernel.Steps.SelectMany(step => step.Stages).SelectMany(stage => stage.Arguments).Select(access => access.Value)];
        return [.. stages.Where(stage => IsWholeLines(stage, symbols) && !read.Contains(stage.Value) && symbols.Program.OwnsMemory(stage.Value) &&
            stages.Count(s => s.Value == stage.Value) == 1).Select(stage => stage.Value)];
    }

    /// <summary>The name of what tells whether a value is large enough.</summary>
    public static Code Flag(int value) => Code.Of($"streams{value}");

    /// <summary>Declares the flag.</summary>
    public static void Declare(KernelSymbols symbols, int value)
    {
        int rows = FarBytes / (sizeof(float) * symbols.Width(value));
        int space = symbols.Program.Space(symbols.Plan.Program.Types[value].Space);
        symbols.Declare(Flag(value), Code.Of($"bool {Flag(value)} = this.n{space} > {rows};"));
    }

    // A row that is one run of lines begins at one: buffers are aligned to lines.
    private static bool IsWholeLines(Stage stage, KernelSymbols symbols) =>
        stage is { Kind: StageKind.Map, Offset: 0 } && symbols.Plan.Storage[stage.Value] == Storage.Buffer &&
        symbols.Element(stage.Value) == ElementType.F32 && symbols.Width(stage.Value) % LineFloats == 0 && Domain.AxesOf(stage) is [var axis] &&
        axis.Extent == symbols.Width(stage.Value) && axis.Strides[0] == 1 && axis.Strides.Skip(1).All(stride => stride is 0 or 1);
}
