namespace Pigeon.Compiler;

/// <summary>
/// Writes the reductions of a loop: into registers where a lane's elements fit there, else into the row in memory. Where rows are narrow a lane
/// has reduced some of the neighbours, and where several groups share a row each group has.
/// </summary>
internal sealed class CudaReductions(CodeWriter writer, CudaPlaces places, CudaRows rows, CudaElements elements, CudaArguments arguments,
    CudaStores stores, CudaNames names, bool tiled, int lanes, int threads)
{
    /// <summary>Before the loop: nothing is reduced yet.</summary>
    public void EmitStart(PlacedStage stage)
    {
        Stage s = stage.Stage;
        Code start = Code.Of($"{CudaExpression.Reduction(s.Reduction)}::start()");
        if (places.InRegister(s.Value))
        {
            writer.Line($"float s{s.Value} = {start};");
        }
        else if (stage.Layout.FitsRegisters)
        {
            writer.Line($"float r{s.Value}[{stage.Layout.Rounds}][{stage.Layout.Vector}];");
            elements.ForEachRegister(stage, (j, c) => writer.Line($"r{s.Value}[{j}][{c}] = {start};"));
        }
        else
        {
            Code pointer = rows.Declare(s.Value, CudaRows.RowOf(stage), null, rows.OfRow);
            elements.ForEachPiece(stage, (position, _) =>
            {
                Code values = names.Next("y");
                writer.Line($"float {values}[{stage.Layout.Vector}];");
                elements.ForEachElement(stage, c => writer.Line($"{values}[{c}] = {start};"));
                writer.Line($"pg_store<{stage.Layout.Vector}>({pointer} + {position.Offset(0)}, {values});");
            });
        }
    }

    /// <summary>In the loop: a neighbour more.</summary>
    public void EmitAccumulate(PlacedStage stage, Dictionary<(int, RowIndex), Code> pointers)
    {
        Stage s = stage.Stage;
        rows.DeclareArguments(stage, pointers);
        if (places.InRegister(s.Value))
        {
            using (writer.Block())
            {
                Func<int, Code> argument = arguments.Scalars(stage, pointers, CudaElements.Start(s));
                writer.Line($"s{s.Value} = {CudaExpression.Combine(s.Reduction, Code.Of($"s{s.Value}"), s.Expression, argument)};");
            }

            return;
        }

        elements.ForEachPiece(stage, (position, j) =>
        {
            int vector = stage.Layout.Vector;
            Func<int, Code, Code> argument = arguments.Vectors(stage, pointers, position, j);
            if (stage.Layout.FitsRegisters)
            {
                elements.ForEachElement(stage, c => writer.Line($"r{s.Value}[{j}][{c}] = {CudaExpression.Combine(s.Reduction,
                    Code.Of($"r{s.Value}[{j}][{c}]"), s.Expression, a => argument(a, c))};"));
                return;
            }

            Code pointer = rows.Declare(s.Value, CudaRows.RowOf(stage), null, pointers);
            Code values = names.Next("y");
            writer.Line($"float {values}[{vector}];");
            writer.Line($"pg_load<{vector}>({values}, {pointer} + {position.Offset(0)});");
            elements.ForEachElement(stage, c => writer.Line($"{values}[{c}] = {CudaExpression.Combine(s.Reduction,
                Code.Of($"{values}[{c}]"), s.Expression, a => argument(a, c))};"));
            writer.Line($"pg_store<{vector}>({pointer} + {position.Offset(0)}, {values});");
        });
    }

    /// <summary>After the loop: joins what lanes and groups have reduced; a mean is divided, extremes of nothing are 0.</summary>
    public void EmitFinish(PlacedStage stage, Code count, bool narrow)
    {
        Stage s = stage.Stage;
        Code reduction = CudaExpression.Reduction(s.Reduction);
        Code Finished(Code x) => s.Reduction switch
        {
            ReduceKind.Mean => Code.Of($"{x} / (float)max({count}, 1)"),
            ReduceKind.Max or ReduceKind.Min => Code.Of($"{count} == 0 ? 0.0f : {x}"),
            _ => x,
        };

        void Join(Code x)
        {
            if (narrow)
            {
                writer.Line($"{x} = pg_fold<{reduction}, {lanes}>({x}, mask);");
            }

            if (!tiled)
            {
                writer.Line($"if (SLOTS > 1) {x} = pg_fold_block<{reduction}, {lanes}, {threads}>({x}, exchange);");
            }

            if (s.Reduction is not (ReduceKind.Sum or ReduceKind.Prod))
            {
                writer.Line($"{x} = {Finished(x)};");
            }
        }

        if (places.InRegister(s.Value))
        {
            Code x = Code.Of($"s{s.Value}");
            Join(x);
            if (places.NeedsMemory(s.Value))
            {
                Code pointer = rows.Declare(s.Value, CudaRows.RowOf(stage), null, rows.OfRow);
                stores.StoreOnce(Code.Of($"{pointer}[{s.Offset}] = {x};"), stage);
            }
        }
        else if (stage.Layout.FitsRegisters)
        {
            elements.ForEachRegister(stage, (j, c) => Join(Code.Of($"r{s.Value}[{j}][{c}]")));
            if (places.NeedsMemory(s.Value))
            {
                Code pointer = rows.Declare(s.Value, CudaRows.RowOf(stage), null, rows.OfRow);
                using (stores.First())
                {
                    elements.ForEachPiece(stage, (position, j) =>
                    {
                        Code store = Code.Of($"pg_store<{stage.Layout.Vector}>({pointer} + {position.Offset(0)}, r{s.Value}[{j}]);");
                        writer.Line($"{(narrow ? Code.Of($"if (lane == {j} % {lanes}) {store}") : store)}");
                    });
                }
            }
        }
        else
        {
            Code pointer = rows.Declare(s.Value, CudaRows.RowOf(stage), null, rows.OfRow);
            if (s.Reduction is ReduceKind.Max or ReduceKind.Min or ReduceKind.Mean)
            {
                elements.ForEachPiece(stage, (position, _) => elements.ForEachElement(stage, c =>
                {
                    Code at = Code.Of($"{pointer}[{position.Offset(0)} + {c}]");
                    writer.Line($"{at} = {Finished(at)};");
                }));
            }
        }
    }
}
