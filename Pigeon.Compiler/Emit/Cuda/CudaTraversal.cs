using System.Numerics;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes a traversal: a group of lanes for each row. A row with many neighbours gets a whole block, whose groups share its neighbours;
/// such rows are listed when a graph is bound. Rows without loops that are long are cut into parts.
/// </summary>
internal sealed class CudaTraversal(Plan plan, Kernel kernel, ProgramSymbols program) : CudaKernel(plan, kernel, program)
{
    private const int BlockThreads = 256;
    private const int Resident = 4;
    private const int SharedFloats = 10 * 1024;
    private const int HeavyFrom = 256;
    private const int RoundsOfPart = 2;

    /// <summary>Writes the kernel.</summary>
    public CudaFunction Emit()
    {
        int lanes = Lanes();
        int groups = BlockThreads / lanes;
        CudaPlaces places = Place(lanes, groups, out int parts);
        CudaKernelSymbols symbols = Symbols(places);
        Map[] loops = [.. Kernel.Before.Where(s => s.Loop is not null).Select(s => s.Loop!).Distinct()];
        bool heavy = loops.Length > 0 && places.Stages.All(s => s.Stage.Kind != StageKind.Reduce || places.InRegister(s.Stage.Value) ||
            s.Layout.FitsRegisters);
        var body = new CodeWriter();
        new CudaStages(body, symbols, places, Kernel, lanes, BlockThreads, parts).Emit(phase: 0);
        var writer = new CodeWriter();
        if (places.SharedFloats > 0)
        {
            writer.Line($"__shared__ __align__(16) float rows[{groups * FloatsOfGroup(places.SharedFloats, lanes)}];");
        }

        EmitUnit(writer, symbols, groups, lanes, parts, heavy);
        foreach (Code offset in heavy ? loops.Select(symbols.Offsets) : [])
        {
            using (writer.Block($"if (!heavy && {offset}[i + 1] - {offset}[i] > {HeavyFrom})"))
            {
                writer.Line($"return;");
            }
        }

        EmitGroup(writer, lanes);
        EmitShared(writer, places, lanes, heavy);
        writer.Lines(body);
        var member = new GpuLaunchMember(Kernel.Name, Program.Space(Kernel.Rows), heavy ? [.. loops.Select(l => Program.Index(l, null))] : [],
            [.. symbols.Parameters.Select(p => p.Argument)]);
        return new(new(Kernel.Name, Kernel.Once, GpuGridKind.Rows, groups, parts, 1, 1, BlockThreads, HeavyFrom, [member]), Resident, symbols.Parameters, writer);
    }

    /// <summary>The row of a group, how many groups work on it, and which of them this one is.</summary>
    private void EmitUnit(CodeWriter writer, CudaKernelSymbols symbols, int groups, int lanes, int parts, bool heavy)
    {
        Code before = default;
        if (heavy)
        {
            Code count = symbols.Table(GpuArgumentKind.HeavyCount, 0);
            writer.Line($"__shared__ float exchange[{BlockThreads}];");
            writer.Line($"const bool heavy = block < {count};");
            writer.Line($"const int SLOTS = heavy ? {groups} : 1, SLOT_BITS = heavy ? {BitOperations.Log2((uint)groups)} : 0;");
            writer.Line($"const int slot = heavy ? threadIdx.x / {lanes} : 0;");
            before = Code.Of($" - {count}");
        }
        else
        {
            writer.Line($"constexpr int SLOTS = 1, SLOT_BITS = 0, slot = 0;");
            writer.Line($"float* const exchange = nullptr;");
        }

        writer.Line($"const long long unit = ((long long)block{before}) * {groups} + threadIdx.x / {lanes};");
        using (writer.Block($"if ({(heavy ? Code.Of($"!heavy && ") : default)}unit >= (long long){symbols.Size(Kernel.Rows)} * {parts})"))
        {
            writer.Line($"return;");
        }

        Code row = parts == 1 ? Code.Of($"(int)unit") : Code.Of($"(int)(unit / {parts})");
        writer.Line($"const int i = {(heavy ? Code.Of($"heavy ? {symbols.Table(GpuArgumentKind.HeavyRows, 0)}[block] : {row}") : row)};");
        if (parts > 1)
        {
            writer.Line($"const int part = (int)(unit % {parts});");
        }
    }

    /// <summary>A group's part of shared memory, and that of the row, which all groups of a heavy row share.</summary>
    private static void EmitShared(CodeWriter writer, CudaPlaces places, int lanes, bool heavy)
    {
        if (places.SharedFloats == 0)
        {
            return;
        }

        writer.Line($"float* const shared = rows + threadIdx.x / {lanes} * {FloatsOfGroup(places.SharedFloats, lanes)};");
        writer.Line($"float* const shared_row = {(heavy ? Code.Of($"heavy ? rows : shared") : Code.Of($"shared"))};");
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
