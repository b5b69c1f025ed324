using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>How the tiles of a weight gradient come by their rows.</summary>
internal enum OuterForm
{
    /// <summary>Registers hold the whole sum, and rows are read once, where they are.</summary>
    Thin,

    /// <summary>Rows are short: tiles read them where they are, by pointers, from the first cache.</summary>
    Direct,

    /// <summary>Rows are packed, so that the many tiles that read them read near memory, in order.</summary>
    Packed,
}

/// <content>Weight gradients whose rows are not packed.</content>
internal sealed partial class OuterSumEmitter
{
    /// <summary>The columns of the left rows, each a vector while it is multiplied, of a sum that registers hold.</summary>
    private const int MostThin = 6;

    /// <summary>The most numbers of both rows that are multiplied where they are.</summary>
    private const int MostDirect = 192;

    /// <summary>The most groups of vectors of a right row, each of which goes over all rows of a bunch.</summary>
    private const int MostGroups = 4;

    /// <summary>The floats of a bunch's rows: the first cache holds them beside those of the next.</summary>
    private const int DirectFloats = 1 << 12;

    private const int FloatsOfPointer = 2;

    private static OuterForm FormOf(Contraction gemm, Plan plan, int lanes)
    {
        OuterPanels panels = PanelsOf(gemm, lanes);
        return gemm switch
        {
            { Blocks: 1, Lead: 1 } when panels.Height <= MostThin &&
                panels.Height * Lanes.Cover(panels.Width, lanes).Count() <= (lanes == 16 ? 24 : 10) => OuterForm.Thin,
            { Lead: 1 } when gemm.Blocks * (gemm.K + gemm.N) <= MostDirect && panels.Groups.Sum(group => group.Repeats) <= MostGroups &&
                plan.Elements[gemm.X.Value] == ElementType.F32 && plan.Elements[gemm.Y.Value] == ElementType.F32 => OuterForm.Direct,
            _ => OuterForm.Packed,
        };
    }

    /// <summary>Adds the products of rows to sums in registers.</summary>
    private void EmitThin(CodeWriter body, KernelSymbols local, int width)
    {
        (int Start, int Width)[] pieces = [.. Lanes.Cover(panels.Width, lanes)];
        (ElementType ofLeft, ElementType ofRight) = (local.Element(Left.Value), local.Element(Right.Value));
        Code order = local.Order(gemm.Type);
        ForEach((k, p) => body.Line($"var c{k}_{p} = {Lanes.Constant(pieces[p].Width, 0)};"));
        using (body.Block($"for (int at = from; at < to; at++)"))
        {
            using (body.Block())
            {
                body.Line($"int ahead = Math.Min(at + {Prefetch.Distance}, end - 1);");
                body.Line($"int i = {order} == null ? ahead : {order}[ahead];");
                EmitPrefetchOfRow(body, local);
            }

            using (body.Block())
            {
                if (kernel.Before.Count > 0)
                {
                    body.Line($"const int r = 0;");
                }

                body.Line($"int i = {order} == null ? at : {order}[at];");
                EmitSteps(body, local);
                EmitRow(body, local);
                for (int p = 0; p < pieces.Length; p++)
                {
                    body.Line($"var y{p} = {Lanes.Load(pieces[p].Width, Code.Of($"y"), Code.Of($"{pieces[p].Start}"), ofRight)};");
                }

                ForEach((k, p) => body.Line($"c{k}_{p} = {Lanes.MultiplyAdd(pieces[p].Width,
                    Lanes.Repeat(pieces[p].Width, Code.Of($"x"), Code.Of($"{k}"), ofLeft), Code.Of($"y{p}"), Code.Of($"c{k}_{p}"))};"));
            }
        }

        Code sums = Narrow ? Code.Of($"sum") : Code.Of($"c");
        if (Narrow)
        {
            body.Line($"float* sum = stackalloc float[{width}];");
        }

        ForEach((k, p) => body.Line($"{Lanes.Store(pieces[p].Width, sums, Code.Of($"{(k * panels.Width) + pieces[p].Start}"), Code.Of($"c{k}_{p}"))}"));
        if (Narrow)
        {
            body.Line($"VectorMath.Transpose(c, sum, {gemm.N}, {gemm.K});");
        }

        void ForEach(Action<int, int> each)
        {
            for (int k = 0; k < panels.Height; k++)
            {
                for (int p = 0; p < pieces.Length; p++)
                {
                    each(k, p);
                }
            }
        }
    }

    /// <summary>Writes the steps before the product for the row <c>i</c>, whose place in the bunch is <c>r</c>.</summary>
    private void EmitSteps(CodeWriter body, KernelSymbols local) => new StageEmitter(body, local, lanes).Emit(kernel.Before.Items);

    /// <summary>Declares pointers to what is multiplied of the row <c>i</c>.</summary>
    private void EmitRow(CodeWriter body, KernelSymbols local)
    {
        body.Line($"{Lanes.Pointer(local.Element(Left.Value))} x = {Row(local, Left)};");
        body.Line($"{Lanes.Pointer(local.Element(Right.Value))} y = {Row(local, Right)};");
    }

    private void EmitPointers(CodeWriter body, KernelSymbols local, Code order)
    {
        using (body.Block($"for (int r = 0; r < rows; r++)"))
        {
            body.Line($"int i = {order} == null ? at + r : {order}[at + r];");
            EmitRow(body, local);
            body.Line($"left[r] = x;");
            body.Line($"right[r] = y;");
        }
    }

    /// <summary>What adds the products of rows where they are to a tile of the sum.</summary>
    private Code DirectTile(int rows, VectorGroup vectors, int shape)
    {
        var tile = new CodeWriter();
        BeginTile(tile, rows, vectors);
        using (tile.Block($"for (nint d = 0; d < depth; d++)"))
        {
            tile.Line($"float* a = &left[d][height];");
            tile.Line($"float* b = &right[d][column];");
            EmitProducts(tile, rows, vectors, 0, vectors.At);
        }

        return EndTile(tile, rows, vectors, shape, Code.Of($"float** left, float** right, nint height, nint column"));
    }
}
