namespace Pigeon.Compiler;

/// <summary>
/// The register tiles of a program's products. Products of the same shape share them, in whatever kernels they are, and they stand in a class of
/// their own: Roslyn compiles two classes at once, where the machine has two processors.
/// </summary>
internal sealed class TileMethods
{
    private readonly Dictionary<(string Parameters, string Body), Code> known = [];
    private readonly CodeWriter methods = new();

    /// <summary>Adds a tile unless there is an equal one; the result is what calls it.</summary>
    /// <param name="name">The name that it gets if it is new.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="body">Its body.</param>
    public Code Add(Code name, Code parameters, CodeWriter body)
    {
        var key = (parameters.ToString(), body.ToString());
        if (!known.TryGetValue(key, out Code call))
        {
            known[key] = call = Code.Of($"Tiles.{name}");
            using (methods.Block($"internal static void {name}({parameters})"))
            {
                methods.Lines(body);
            }
        }

        return call;
    }

    /// <summary>Writes the class of the tiles; nothing where there are none.</summary>
    public void Emit(CodeWriter writer)
    {
        if (known.Count == 0)
        {
            return;
        }

        writer.Line();
        using (writer.Block($"internal static unsafe class Tiles"))
        {
            writer.Lines(methods);
        }
    }
}
