using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// The parameters of one kernel: buffers, index arrays, sizes. The first use of a name makes it a parameter. What the kernel only reads
/// is marked so, which lets the compiler read it past the first-level cache's coherence.
/// </summary>
internal sealed class CudaKernelSymbols(ProgramSymbols program, Plan plan, IReadOnlySet<int> written)
{
    private readonly Dictionary<string, int> positions = new(StringComparer.Ordinal);
    private readonly List<CudaParameter> parameters = [];

    public ProgramSymbols Program => program;

    public Plan Plan => plan;

    /// <summary>The parameters so far.</summary>
    public ImmutableArray<CudaParameter> Parameters => [.. parameters];

    /// <summary>The number of floats of a value's row.</summary>
    public int Width(int value) => (int)plan.Program.Types[value].Row.Width;

    /// <summary>Whether a value is computed from its elements' numbers, and kept nowhere.</summary>
    public bool IsCounted(int value) => plan.Program.Values[value] is Operator.Uniform;

    public Code Size(IndexSpace space)
    {
        int number = program.Space(space);
        return Parameter(Code.Of($"n{number}"), Code.Of($"int"), new(GpuArgumentKind.Size, number));
    }

    public Code Values(Map map, Map? orderedBy = null)
    {
        int index = program.Index(map, orderedBy);
        program.Need(index, "values");
        return Parameter(Code.Of($"m{index}"), Constant, new(GpuArgumentKind.Values, index));
    }

    public Code Offsets(Map map)
    {
        int index = program.Index(map, null);
        program.Need(index, "offsets");
        return Parameter(Code.Of($"m{index}_offsets"), Constant, new(GpuArgumentKind.Offsets, index));
    }

    public Code Order(Map map)
    {
        int index = program.Index(map, null);
        program.Need(index, "order");
        return Parameter(Code.Of($"m{index}_order"), Constant, new(GpuArgumentKind.Order, index));
    }

    /// <summary>A value's rows, from some number of the first row on.</summary>
    public Code Buffer(int value, int offset = 0) => Parameter(offset == 0 ? Code.Of($"v{value}") : Code.Of($"v{value}_{offset}"),
        written.Contains(value) ? Code.Of($"float*") : Code.Of($"const float* __restrict__"),
        new(GpuArgumentKind.Buffer, program.Buffer(value), offset), written.Contains(value));

    /// <summary>The numbers of a value's rows.</summary>
    public Code Length(int value) => Parameter(Code.Of($"length"), Code.Of($"long long"), new(GpuArgumentKind.Length, program.Buffer(value)));

    /// <summary>The key of a value's random numbers.</summary>
    public Code RandomKey(int value)
    {
        var uniform = (Operator.Uniform)plan.Program.Values[value];
        Code seed = Buffer(uniform.Seed);
        return Code.Of($"pg_key({uniform.Stream}, {seed}[0], {seed}[1])");
    }

    public Code Table(GpuArgumentKind kind, int tiling) => kind switch
    {
        GpuArgumentKind.TileTypes => Parameter(Code.Of($"tile_types"), Constant, new(kind, tiling)),
        GpuArgumentKind.TileStarts => Parameter(Code.Of($"tile_starts"), Constant, new(kind, tiling)),
        GpuArgumentKind.TypeTiles => Parameter(Code.Of($"type_tiles"), Constant, new(kind, tiling)),
        GpuArgumentKind.Workspace => Parameter(Code.Of($"runs"), Code.Of($"float*"), new(kind, tiling), isWritten: true),
        GpuArgumentKind.HeavyRows => Parameter(Code.Of($"heavy_rows"), Constant, new(kind)),
        GpuArgumentKind.HeavyCount => Parameter(Code.Of($"heavy_count"), Code.Of($"int"), new(kind)),
        _ => throw new InvalidOperationException($"{kind} is no table"),
    };

    /// <summary>The address of what a contraction reads at row <c>i</c>.</summary>
    public Code Row(Access access) => Row(Buffer(access.Value, access.Offset), access.Index.Along switch
    {
        Map.Identity => Code.Of($"i"),
        Map.Unit => Code.Of($"0"),
        var map => Code.Of($"{Values(map)}[i]"),
    }, Width(access.Value));

    /// <summary>The address of a row.</summary>
    public static Code Row(Code start, Code row, int width) =>
        width == 1 ? Code.Of($"{start} + {row}") : Code.Of($"{start} + (long long){row} * {width}");

    private static Code Constant => Code.Of($"const int* __restrict__");

    private Code Parameter(Code name, Code type, GpuArgument argument, bool isWritten = false)
    {
        if (positions.TryAdd(name.ToString(), parameters.Count))
        {
            parameters.Add(new(name, type, argument, isWritten));
        }

        return name;
    }
}
