namespace Pigeon.Compiler;

/// <summary>One axis of a stage's domain after merging: its extent and the stride of each operand along it.</summary>
/// <param name="Extent">The number of coordinates, at least 2.</param>
/// <param name="Strides">The stride of the destination, then of each argument.</param>
/// <param name="Reduced">Whether a row reduction runs over it.</param>
internal sealed record Axis(int Extent, int[] Strides, bool Reduced);

/// <summary>The position of each operand at some coordinates: a constant, plus loop variables times strides.</summary>
internal sealed record Position(int[] Constants, (Code Variable, int[] Strides)[] Terms)
{
    public static Position At(int[] offsets) => new(offsets, []);

    /// <summary>The offset of operand 0, the destination, or of a later one, an argument.</summary>
    public Code Offset(int operand)
    {
        var terms = new List<Code>();
        foreach ((Code variable, int[] strides) in Terms)
        {
            if (strides[operand] == 1)
            {
                terms.Add(variable);
            }
            else if (strides[operand] != 0)
            {
                terms.Add(Code.Of($"{variable} * {strides[operand]}"));
            }
        }

        if (Constants[operand] != 0 || terms.Count == 0)
        {
            terms.Add(Code.Of($"{Constants[operand]}"));
        }

        return terms.Count == 1 ? terms[0] : Code.Of($"({Code.Join(Separator.Plus, terms)})");
    }

    public Position Move(Axis axis, int coordinate) =>
        this with { Constants = [.. Constants.Select((c, i) => c + (coordinate * axis.Strides[i]))] };

    public Position Move(Axis axis, Code variable) => this with { Terms = [.. Terms, (variable, axis.Strides)] };
}

/// <summary>The axes of a stage, with neighbours merged wherever every operand walks them as one.</summary>
internal static class Domain
{
    public static List<Axis> AxesOf(Stage stage)
    {
        var axes = new List<Axis>();
        for (int a = 0; a < stage.Domain.Rank; a++)
        {
            if (stage.Domain[a] == 1)
            {
                continue;
            }

            int axis = a;
            bool reduced = stage.Kind == StageKind.RowReduce && stage.Strides[a] == 0;
            int[] strides = [stage.Strides[a], .. stage.Arguments.Select(x => x.Strides[axis])];
            if (axes.Count > 0 && axes[^1] is { } outer && outer.Reduced == reduced &&
                outer.Strides.Zip(strides).All(s => s.First == s.Second * stage.Domain[axis]))
            {
                axes[^1] = new(outer.Extent * stage.Domain[a], strides, reduced);
            }
            else
            {
                axes.Add(new(stage.Domain[a], strides, reduced));
            }
        }

        return axes;
    }
}
