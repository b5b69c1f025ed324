using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Rows of neighbours are asked for ahead of their use; see <see cref="Prefetch"/>.</summary>
internal sealed partial class StageEmitter
{
    /// <summary>The position from which somebody else asks for rows; empty for none.</summary>
    public Code AsksUntil { get; set; }

    /// <summary>Whether a neighbour's row is asked for ahead.</summary>
    public static bool IsAskedFor(KernelSymbols symbols, Access access) =>
        access.Index is { OfNeighbour: true, Along: not Map.Unit } && !IsOfPairsType(symbols, access.Index.Along) && IsFar(symbols, access.Value);

    /// <summary>Whether a map takes pairs to their types, as the spaces of weights are: types are few, and their rows near.</summary>
    private static bool IsOfPairsType(KernelSymbols symbols, Map along) => along is Map.Component { Position: 0 } &&
        symbols.Plan.Program.Values.Any(op => op is Operator.Weight weight && weight.Type.Space == along.To);

    /// <summary>Whether a value has rows in memory, and long ones.</summary>
    private static bool IsFar(KernelSymbols symbols, int value) =>
        !symbols.IsCounted(value) && symbols.Plan.Storage[value] == Storage.Buffer && Prefetch.Pays(symbols.Width(value));

    /// <summary>Asks for the rows of a neighbour to come, where they are not one after another.</summary>
    private void EmitPrefetch(Step step, Map loop)
    {
        var rows = step.Stages.SelectMany(stage => stage.Arguments.Select(access => (Stage: stage, Access: access)))
            .Where(x => IsAskedFor(symbols, x.Access))
            .GroupBy(x => (x.Access.Value, x.Access.Index.Along)).ToArray();
        if (rows.Length == 0)
        {
            return;
        }

        Code end = AsksUntil.IsEmpty ? Code.Of($"{symbols.Offsets(loop)}[this.n{symbols.Program.Space(loop.To)}]") : AsksUntil;
        Code ahead = Name("ahead");
        writer.Line($"int {ahead} = Math.Min(p + {Prefetch.Distance}, {end} - 1);");
        foreach (var group in rows)
        {
            (int value, Map along) = group.Key;
            if (along is not Map.Identity)
            {
                AskFor(value, Code.Of($"{symbols.Values(along, loop)}[{ahead}]"), group, gathered: true);
                continue;
            }

            // In the order of the rows themselves the machine foresees them.
            Code order = symbols.Order(loop);
            using (writer.Block($"if ({order} != null)"))
            {
                AskFor(value, Code.Of($"{order}[{ahead}]"), group, gathered: true);
            }
        }
    }

    /// <summary>
    /// Asks for what is read of a row to come. The rows are one after another, but among the rows of neighbours, which are anywhere, no machine follows them;
    /// and a map may take them anywhere.
    /// </summary>
    private void EmitPrefetchOfRows(Step[] steps)
    {
        foreach (var group in steps.SelectMany(s => s.Stages).SelectMany(stage => stage.Arguments.Select(access => (Stage: stage, Access: access)))
            .Where(x => x.Access.Index is { OfNeighbour: false, Along: Map.Identity } && IsFar(symbols, x.Access.Value))
            .GroupBy(x => x.Access.Value))
        {
            AskFor(group.Key, Code.Of($"(i + {Prefetch.DistanceOfRows})"), group);
        }

        foreach (var group in steps.SelectMany(step => step.Stages.SelectMany(stage => stage.Arguments.Select(access => (step.Loop, Stage: stage, Access: access))))
            .Where(x => x.Access.Index is { OfNeighbour: false, Along: not (Map.Identity or Map.Unit) } && !IsInOrder(x.Access.Index.Along) &&
                IsFar(symbols, x.Access.Value))
            .GroupBy(x => (x.Loop, x.Access.Value, x.Access.Index.Along)))
        {
            (Map? loop, int value, Map along) = group.Key;
            int rows = Prefetch.FarBytes / (symbols.Element(value).Bytes() * symbols.Width(value));
            using (writer.Block($"if (this.n{symbols.Program.Space(symbols.Plan.Program.Types[value].Space)} > {rows})"))
            {
                Code ahead = Name("ahead");
                writer.Line($"int {ahead} = Math.Min(i + {Prefetch.Distance}, end - 1);");

                // Nothing is read for a row without neighbours: the first row is asked for then, which is near.
                Code isRead = loop is null ? default : Code.Of($" & (({symbols.Offsets(loop)}[{ahead}] - {symbols.Offsets(loop)}[{ahead} + 1]) >> 31)");
                AskFor(value, Code.Of($"({symbols.Values(along)}[{ahead}]{isRead})"), group.Select(x => (x.Stage, x.Access)), gathered: true);
            }
        }
    }

    /// <summary>Whether rows are in the order of what a map gives for them.</summary>
    private static bool IsInOrder(Map along) => along is Map.Stored { From: IndexSpace.Sorted sorted } stored && stored.Name == sorted.By.Name;

    /// <summary>Asks for what is read of a row, from the first number to the last; a gathered row of a large table comes from memory.</summary>
    private void AskFor(int value, Code number, IEnumerable<(Stage Stage, Access Access)> reads, bool gathered = false)
    {
        int first = reads.Min(x => x.Access.Offset);
        int end = reads.Max(x => x.Access.Offset + 1 + x.Access.Strides.Select((stride, axis) => stride * (x.Stage.Domain[axis] - 1)).Sum());
        Code row = Name("t");
        Code address = Lanes.AtRow(symbols.Buffer(value), number, symbols.Width(value), first);
        writer.Line($"{Lanes.Pointer(symbols.Element(value))} {row} = {address};");
        Code memory = gathered && Prefetch.HasFourLines(end - first, symbols.Element(value)) ? FromMemory(value) : default;
        Prefetch.Row(writer, row, end - first, symbols.Element(value), memory);
    }

    /// <summary>Declares what tells whether rows of a table come from memory, and gives its name.</summary>
    private Code FromMemory(int value)
    {
        Code name = Code.Of($"far{value}");
        int rows = Prefetch.MemoryBytes / (symbols.Element(value).Bytes() * symbols.Width(value));
        symbols.Declare(name, Code.Of($"bool {name} = this.n{symbols.Program.Space(symbols.Plan.Program.Types[value].Space)} > {rows};"));
        return name;
    }

    /// <summary>
    /// Asks for the short rows of a neighbour's own that are read or written, where they are not one after another: a store waits for its line too, and the
    /// stores behind it wait with it. Tables that the caches hold are near anyway.
    /// </summary>
    private void EmitPrefetchOfElements(Step step, Map loop, Code neighbours = default)
    {
        int[] values = [.. step.Stages.SelectMany(s => s.Arguments.Select(a => (a.Value, a.Index)).Append((s.Value, RowOf(s, loop))))
            .Where(x => x.Item2 is { OfNeighbour: true, Along: Map.Identity } && symbols.Plan.Storage[x.Item1] == Storage.Buffer &&
                !symbols.IsCounted(x.Item1) && !Prefetch.Pays(symbols.Width(x.Item1)))
            .Select(x => x.Item1).Distinct()];
        if (values.Length == 0)
        {
            return;
        }

        Code order = symbols.Order(loop);
        long rows = Prefetch.FarBytes / (sizeof(float) * values.Max(symbols.Width));
        using (writer.Block($"if (this.n{symbols.Program.Space(loop.From)} > {rows} && {order} != null)"))
        {
            Code ahead = Name("ahead");
            Code last = Code.Of($"{symbols.Offsets(loop)}[this.n{symbols.Program.Space(loop.To)}] - 1");
            if (neighbours.IsEmpty)
            {
                Ask(Code.Of($"p"));
                return;
            }

            using (writer.Block($"for (int q = p; q < p + {neighbours}; q++)"))
            {
                Ask(Code.Of($"q"));
            }

            void Ask(Code position)
            {
                writer.Line($"nint {ahead} = {order}[Math.Min({position} + {Prefetch.Distance}, {last})];");
                foreach (int value in values)
                {
                    writer.Line($"VectorMath.Prefetch(&{symbols.Buffer(value)}[{ahead} * {symbols.Width(value)}]);");
                }
            }
        }
    }
}
