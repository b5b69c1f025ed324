using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>The spaces and stored maps that a program names, also inside derived spaces and maps. Each is visited once.</summary>
internal sealed class Vocabulary
{
    private readonly HashSet<IndexSpace> spaces = [];
    private readonly HashSet<Map> maps = [];
    private readonly List<Map.Stored> stored = [];

    /// <summary>The stored maps, in order of first use.</summary>
    public IReadOnlyList<Map.Stored> Maps => stored;

    /// <summary>Collects and checks the names of a program.</summary>
    /// <exception cref="PigeonException">PG0101: a name can't name a space or map. PG0103: two maps have one name.</exception>
    public static Vocabulary Of(Program program)
    {
        var vocabulary = new Vocabulary();
        for (int i = 0; i < program.Values.Length; i++)
        {
            vocabulary.Add(program.Types[i].Space);
            if (ProgramPrinter.MapOf(program.Values[i]) is { } map)
            {
                vocabulary.Add(map);
            }
        }

        if (vocabulary.stored.GroupBy(map => map.Name).FirstOrDefault(maps => maps.Count() > 1) is { } same)
        {
            throw new PigeonException("PG0103", $"two maps have the name {NameText.OfFree(same.Key)}", program.Name);
        }

        return vocabulary;
    }

    private void Add(IndexSpace space)
    {
        if (!spaces.Add(space))
        {
            return;
        }

        switch (space)
        {
            case IndexSpace.Declared s:
                Names.Check(s.Name, "a space");
                break;
            case IndexSpace.Range s when s.Count < 1 || s.Count == int.MaxValue:
                throw new PigeonException("PG0104", $"the space {s} has no rows or too many", "program", "a range has 1 to 2^31 - 2 rows");
            case IndexSpace.Distinct s:
                Add(s.First);
                Add(s.Second);
                break;
            case IndexSpace.Either s:
                Add(s.Type);
                Add(s.First);
                Add(s.Second);
                break;
            case IndexSpace.Product s:
                Add(s.First);
                Add(s.Second);
                break;
            case IndexSpace.Sorted s:
                Add(s.By);
                break;
        }
    }

    private void Add(Map map)
    {
        if (!maps.Add(map))
        {
            return;
        }

        switch (map)
        {
            case Map.Stored { From: IndexSpace.Sorted } m:
                Add(m.Given());
                break;
            case Map.Stored m:
                Names.Check(m.Name, "a map");
                stored.Add(m);
                break;
            case Map.Composed m:
                Add(m.Outer);
                Add(m.Inner);
                break;
            case Map.Pair m:
                Add(m.First);
                Add(m.Second);
                break;
            case Map.Index m:
                Add(m.First);
                Add(m.Second);
                break;
            case Map.Via m:
                Add(m.Whole);
                break;
        }

        Add(map.From);
        Add(map.To);
    }
}
