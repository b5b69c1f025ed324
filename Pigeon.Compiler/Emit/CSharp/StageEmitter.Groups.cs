using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <content>Traversals that take rows in groups: see <see cref="GroupRows"/>.</content>
internal sealed partial class StageEmitter
{
    /// <summary>Writes a traversal's steps for the rows from <c>begin</c> to <c>end</c>, in groups but for those of many neighbours or none.</summary>
    private void EmitGroups(Kernel kernel)
    {
        Step[] steps = [.. kernel.Before];
        Code offsets = symbols.Offsets(steps.First(step => step.Loop is not null).Loop!);
        using (writer.Block($"for (int window = begin; window < end; window += RowGroups.Window)"))
        {
            writer.Line($"int rows = Math.Min(end - window, RowGroups.Window);");
            if (OfNone(kernel) is { } values)
            {
                using (writer.Block($"if ({offsets}[window] == {offsets}[window + rows])"))
                {
                    foreach (int value in values)
                    {
                        writer.Line($"new Span<float>({Lanes.AtRow(symbols.Buffer(value), Code.Of($"window"), symbols.Width(value))}, rows * {symbols.Width(value)}).Clear();");
                    }

                    writer.Line($"continue;");
                }
            }

            writer.Line($"int* order = (int*)&scratch[{symbols.Program.GroupOffset(ProgramSymbols.OrderOfGroups)}];");
            int group = GroupRows.RowsOf(kernel, lanes);
            writer.Line($"int grouped = RowGroups.Sort({offsets}, window, window + rows, {group}, order, out int singles);");
            using (writer.Block($"for (int g = 0; g < grouped; g += {group})"))
            {
                EmitGroup(steps, offsets, group, [.. GroupRows.Kept(kernel)]);
            }

            writer.Line($"{Code.Identifier(kernel.Name)}_rows(part, &order[grouped], singles);");
        }
    }

    /// <summary>Writes a traversal's steps for the rows of a list, which are in no group.</summary>
    public void EmitList(Kernel kernel)
    {
        using (writer.Block($"for (int g = 0; g < count; g++)"))
        {
            writer.Line($"int i = rows[g];");
            if (OfNone(kernel) is { } values)
            {
                Code offsets = symbols.Offsets(kernel.Before[0].Loop!);
                using (writer.Block($"if ({offsets}[i] == {offsets}[i + 1])"))
                {
                    foreach (int value in values)
                    {
                        writer.Line($"new Span<float>({Lanes.AtRow(symbols.Buffer(value), Code.Of($"i"), symbols.Width(value))}, {symbols.Width(value)}).Clear();");
                    }

                    writer.Line($"continue;");
                }
            }

            Emit(kernel.Before.Items);
        }
    }

    /// <summary>The values whose rows are 0 where a row has no neighbours, while nothing else is to do for it; null where there may be.</summary>
    private int[]? OfNone(Kernel kernel) => kernel.Before.Any(step => step.Loop is null ||
            step.Stages.Any(stage => stage.Kind == StageKind.Reduce && stage.Reduction == ReduceKind.Prod))
        ? null
        : [.. kernel.Before.SelectMany(step => step.Stages).Where(stage => stage.Kind == StageKind.Reduce && symbols.Plan.Storage[stage.Value] == Storage.Buffer)
            .Select(stage => stage.Value)];

    private void EmitGroup(Step[] steps, Code offsets, int group, HashSet<int> kept)
    {
        Code type = Code.Of($"Vector{32 * group}");
        writer.Line($"var i = {type}.Load(&order[g]);");
        writer.Line($"var first = RowGroups.Gather({offsets}, i);");
        writer.Line($"var count = RowGroups.Gather(&{offsets}[1], i) - first;");
        writer.Line($"var last = count - {type}<int>.One;");
        writer.Line($"var neighbours = RowGroups.Spread{32 * lanes}(count);");
        writer.Line($"int least = count[0];");
        writer.Line($"int most = count[{group - 1}];");
        var known = new Dictionary<(int, RowIndex), Code>();
        foreach (Step step in steps)
        {
            foreach (Access access in step.Stages.SelectMany(stage => stage.Arguments).Where(access => !GroupRows.IsOfNeighbour(access)))
            {
                OfRows(access);
            }

            if (step.Loop is null)
            {
                EmitStages(step, known, []);
                continue;
            }

            Dictionary<Stage, Code> sums = StartSums(step);
            using (writer.Block($"for (int k = 0; k < most; k++)"))
            {
                writer.Line($"var p = first + {type}.Min({type}.Create(k), last);");
                if (step.Stages.Any(stage => stage.Kind == StageKind.Map && symbols.Plan.Storage[stage.Value] == Storage.Buffer))
                {
                    writer.Line($"int from = k < least ? 0 : RowGroups.Ended(count, k);");
                }

                EmitStages(step, new(known), sums);
            }

            foreach ((Stage stage, Code sum) in sums)
            {
                if (stage.Reduction == ReduceKind.Mean)
                {
                    writer.Line($"{sum} = {sum} / {Lanes.Type(lanes)}.ConvertToSingle(neighbours);");
                }

                known[Own(stage.Value, false)] = sum;
                if (symbols.Plan.Storage[stage.Value] == Storage.Buffer)
                {
                    writer.Line($"RowGroups.Store({sum}, {symbols.Buffer(stage.Value)}, null, i, 0);");
                }
            }
        }

        void EmitStages(Step step, Dictionary<(int, RowIndex), Code> near, Dictionary<Stage, Code> sums)
        {
            foreach (Stage stage in step.Stages)
            {
                foreach (Access access in stage.Arguments.Where(access => GroupRows.IsOfNeighbour(access) && !near.ContainsKey(Key(access))))
                {
                    Code loaded = near[Key(access)] = Name("b");
                    writer.Line($"var {loaded} = {(access.Index.Along is Map.Identity && kept.Contains(access.Value)
                        ? Lanes.Load(lanes, Code.Of($"scratch"), Kept(access.Value))
                        : Code.Of($"RowGroups.Load{32 * lanes}({symbols.Buffer(access.Value)}, {List(access.Index.Along, step.Loop!)}, p)"))};");
                }

                Code Value(Expr expression) => Lanes.Evaluate(lanes, expression, number => near[Key(stage.Arguments[number])]);
                if (sums.TryGetValue(stage, out Code sum))
                {
                    // The last neighbour of a row that has ended may be read where a result was stored in its place.
                    Code all = Lanes.Combine(lanes, stage.Reduction, sum, stage.Expression, Value);
                    writer.Line($"{sum} = {Lanes.Type(lanes)}.ConditionalSelect({Lanes.Type(lanes)}.GreaterThan(neighbours, {Lanes.Type(lanes)}.Create(k)).AsSingle(), {all}, {sum});");
                    continue;
                }

                bool ofNeighbour = step.Loop is not null;
                Code result = near[Own(stage.Value, ofNeighbour)] = Name("b");
                writer.Line($"var {result} = {Value(stage.Expression)};");
                if (ofNeighbour && kept.Contains(stage.Value))
                {
                    writer.Line($"{Lanes.Store(lanes, Code.Of($"scratch"), Kept(stage.Value), result)}");
                }

                if (symbols.Plan.Storage[stage.Value] == Storage.Buffer)
                {
                    writer.Line($"RowGroups.Store({result}, {symbols.Buffer(stage.Value)}, {(ofNeighbour ? Code.Of($"{symbols.Order(step.Loop!)}, p, from") : Code.Of($"null, i, 0"))});");
                }
            }
        }

        void OfRows(Access access)
        {
            if (known.ContainsKey(Key(access)))
            {
                return;
            }

            Code name = known[Key(access)] = Name("b");
            writer.Line($"var {name} = {access.Index.Along switch
            {
                Map.Unit => Code.Of($"RowBlocks.Repeat{32 * lanes}({symbols.Buffer(access.Value)}, {symbols.Width(access.Value)})"),
                Map.Identity => Code.Of($"RowGroups.Load{32 * lanes}({symbols.Buffer(access.Value)}, null, i)"),
                var map => Code.Of($"RowGroups.Load{32 * lanes}({symbols.Buffer(access.Value)}, {symbols.Values(map)}, i)"),
            }};");
        }

        Code Kept(int value) => Code.Of($"{symbols.Program.GroupOffset(value)} + k * {lanes}");

        Code List(Map along, Map loop) => along is Map.Identity ? symbols.Order(loop) : symbols.Values(along, loop);

        (int, RowIndex) Own(int value, bool ofNeighbour) => (value, new(ofNeighbour, new Map.Identity(symbols.Plan.Program.Types[value].Space)));

        (int, RowIndex) Key(Access access) => access.Index.Along is Map.Identity ? Own(access.Value, access.Index.OfNeighbour) : (access.Value, access.Index);
    }
}
