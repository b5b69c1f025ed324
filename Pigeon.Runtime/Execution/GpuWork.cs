using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>One launch of a bound program: its size, and its arguments, of which only buffers may change.</summary>
internal sealed class GpuWork
{
    private readonly GpuLaunchSignature signature;
    private readonly IGpuKernel kernel;
    private readonly GpuLaunch size;
    private readonly ulong[] arguments;

    private GpuWork(GpuLaunchSignature signature, int planKernel, IGpuKernel kernel, long blocks, ulong[] arguments)
    {
        (this.signature, this.kernel, this.arguments) = (signature, kernel, arguments);
        PlanKernel = planKernel;
        HasBlocks = blocks > 0;
        size = new(checked((int)blocks), signature.BlocksY, signature.BlocksZ, signature.Threads);
    }

    /// <summary>Whether it runs once for a graph, and again only for other weights.</summary>
    public bool Once => signature.Once;

    /// <summary>The number of the plan's kernel that it is a launch of.</summary>
    public int PlanKernel { get; }

    /// <summary>Whether there is anything to do.</summary>
    public bool HasBlocks { get; }

    /// <summary>Makes the tables of all launches, and finds their arguments.</summary>
    public static GpuWork[] Create(GpuProgramSignature signature, GraphBinding graph, int[] sizes, GpuMemory memory, IGpuModule module)
    {
        ProgramSignature program = signature.Program;
        BoundMap Map(int index) => graph.Resolve(program.Indices[index].Map);
        var tables = signature.Tilings.Select((tiling, t) =>
        {
            BoundMap map = Map(tiling.Map);
            int rows = tiling.SumFloats == 0 ? tiling.Rows : GpuTables.RunRows(tiling.Rows, (long)map.Values.Length * tiling.Lead);
            (int[] types, int[] starts, int[] typeTiles) = GpuTables.Tiles(map.Offsets, rows, tiling.Lead);
            return (Types: types, Starts: starts, TypeTiles: typeTiles, Results: (long)map.ToSize * tiling.SumFloats,
                Workspace: memory.Allocate((long)types.Length * tiling.SumFloats * sizeof(float), $"sums of tiles {t}"));
        }).ToArray();

        return [.. signature.Launches.Select(launch =>
        {
            int[] heavy = launch.Heavy.Length == 0 ? [] : GpuTables.Heavy(sizes[launch.Over], [.. launch.Heavy.Select(h => Map(h).Offsets)], launch.HeavyFrom);
            long blocks = launch.Grid switch
            {
                GpuGridKind.Rows => heavy.Length + Blocks((long)sizes[launch.Over] * launch.Parts, launch.PerBlock),
                GpuGridKind.Tiles => tables[launch.Over].Types.Length,
                _ => Blocks(tables[launch.Over].Results, launch.PerBlock),
            };
            int planKernel = program.Kernels.Select(k => k.Name).ToList().FindIndex(name =>
                launch.Kernel == name || launch.Kernel.StartsWith(name + "_", StringComparison.Ordinal));
            return new GpuWork(launch, planKernel, module.Kernel(launch.Kernel), blocks, [.. launch.Arguments.Select(a => Resolve(a, launch, heavy))]);
        })];

        ulong Resolve(GpuArgument argument, GpuLaunchSignature launch, int[] heavy)
        {
            int n = argument.Number;
            return argument.Kind switch
            {
                GpuArgumentKind.Size => (ulong)sizes[n],
                GpuArgumentKind.Values => memory.Array(Text(n), () => program.Indices[n].OrderedBy is { } by
                    ? BoundMap.InOrder(Map(n), graph.Resolve(by)) : Map(n).Values),
                GpuArgumentKind.Offsets => memory.Array($"offsets of {Text(n)}", () => Map(n).Offsets),
                GpuArgumentKind.Order => Map(n).Order is { } order ? memory.Array($"order of {Text(n)}", () => order) : 0,
                GpuArgumentKind.Buffer => 0,
                GpuArgumentKind.TileTypes => memory.Array($"types of tiles {n}", () => tables[n].Types),
                GpuArgumentKind.TileStarts => memory.Array($"starts of tiles {n}", () => tables[n].Starts),
                GpuArgumentKind.TypeTiles => memory.Array($"tiles of types {n}", () => tables[n].TypeTiles),
                GpuArgumentKind.Workspace => tables[n].Workspace,
                GpuArgumentKind.HeavyRows => memory.Array($"heavy rows of {launch.Kernel}", () => heavy),
                GpuArgumentKind.HeavyCount => (ulong)heavy.Length,
                _ => throw new InvalidOperationException($"unknown argument {argument.Kind}"),
            };
        }

        string Text(int index) => $"map {program.Indices[index].Map}{(program.Indices[index].OrderedBy is { } by ? $" in the order of {by}" : "")}";
    }

    /// <summary>Launches it.</summary>
    public void Launch(IGpuStream stream, ulong[] buffers)
    {
        for (int a = 0; a < arguments.Length; a++)
        {
            if (signature.Arguments[a].Kind == GpuArgumentKind.Buffer)
            {
                arguments[a] = buffers[signature.Arguments[a].Number];
            }
        }

        stream.Launch(kernel, size, arguments);
    }

    private static long Blocks(long count, int each) => (count + each - 1) / each;
}
