namespace Pigeon.Compiler;

/// <summary>What the expression of a stage reads: registers, rows in memory, and random numbers, which are computed.</summary>
internal sealed class CudaArguments(CodeWriter writer, CudaKernelSymbols symbols, CudaPlaces places, CudaRows rows, CudaNames names)
{
    /// <summary>Arguments of a stage whose elements are taken one at a time.</summary>
    public Func<int, Code> Scalars(PlacedStage stage, Dictionary<(int, RowIndex), Code> pointers, Position position) => argument =>
    {
        Access access = stage.Stage.Arguments[argument];
        if (places.IsServed(access.Value, stage, access))
        {
            return Shifted(stage, access, Code.Of($"s{access.Value}"));
        }

        Code offset = position.Offset(argument + 1);
        if (symbols.IsCounted(access.Value))
        {
            return Code.Of($"pg_uniform({symbols.RandomKey(access.Value)}, {rows.Find(access, pointers)} + {offset})");
        }

        return Code.Of($"{rows.PointerOf(access, pointers)}[{offset}]");
    };

    /// <summary>Brings the arguments of a vector of elements; gives the code of an argument's element.</summary>
    public Func<int, Code, Code> Vectors(PlacedStage stage, Dictionary<(int, RowIndex), Code> pointers, Position position, Code round)
    {
        Stage s = stage.Stage;
        List<Axis> axes = Domain.AxesOf(s);
        var elements = new Func<Code, Code>[s.Arguments.Count];
        for (int a = 0; a < elements.Length; a++)
        {
            Access access = s.Arguments[a];
            int value = access.Value;
            bool repeats = axes.Count == 0 || axes[^1].Strides[a + 1] == 0;
            Code offset = position.Offset(a + 1);
            if (places.IsServed(value, stage, access))
            {
                elements[a] = c => Shifted(stage, access, places.InRegister(value) ? Code.Of($"s{value}") : Code.Of($"r{value}[{round}][{c}]"));
            }
            else if (symbols.IsCounted(value))
            {
                Code number = Code.Of($"{rows.Find(access, pointers)} + {offset}");
                Code key = symbols.RandomKey(value);
                elements[a] = c => repeats ? Code.Of($"pg_uniform({key}, {number})") : Code.Of($"pg_uniform({key}, {number} + {c})");
            }
            else if (repeats || stage.Layout.Vector == 1)
            {
                Code name = names.Next("x");
                writer.Line($"const float {name} = {rows.PointerOf(access, pointers)}[{offset}];");
                elements[a] = _ => name;
            }
            else
            {
                Code name = names.Next("x");
                writer.Line($"float {name}[{stage.Layout.Vector}];");
                writer.Line($"pg_load<{stage.Layout.Vector}>({name}, {rows.PointerOf(access, pointers)} + {offset});");
                elements[a] = c => Code.Of($"{name}[{c}]");
            }
        }

        return (argument, c) => elements[argument](c);
    }

    /// <summary>A maximum that is read while it rises is one that weights are relative to.</summary>
    private Code Shifted(PlacedStage stage, Access access, Code read) =>
        places.Stages.Any(s => s.Step == stage.Step && s.Stage.Kind == StageKind.Reduce && s.Stage.Value == access.Value)
            ? Code.Of($"pg_shift({read})")
            : read;
}
