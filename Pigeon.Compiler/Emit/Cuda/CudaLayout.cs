namespace Pigeon.Compiler;

/// <summary>
/// How the lanes of a group share the elements of a stage: elements in row-major order, in vectors of <paramref name="Vector"/>, the
/// vectors dealt out to <paramref name="Lanes"/> lanes in turn. Two stages with the same layout give each lane the same elements.
/// </summary>
internal sealed record CudaLayout(int Elements, int Vector, int Lanes)
{
    private const int MostRounds = 8;
    private const int MostRegisters = 32;

    /// <summary>Vectors.</summary>
    public int Pieces => Elements / Vector;

    /// <summary>The vectors that one lane has at the most.</summary>
    public int Rounds => (Pieces + Lanes - 1) / Lanes;

    /// <summary>Whether a lane's elements fit into its registers.</summary>
    public bool FitsRegisters => Rounds <= MostRounds && Rounds * Vector <= MostRegisters;

    /// <summary>The widest vector that every operand of a stage allows: 4, 2 or 1.</summary>
    public static int WidestVector(Stage stage, Func<int, int> width, Func<int, bool> counted)
    {
        List<Axis> axes = Domain.AxesOf(stage);
        if (stage.Kind == StageKind.RowReduce || axes.Count == 0 || axes[^1].Strides[0] != 1 || axes[^1].Strides.Any(s => s is not (0 or 1)))
        {
            return 1;
        }

        return new[] { 4, 2 }.FirstOrDefault(v => axes[^1].Extent % v == 0 && Enumerable.Range(0, stage.Arguments.Count + 1).All(operand =>
        {
            Access? access = operand == 0 ? null : stage.Arguments[operand - 1];
            int value = access?.Value ?? stage.Value;
            return axes[^1].Strides[operand] == 0 || counted(value) ||
                (width(value) % v == 0 && (access?.Offset ?? stage.Offset) % v == 0 && axes.SkipLast(1).All(a => a.Strides[operand] % v == 0));
        }), 1);
    }
}
