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
        if (s.IsRescaled)
        {
            EmitTopStart(stage);
        }

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

    /// <summary>
    /// The largest logit so far that a sum is relative to, for each of a lane's elements, or each of its vectors where these have one. Every
    /// stage follows it by itself: the numbers are those of the maximum, wherever that is.
    /// </summary>
    private static Code TopOf(PlacedStage stage, Code round, Code element) => stage.Layout.Elements == 1
        ? Code.Of($"h{stage.Stage.Value}")
        : Code.Of($"h{stage.Stage.Value}[{round}][{(HasOneTop(stage) ? Code.Of($"0") : element)}]");

    private static bool HasOneTop(PlacedStage stage) =>
        stage.Layout.Vector == 1 || Domain.AxesOf(stage.Stage) is not [.., var last] || last.Strides[stage.Stage.Rises + 1] == 0;

    private void EmitTopStart(PlacedStage stage)
    {
        if (stage.Layout.Elements == 1)
        {
            writer.Line($"float h{stage.Stage.Value} = -PG_INF;");
            return;
        }

        writer.Line($"float h{stage.Stage.Value}[{stage.Layout.Rounds}][{(HasOneTop(stage) ? 1 : stage.Layout.Vector)}];");
        ForEachTop(stage, (j, c) => writer.Line($"{TopOf(stage, j, c)} = -PG_INF;"));
    }

    private void ForEachTop(PlacedStage stage, Action<Code, Code> body)
    {
        if (HasOneTop(stage))
        {
            elements.ForEachRound(stage, j => body(j, Code.Of($"0")));
        }
        else
        {
            elements.ForEachRegister(stage, body);
        }
    }

    /// <summary>Follows the maximum for one of a lane's vectors, or one element: the sum is rescaled where it rises, or is no number.</summary>
    private void EmitRise(PlacedStage stage, Code round, Func<Code, Code> logit, Func<Code, Code> sum)
    {
        bool one = HasOneTop(stage) || stage.Layout.Elements == 1;
        void Body(Code c)
        {
            Code top = TopOf(stage, round, c);
            using (writer.Block($"if (!({logit(c)} <= {top}))"))
            {
                (Code risen, Code factor) = (names.Next("z"), names.Next("z"));
                writer.Line($"const float {risen} = pg_max({top}, {logit(c)});");
                writer.Line($"const float {factor} = pg_rescale({top}, {risen});");
                if (one && stage.Layout.Vector > 1)
                {
                    elements.ForEachElement(stage, element => writer.Line($"{sum(element)} *= {factor};"));
                }
                else
                {
                    writer.Line($"{sum(c)} *= {factor};");
                }

                writer.Line($"{top} = {risen};");
            }
        }

        if (one)
        {
            Body(Code.Of($"0"));
        }
        else
        {
            elements.ForEachElement(stage, Body);
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
                if (s.IsRescaled)
                {
                    EmitRise(stage, Code.Of($"0"), _ => argument(s.Rises), _ => Code.Of($"s{s.Value}"));
                }

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
                if (s.IsRescaled)
                {
                    EmitRise(stage, j, c => argument(s.Rises, c), c => Code.Of($"r{s.Value}[{j}][{c}]"));
                }

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

        // Sums of lanes and groups are relative to maxima of their own; the greatest of these is that of all.
        void Rescale(Code round, Code element, Action<Action<Code>> forEachSum)
        {
            Code own = TopOf(stage, round, element);
            (Code top, Code factor) = (names.Next("z"), names.Next("z"));
            writer.Line($"float {top} = {own};");
            if (narrow)
            {
                writer.Line($"{top} = pg_fold<PgMax, {lanes}>({top}, mask);");
            }

            if (!tiled)
            {
                writer.Line($"if (SLOTS > 1) {top} = pg_fold_block<PgMax, {lanes}, {threads}>({top}, exchange);");
            }

            writer.Line($"const float {factor} = pg_rescale({own}, {top});");

            // No number where no logit was finite.
            writer.Line($"{own} = {count} == 0 ? 0.0f : {top} - {top};");
            forEachSum(x => writer.Line($"{x} *= {factor};"));
        }

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
            if (s.IsRescaled)
            {
                using (writer.Block())
                {
                    Rescale(Code.Of($"0"), Code.Of($"0"), scale => scale(x));
                }
            }

            Join(x);
            if (s.IsRescaled)
            {
                writer.Line($"{x} += {TopOf(stage, Code.Of($"0"), Code.Of($"0"))};");
            }

            if (places.NeedsMemory(s.Value))
            {
                Code pointer = rows.Declare(s.Value, CudaRows.RowOf(stage), null, rows.OfRow);
                stores.StoreOnce(Code.Of($"{pointer}[{s.Offset}] = {x};"), stage);
            }
        }
        else if (stage.Layout.FitsRegisters)
        {
            if (s.IsRescaled)
            {
                ForEachTop(stage, (j, c) => Rescale(j, c, scale =>
                {
                    if (HasOneTop(stage))
                    {
                        elements.ForEachElement(stage, element => scale(Code.Of($"r{s.Value}[{j}][{element}]")));
                    }
                    else
                    {
                        scale(Code.Of($"r{s.Value}[{j}][{c}]"));
                    }
                }));
            }

            elements.ForEachRegister(stage, (j, c) =>
            {
                Join(Code.Of($"r{s.Value}[{j}][{c}]"));
                if (s.IsRescaled)
                {
                    writer.Line($"r{s.Value}[{j}][{c}] += {TopOf(stage, j, c)};");
                }
            });
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
