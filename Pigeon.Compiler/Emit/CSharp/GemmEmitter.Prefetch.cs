using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <content>Rows are asked for a tile ahead, or while it is multiplied; see <see cref="Prefetch"/>.</content>
internal sealed partial class GemmEmitter
{
    /// <summary>Asks for a row of the result while its tile is multiplied: a line is read before it is written.</summary>
    private void PrefetchResult(Code pointer)
    {
        int floats = gemm.Blocks * gemm.N;
        if (symbols.Plan.Storage[gemm.Value] == Storage.Buffer && Prefetch.Pays(floats) && Prefetch.Pays(gemm.K))
        {
            if (!AsksAhead || !WritesAhead)
            {
                Prefetch.Row(writer, pointer, floats, symbols.Element(gemm.Value));
                return;
            }

            using (writer.Block($"if (!isFar)"))
            {
                Prefetch.Row(writer, pointer, floats, symbols.Element(gemm.Value));
            }
        }
    }

    /// <summary>Asks for the rows that the steps after the product write, while it is multiplied.</summary>
    private void PrefetchResults(Code order)
    {
        int[] results = [.. kernel.After.Where(step => step.Loop is null).SelectMany(step => step.Stages).Select(stage => stage.Value)
            .Where(value => symbols.Plan.Storage[value] == Storage.Buffer && Prefetch.Pays(symbols.Width(value)) && Prefetch.Pays(gemm.K)).Distinct()];
        if (results.Length == 0)
        {
            return;
        }

        foreach (int value in results)
        {
            Code unless = streamed.Contains(value) ? Code.Of($"!{Streaming.Flag(value)} && ") : default;
            using (writer.Block($"for (int r = 0; {unless}r < rows; r++)"))
            {
                writer.Line($"int i = {order} == null ? at + r : {order}[at + r];");
                Code row = Code.Of($"y{value}");
                ElementType element = symbols.Element(value);
                writer.Line($"{Lanes.Pointer(element)} {row} = {Lanes.AtRow(symbols.Buffer(value), Code.Of($"i"), symbols.Width(value))};");
                Prefetch.Row(writer, row, symbols.Width(value), element);
            }
        }
    }

    /// <summary>Asks for the rows of the next tile, where they are not one after another.</summary>
    private void EmitPrefetch(Code order, int rows)
    {
        int floats = gemm.Blocks * gemm.K;
        if (symbols.Plan.Storage[gemm.X.Value] != Storage.Buffer || !Prefetch.Pays(floats))
        {
            return;
        }

        using (gemm.X.Index.Along is Map.Identity ? writer.Block($"if ({order} != null)") : writer.Block())
        using (writer.Block($"for (int r = at + {rows}; r < Math.Min(at + {2 * rows}, end); r++)"))
        {
            writer.Line($"int i = {order} == null ? r : {order}[r];");
            Code row = gemm.X.Index.Along is Map.Identity ? Code.Of($"i") : Code.Of($"{symbols.Values(gemm.X.Index.Along)}[i]");
            ElementType element = symbols.Element(gemm.X.Value);
            writer.Line($"{Lanes.Pointer(element)} x = {Lanes.AtRow(symbols.Buffer(gemm.X.Value), row, symbols.Width(gemm.X.Value), gemm.X.Offset)};");
            Prefetch.Row(writer, Code.Of($"x"), floats, element);
        }
    }
}
