using System.Collections.Immutable;

namespace Pigeon.Kernels;

/// <summary>Everything that a host needs to know to bind and run a program of GPU kernels, without the compiler.</summary>
/// <param name="Program">Spaces, index arrays and buffers; its kernels are those of the plan.</param>
/// <param name="Tilings">The tables that share the rows of a type space out among blocks, made once for a bound graph.</param>
/// <param name="Launches">The launches in order.</param>
public sealed record GpuProgramSignature(ProgramSignature Program, ImmutableArray<GpuTiling> Tilings,
    ImmutableArray<GpuLaunchSignature> Launches);

/// <summary>
/// A table of tiles: runs of positions in the compressed rows of a map, no run longer than <paramref name="Rows"/> and none across two
/// types. A block takes one run.
/// </summary>
/// <param name="Map">The map from rows to their types, an index into <see cref="ProgramSignature.Indices"/>.</param>
/// <param name="Rows">The most positions of a tile. Of a sum, the least that are worth a block of their own.</param>
/// <param name="Lead">Rows of the matrix that a row is; positions are counted in these.</param>
/// <param name="SumFloats">For sums over a tile, the floats of a type's result; else 0. Tiles of a type that has several have results of
/// their own in a workspace, joined by a later launch, or add theirs to what an earlier one has cleared.</param>
public sealed record GpuTiling(int Map, int Rows, int Lead, int SumFloats = 0);

/// <summary>How many blocks a launch has.</summary>
public enum GpuGridKind
{
    /// <summary>A block for each <c>PerBlock</c> rows of a space, and before these one for each heavy row.</summary>
    Rows,

    /// <summary>A block for each tile of a tiling.</summary>
    Tiles,

    /// <summary>A block for each <c>PerBlock</c> numbers of a tiling's results.</summary>
    Results,

    /// <summary>A block for each <c>PerBlock</c> numbers of a buffer.</summary>
    Numbers,
}

/// <summary>One launch of a kernel.</summary>
/// <param name="Kernel">The kernel's name in the module.</param>
/// <param name="Once">Whether it runs once for a graph, and again only for other weights.</param>
/// <param name="Grid">How blocks are counted along x.</param>
/// <param name="PerBlock">Rows (or results, or numbers) of a block.</param>
/// <param name="Parts">The blocks that share one row: each takes a part of its elements.</param>
/// <param name="BlocksY">Blocks along y.</param>
/// <param name="BlocksZ">Blocks along z.</param>
/// <param name="Threads">Threads of a block.</param>
/// <param name="HeavyFrom">The most neighbours that a light row has.</param>
/// <param name="Members">The work that is done side by side, by the same code: blocks of each in turn along x.</param>
public sealed record GpuLaunchSignature(string Kernel, bool Once, GpuGridKind Grid, int PerBlock, int Parts, int BlocksY,
    int BlocksZ, int Threads, int HeavyFrom, ImmutableArray<GpuLaunchMember> Members);

/// <summary>A part of a launch: what it works on. A launch's parameters are the first block of each member but the first, 32 bits each, and then
/// the arguments of each member.</summary>
/// <param name="Kernel">The plan's kernel that it is of.</param>
/// <param name="Over">The space of the rows, the tiling, or the buffer.</param>
/// <param name="Heavy">The maps whose neighbours make a row heavy, if it has more than <see cref="GpuLaunchSignature.HeavyFrom"/> along one of
/// them; indices into <see cref="ProgramSignature.Indices"/>.</param>
/// <param name="Arguments">The parameters in order.</param>
public sealed record GpuLaunchMember(string Kernel, int Over, ImmutableArray<int> Heavy, ImmutableArray<GpuArgument> Arguments);

/// <summary>What a kernel's parameter is.</summary>
public enum GpuArgumentKind
{
    /// <summary>The number of rows of a space, 32 bits.</summary>
    Size,

    /// <summary>A map's values.</summary>
    Values,

    /// <summary>The offsets of a map's compressed rows.</summary>
    Offsets,

    /// <summary>The elements in the order of a map's compressed rows; null where that is the identity.</summary>
    Order,

    /// <summary>A buffer, from some number on.</summary>
    Buffer,

    /// <summary>The numbers in a buffer, 64 bits.</summary>
    Length,

    /// <summary>The type of each tile.</summary>
    TileTypes,

    /// <summary>The first position of each tile; one more than there are tiles.</summary>
    TileStarts,

    /// <summary>The first tile of each type; one more than there are types.</summary>
    TypeTiles,

    /// <summary>The results of a tiling's tiles.</summary>
    Workspace,

    /// <summary>The launch's heavy rows.</summary>
    HeavyRows,

    /// <summary>The number of the launch's heavy rows, 32 bits.</summary>
    HeavyCount,
}

/// <summary>A parameter of a kernel.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Number">Of which space, index, buffer or tiling; else 0.</param>
/// <param name="Offset">The first number of a buffer that is meant; else 0.</param>
public sealed record GpuArgument(GpuArgumentKind Kind, int Number = 0, int Offset = 0);
