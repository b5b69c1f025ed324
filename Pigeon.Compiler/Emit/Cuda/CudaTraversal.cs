using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes a traversal: a group of lanes for each row. A row with many neighbours gets a whole block, whose groups share its neighbours;
/// such rows are listed when a graph is bound. Rows without loops that are long are cut into parts.
/// </summary>
internal sealed class CudaTraversal(Plan plan, Kernel kernel, ProgramSymbols program) : CudaKernel(plan, kernel, program)
{
    private const int BlockThreads = 256;
    private const int SharedFloats = 10 * 1024;
    private const int HeavyFrom = 256;
    private const int RoundsOfPart = 2;

    /// <summary>Writes the kernel, and describes its launch.</summary>
    public GpuLaunchSignature Emit(CodeWriter writer)
    {
        int lanes = Lanes();
        int groups = BlockThreads / lanes;
        CudaPlaces places = Place(lanes, groups, out int parts);
        CudaKernelSymbols symbols = Symbols(places);
        int floats = FloatsOfGroup(places.SharedFloats, lanes);
        Map[] loops = [.. Kernel.Before.Where(s => s.Loop is not null).Select(s => s.Loop!).Distinct()];
        bool heavy = loops.Length > 0 && places.Stages.All(s => s.Stage.Kind != StageKind.Reduce || places.InRegister(s.Stage.Value) ||
            s.Layout.FitsRegisters);
        var body = new CodeWriter();
        new CudaStages(body, symbols, places, Kernel, lanes, BlockThreads, parts).Emit(phase: 0);
        Code size = symbols.Size(Kernel.Rows);
        Code count = heavy ? symbols.Table(GpuArgumentKind.HeavyCount, 0) : Code.Of($"0");
        Code rows = heavy ? symbols.Table(GpuArgumentKind.HeavyRows, 0) : default;
        Code[] offsets = [.. loops.Select(symbols.Offsets)];

        writer.Line();
        writer.Line($"template <int SLOTS>");
        using (writer.Block($"PG_INLINE void {Name}_row({symbols.Declarations}, const int i, const int part, float* shared_row, float* shared, float* exchange)"))
        {
            EmitGroup(writer, lanes);
            writer.Line($"const int slot = SLOTS == 1 ? 0 : threadIdx.x / {lanes};");
            foreach ((int first, int padding, _) in places.SharedPadding())
            {
                using (writer.Block($"for (int t = lane; t < {padding}; t += {lanes})"))
                {
                    writer.Line($"shared[{first} + t] = 0.0f;");
                }
            }

            if (places.SharedPadding().Any())
            {
                writer.Line($"if (SLOTS > 1) __syncthreads(); else pg_sync<{lanes}>(mask);");
            }

            writer.Lines(body);
        }

        writer.Line();
        using (writer.Block($"extern \"C\" __global__ void __launch_bounds__({BlockThreads}, 4) {Name}({symbols.Declarations})"))
        {
            if (places.SharedFloats > 0)
            {
                writer.Line($"__shared__ __align__(16) float shared[{groups * floats}];");
            }

            Code all = places.SharedFloats > 0 ? Code.Of($"shared") : Code.Of($"nullptr");
            Code own = places.SharedFloats > 0 ? Code.Of($"shared + threadIdx.x / {lanes} * {floats}") : Code.Of($"nullptr");
            if (heavy)
            {
                writer.Line($"__shared__ float exchange[{BlockThreads}];");
                using (writer.Block($"if (blockIdx.x < {count})"))
                {
                    writer.Line($"{Name}_row<{groups}>({symbols.Names}, {rows}[blockIdx.x], 0, {all}, {own}, exchange);");
                    writer.Line($"return;");
                }
            }

            Code blocks = heavy ? Code.Of($"(blockIdx.x - {count})") : Code.Of($"blockIdx.x");
            writer.Line($"const long long unit = (long long){blocks} * {groups} + threadIdx.x / {lanes};");
            writer.Line($"const int i = (int)(unit / {parts}), part = (int)(unit % {parts});");
            using (writer.Block($"if (unit >= (long long){size} * {parts})"))
            {
                writer.Line($"return;");
            }

            foreach (Code offset in heavy ? offsets : [])
            {
                using (writer.Block($"if ({offset}[i + 1] - {offset}[i] > {HeavyFrom})"))
                {
                    writer.Line($"return;");
                }
            }

            writer.Line($"{Name}_row<1>({symbols.Names}, i, part, {own}, {own}, {(heavy ? Code.Of($"exchange") : Code.Of($"nullptr"))});");
        }

        return new(Kernel.Name, Kernel.Once, GpuGridKind.Rows, Program.Space(Kernel.Rows), groups, parts, 1, 1, BlockThreads,
            heavy ? [.. loops.Select(l => Program.Index(l, null))] : [], HeavyFrom, symbols.Arguments);
    }

    /// <summary>
    /// The floats between what two groups have in shared memory: an odd multiple of their lanes, so that numbers that the lanes of a warp read
    /// at the same time, one each, are in different banks.
    /// </summary>
    private static int FloatsOfGroup(int floats, int lanes)
    {
        const int Vector = 4;
        int unit = Math.Max(Vector, lanes);
        return floats == 0 || lanes >= 32 ? floats : (((floats + unit - 1) / unit) | 1) * unit;
    }

    private CudaPlaces Place(int lanes, int groups, out int parts)
    {
        var places = new CudaPlaces(Plan, Kernel, lanes);
        parts = places.Stages.Max(s => s.Layout.Rounds) / RoundsOfPart;
        if (parts > 1 && places.Stages.All(s => s.Loop is null && s.Stage.Kind == StageKind.Map && places.Writer(s.Stage.Value) is not null))
        {
            var cut = new CudaPlaces(Plan, Kernel, lanes, parts);
            if (cut.Stages.All(s => s.Stage.Arguments.All(a => !cut.Computes(a.Value) || cut.IsServed(a.Value, s, a))))
            {
                places = cut;
            }
        }

        if (!places.IsCut)
        {
            parts = 1;
        }

        places.Share(SharedFloats / groups);
        return places;
    }
}
