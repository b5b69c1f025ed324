using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// The rows that the stages of a phase read and write: each is declared once, as a pointer or, of random numbers, as the number of its first
/// element. Those of neighbours are declared inside their loop.
/// </summary>
internal sealed class CudaRows(CodeWriter writer, CudaKernelSymbols symbols, CudaPlaces places, CudaNames names, bool tiled)
{
    /// <summary>What is declared for the row <c>i</c>.</summary>
    public Dictionary<(int Value, RowIndex Index), Code> OfRow { get; } = [];

    /// <summary>Whether an access needs the address of a row.</summary>
    public bool NeedsPointer(PlacedStage stage, Access access) =>
        !places.IsServed(access.Value, stage, access) && !(places.IsPrivate(access.Value) && places.Computes(access.Value));

    /// <summary>Declares the rows that a stage reads.</summary>
    public void DeclareArguments(PlacedStage stage, Dictionary<(int, RowIndex), Code> pointers)
    {
        foreach (Access access in stage.Stage.Arguments.Where(a => NeedsPointer(stage, a)))
        {
            Declare(access.Value, access.Index, access.Index.OfNeighbour ? stage.Loop : null, access.Index.OfNeighbour ? pointers : OfRow);
        }
    }

    /// <summary>Where an access reads: its row, or what the lane has.</summary>
    public Code PointerOf(Access access, Dictionary<(int, RowIndex), Code> pointers) =>
        places.Computes(access.Value) && places.IsPrivate(access.Value) ? Code.Of($"s{access.Value}") : Find(access, pointers);

    /// <summary>The name of a declared row.</summary>
    public Code Find(Access access, Dictionary<(int, RowIndex), Code> pointers) =>
        pointers.TryGetValue(Key(access.Value, access.Index), out Code name) ? name : OfRow[Key(access.Value, access.Index)];

    /// <summary>Whether stages of a loop need the neighbour itself, not only its position.</summary>
    public bool NeedsElement(PlacedStage[] stages) => stages.Any(s => s.OfNeighbour && places.IsInBuffer(s.Stage.Value) && IsByElement(s.Stage.Value) ||
        s.Stage.Arguments.Any(a => a.Index is { OfNeighbour: true, Along: Map.Identity } && NeedsPointer(s, a) &&
            (symbols.IsCounted(a.Value) || IsByElement(a.Value))));

    /// <summary>Whether rows stand in the order of their space, not in that of a loop.</summary>
    private bool IsByElement(int value) => symbols.Plan.Storage[value] == Storage.Buffer;

    /// <summary>The row that a stage writes.</summary>
    public static RowIndex RowOf(PlacedStage stage) => new(stage.OfNeighbour, new Map.Identity(stage.Loop?.From ?? IndexSpace.One));

    // A stage's own row is at an identity, whatever space that was written with.
    private (int, RowIndex) Key(int value, RowIndex index) => (value, index.Along is Map.Identity
        ? index with { Along = new Map.Identity(symbols.Plan.Program.Types[value].Space) }
        : index);

    /// <summary>The name of a row; it is declared where it was not yet.</summary>
    public Code Declare(int value, RowIndex index, Map? loop, Dictionary<(int, RowIndex), Code> pointers)
    {
        (int, RowIndex) key = Key(value, index);
        if (pointers.TryGetValue(key, out Code name) || OfRow.TryGetValue(key, out name))
        {
            return name;
        }

        if (places.IsPrivate(value) && places.Computes(value))
        {
            pointers[key] = Code.Of($"s{value}");
            return pointers[key];
        }

        name = names.Next("t");
        pointers[key] = name;
        writer.Line($"{(symbols.IsCounted(value)
            ? Code.Of($"const pg_u64 {name} = (pg_u64)({RowNumber(value, index, loop)}) * {symbols.Width(value)};")
            : Code.Of($"{(places.Computes(value) ? Code.Of($"float*") : Code.Of($"const float*"))} {name} = {Address(value, index, loop)};"))}");
        return name;
    }

    private Code Address(int value, RowIndex index, Map? loop)
    {
        if (places.Computes(value) && !places.IsInBuffer(value))
        {
            int offset = places.SharedOffset(value);
            return tiled ? Code.Of($"tile + {offset} * {GemmTile.Rows} + r * {places.SharedStride(value)}")
                : places.IsOfNeighbour(value) ? Code.Of($"shared + {offset}") : Code.Of($"shared_row + {offset}");
        }

        Code start = symbols.Buffer(value);
        return index.Along is Map.Unit ? start : CudaKernelSymbols.Row(start, RowNumber(value, index, loop), symbols.Width(value));
    }

    private Code RowNumber(int value, RowIndex index, Map? loop) => (index.OfNeighbour, index.Along) switch
    {
        (_, Map.Unit) => Code.Of($"0"),
        (false, Map.Identity) => Code.Of($"i"),
        (false, var map) => Code.Of($"{symbols.Values(map)}[i]"),
        (true, Map.Identity) => symbols.IsCounted(value) || IsByElement(value) ? Code.Of($"e") : Code.Of($"p"),
        (true, var map) => Code.Of($"{symbols.Values(map, loop)}[p]"),
    };
}
