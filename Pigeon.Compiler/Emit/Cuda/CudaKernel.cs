namespace Pigeon.Compiler;

/// <summary>What the parts of a CUDA emitter share for one kernel.</summary>
internal abstract class CudaKernel(Plan plan, Kernel kernel, ProgramSymbols program)
{
    private const int WidestGroup = 32;
    private const int NarrowestLoopGroup = 8;
    private const int RowReduceVector = 4;

    protected Plan Plan => plan;

    protected Kernel Kernel => kernel;

    protected ProgramSymbols Program => program;

    /// <summary>The lanes that work on one row: enough for a vector each of the widest row, at the most a warp.</summary>
    protected int Lanes()
    {
        var one = new CudaPlaces(plan, kernel, lanes: 1);
        bool loops = kernel.Steps.Any(s => s.Loop is not null);
        int widest = one.Stages.Where(s => s.Loop is null || one.Stages.Any(o => o.Step == s.Step && o.Stage.Domain.Width > CudaPlaces.NarrowElements))
            .Select(s => s.Layout.Elements / (s.Stage.Kind == StageKind.RowReduce ? RowReduceVector
                : CudaLayout.WidestVector(s.Stage, one.Width, v => plan.Program.Values[v] is Operator.Uniform))).DefaultIfEmpty(1).Max();
        int lanes = 1;
        while (lanes < widest && lanes < WidestGroup)
        {
            lanes *= 2;
        }

        return loops ? Math.Max(lanes, NarrowestLoopGroup) : lanes;
    }

    protected CudaKernelSymbols Symbols(CudaPlaces? places)
    {
        var written = new HashSet<int>();
        IEnumerable<int> values = kernel.Steps.SelectMany(s => s.Stages).Select(s => s.Value);
        foreach (int value in kernel.Contraction is { } c ? values.Append(c.Value) : values)
        {
            if (places?.IsInBuffer(value) ?? true)
            {
                written.Add(value);
            }
        }

        return new(program, plan, written);
    }

    /// <summary>The setup of a group of lanes.</summary>
    protected static void EmitGroup(CodeWriter writer, int lanes)
    {
        writer.Line($"const int lane = threadIdx.x % {lanes};");
        writer.Line($"const pg_u32 mask = pg_mask<{lanes}>();");
    }

    /// <summary>The row <c>i</c> at position <c>start + r</c> of a tile.</summary>
    protected static void EmitPosition(CodeWriter body, Contraction gemm, Code order)
    {
        Code at = gemm.Lead == 1 ? Code.Of($"start + r") : Code.Of($"(start + r) / {gemm.Lead}");
        body.Line($"const int i = pg_at({order}, {at});");
    }

    /// <summary>The first number, after a row's, of a row of a block's matrix; empty where a row is no more than that.</summary>
    protected static Code Inside(Contraction gemm, int width) => (gemm.Lead, gemm.Blocks) switch
    {
        (1, 1) => default,
        (1, _) => Code.Of($" + b * {width}"),
        _ => Code.Of($" + (b * {gemm.Lead} + (start + r) % {gemm.Lead}) * {width}"),
    };

    /// <summary>Whether matrix rows of a value begin at multiples of 4 floats, and are as long.</summary>
    protected Code Aligned(Access access, int width) =>
        width % 4 == 0 && access.Offset % 4 == 0 && (int)plan.Program.Types[access.Value].Row.Width % 4 == 0
            ? Code.Of($"true") : Code.Of($"false");
}
