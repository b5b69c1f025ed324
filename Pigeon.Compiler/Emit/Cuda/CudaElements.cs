namespace Pigeon.Compiler;

/// <summary>Loops over the elements of a row that are a lane's.</summary>
internal sealed class CudaElements(CodeWriter writer, CudaNames names, int lanes, int parts)
{
    private const int UnrolledRounds = 8;

    private Code Lane => lanes == 1 ? Code.Of($"0") : Code.Of($"lane");

    /// <summary>Where a stage writes and its arguments begin.</summary>
    public static Position Start(Stage stage) => Position.At([stage.Offset, .. stage.Arguments.Select(a => a.Offset)]);

    /// <summary>Runs over the elements of a vector.</summary>
    public void ForEachElement(PlacedStage stage, Action<Code> body)
    {
        if (stage.Layout.Vector == 1)
        {
            body(Code.Of($"0"));
            return;
        }

        writer.Line($"PG_UNROLL");
        using (writer.Block($"for (int c = 0; c < {stage.Layout.Vector}; c++)"))
        {
            body(Code.Of($"c"));
        }
    }

    /// <summary>Runs over all that a lane keeps in registers: round and element.</summary>
    public void ForEachRegister(PlacedStage stage, Action<Code, Code> body) =>
        ForEachRound(stage, j => ForEachElement(stage, c => body(j, c)));

    /// <summary>Runs over the vectors that a lane keeps in registers.</summary>
    public void ForEachRound(PlacedStage stage, Action<Code> body)
    {
        writer.Line($"PG_UNROLL");
        using (writer.Block($"for (int j = 0; j < {stage.Layout.Rounds}; j++)"))
        {
            body(Code.Of($"j"));
        }
    }

    /// <summary>Runs over a lane's vectors: their position, and the number of the round.</summary>
    public void ForEachPiece(PlacedStage stage, Action<Position, Code> body)
    {
        CudaLayout layout = stage.Layout;
        List<Axis> axes = Domain.AxesOf(stage.Stage);
        int rounds = stage.Layout.Rounds;
        if (rounds <= UnrolledRounds)
        {
            writer.Line($"PG_UNROLL");
        }

        using (writer.Block($"for (int j = 0; j < {rounds}; j++)"))
        {
            Code q = layout.Lanes == 1 ? Code.Of($"j")
                : parts > 1 ? Code.Of($"(j * {parts} + part) * {lanes} + {Lane}")
                : lanes == 1 ? Code.Of($"j") : Code.Of($"j * {lanes} + lane");
            writer.Line($"const int q = {q};");
            if (layout.Pieces % layout.Lanes != 0)
            {
                using (writer.Block($"if (q < {layout.Pieces})"))
                {
                    body(CudaCoordinates.At(writer, names.Next, axes, Start(stage.Stage), Code.Of($"q"), layout.Vector), Code.Of($"j"));
                }
            }
            else
            {
                body(CudaCoordinates.At(writer, names.Next, axes, Start(stage.Stage), Code.Of($"q"), layout.Vector), Code.Of($"j"));
            }
        }
    }
}
