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
    public static GpuWork[] Create(GpuProgramSignature signature, GraphBinding graph, BoundSignature bound, int[] sizes, GpuMemory memory, IGpuModule module)
    {
        ProgramSignature program = signature.Program;
        BoundMap Map(int index) => graph.Resolve(program.Indices[index].Map);
        var tables = signature.Tilings.Select((tiling, t) =>
        {
            BoundMap map = Map(tiling.Map);
            int rows = tiling.SumFloats == 0 ? tiling.Rows : GpuTables.RunRows(tiling.Rows, (long)map.Values.Length * tiling.Lead);
            var tiles = new Lazy<(int[] Types, int[] Starts, int[] TypeTiles)>(() => GpuTables.Tiles(map.Offsets, rows, tiling.Lead));
            (ulong types, int[] each) = memory.Array($"types of tiles {t}", [map], () => tiles.Value.Types);
            return (Map: map, Tiles: tiles, Types: types, Count: each.Length, Results: (long)map.ToSize * tiling.SumFloats, tiling.SumFloats);
        }).ToArray();

        return [.. signature.Launches.Select(launch =>
        {
            var firsts = new List<ulong>();
            var arguments = new List<ulong>();
            long blocks = 0;
            foreach (GpuLaunchMember member in launch.Members)
            {
                int over = member.Over;
                BoundMap[] loops = [.. member.Heavy.Select(Map)];
                (ulong Address, int[] Rows) heavy = loops.Length == 0 ? (0, []) : memory.Array($"heavy rows of {member.Kernel}", loops,
                    () => GpuTables.Heavy(sizes[over], [.. loops.Select(loop => loop.Offsets)], launch.HeavyFrom));
                firsts.Add((ulong)blocks);
                blocks += launch.Grid switch
                {
                    GpuGridKind.Rows => heavy.Rows.Length + Blocks((long)sizes[over] * launch.Parts, launch.PerBlock),
                    GpuGridKind.Tiles => tables[over].Count,
                    GpuGridKind.Results => Blocks(tables[over].Results, launch.PerBlock),
                    _ => Blocks(bound.LengthOf(over), launch.PerBlock),
                };
                arguments.AddRange(member.Arguments.Select(a => Resolve(a, heavy)));
            }

            int planKernel = program.Kernels.Select(k => k.Name).ToList().IndexOf(launch.Members[0].Kernel);
            return new GpuWork(launch, planKernel, module.Kernel(launch.Kernel), blocks, [.. firsts.Skip(1), .. arguments]);
        })];

        ulong Resolve(GpuArgument argument, (ulong Address, int[] Rows) heavy)
        {
            int n = argument.Number;
            return argument.Kind switch
            {
                GpuArgumentKind.Size => (ulong)sizes[n],
                GpuArgumentKind.Values => Values(n),
                GpuArgumentKind.Offsets => memory.Array($"offsets of {Text(n)}", [Map(n)], () => Map(n).Offsets).Address,
                GpuArgumentKind.Order => Map(n).Order is { } order ? memory.Array($"order of {Text(n)}", [Map(n)], () => order).Address : 0,
                GpuArgumentKind.Buffer => 0,
                GpuArgumentKind.Length => (ulong)bound.LengthOf(n),
                GpuArgumentKind.TileTypes => tables[n].Types,
                GpuArgumentKind.TileStarts => memory.Array($"starts of tiles {n}", [tables[n].Map], () => tables[n].Tiles.Value.Starts).Address,
                GpuArgumentKind.TypeTiles => memory.Array($"tiles of types {n}", [tables[n].Map], () => tables[n].Tiles.Value.TypeTiles).Address,
                GpuArgumentKind.Workspace => memory.Block($"sums of tiles {n}", (long)tables[n].Count * tables[n].SumFloats * sizeof(float)),
                GpuArgumentKind.HeavyRows => heavy.Address,
                GpuArgumentKind.HeavyCount => (ulong)heavy.Rows.Length,
                _ => throw new InvalidOperationException($"unknown argument {argument.Kind}"),
            };
        }

        ulong Values(int n)
        {
            BoundMap map = Map(n);
            BoundMap? by = program.Indices[n].OrderedBy is { } order ? graph.Resolve(order) : null;
            return memory.Array(Text(n), by is null ? [map] : [map, by], () => by is null ? map.Values : BoundMap.InOrder(map, by)).Address;
        }

        string Text(int index) => $"map {program.Indices[index].Map}{(program.Indices[index].OrderedBy is { } by ? $" in the order of {by}" : "")}";
    }

    /// <summary>Launches it.</summary>
    public void Launch(IGpuStream stream, ulong[] buffers)
    {
        int place = signature.Members.Length - 1;
        foreach (GpuArgument argument in signature.Members.SelectMany(m => m.Arguments))
        {
            if (argument.Kind == GpuArgumentKind.Buffer)
            {
                arguments[place] = buffers[argument.Number] + ((ulong)argument.Offset * sizeof(float));
            }

            place++;
        }

        stream.Launch(kernel, size, arguments);
    }

    private static long Blocks(long count, int each) => (count + each - 1) / each;
}
