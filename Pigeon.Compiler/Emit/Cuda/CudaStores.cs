namespace Pigeon.Compiler;

/// <summary>Which lane and which group stores what several have.</summary>
internal sealed class CudaStores(CodeWriter writer, CudaPlaces places, bool tiled, int lanes, int parts)
{
    /// <summary>Stores a number that every lane has: one of them does.</summary>
    public void StoreOnce(Code store, PlacedStage stage)
    {
        Code lane = lanes == 1 || (stage.Layout.Lanes == 1 && stage.OfNeighbour) ? default : Code.Of($"lane == 0");
        Code part = parts > 1 ? Code.Of($"part == 0") : default;
        writer.Line($"{When(lane, part, MayStore(stage))}{store}");
    }

    /// <summary>Whether this group stores what all groups of the row have; empty where only one group has it.</summary>
    public Code MayStore(PlacedStage stage) => tiled || stage.OfNeighbour || places.IsPrivate(stage.Stage.Value)
        ? default
        : Code.Of($"(SLOTS == 1 || slot == 0)");

    /// <summary>Guards a statement; nothing where there are no conditions.</summary>
    public static Code When(params IEnumerable<Code> conditions)
    {
        Code[] given = [.. conditions.Where(c => !c.IsEmpty)];
        return given.Length == 0 ? default : Code.Of($"if ({Code.Join(Separator.And, given)}) ");
    }

    /// <summary>A block for one of the groups that work on the row.</summary>
    public CodeWriter.Scope First() => tiled ? writer.Block() : writer.Block($"if (SLOTS == 1 || slot == 0)");
}
