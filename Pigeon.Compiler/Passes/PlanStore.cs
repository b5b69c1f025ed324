using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Choices of plans on disk, beside the compiled images: the rewrites that were chosen for a program, a graph and a machine's costs. An
/// answer is only a list of places and rules; it is carried out again by the rules themselves, and what comes out must be the program that
/// was stored. So a damaged or stale answer can't change what a program means: it is ignored. A folder that can't be read or written is
/// not an error.
/// </summary>
internal static class PlanStore
{
    private const string Header = "pigeon plan 1";
    private const long LongestAnswer = 1 << 20;

    /// <summary>What a choice depends on, as a name for its file.</summary>
    /// <param name="kind">How it was chosen, a word.</param>
    /// <param name="program">The simplified program.</param>
    /// <param name="options">The graph and the machine's costs.</param>
    public static string KeyOf(string kind, Program program, CompileOptions options) => $"{kind}-{HashOf(Describe(program, options))[..32]}.plan";

    /// <summary>
    /// All that the plan, the source and the image of a program depend on: the builds of the compiler, of the contract and of .NET, the options, the
    /// graph's sizes and arrays (as a hash: another graph may change the plan, never what it means), and the program. It is made before anything that
    /// comes from the cache, so it is written without queries over numbers, each of which the JIT compiler would have to compile.
    /// </summary>
    public static string Describe(Program program, CompileOptions options)
    {
        var text = new StringBuilder();
        Map.Stored[] maps = options.Graph is null ? [] : [.. ProgramPrinter.StoredMaps(program).OrderBy(map => map.Name, StringComparer.Ordinal)];

        // The first hash loads a library, which takes longer than all the rest.
        Task<string[]> hashes = Task.Run(() => Array.ConvertAll(maps, map => HashOf(options.Graph!.Resolve(map).Values)));
        string printed = program.ToString();

        // The rules, the search and the emitter are part of the compiler's build.
        Line(BuildOf(typeof(PlanStore)).ToString(), BuildOf(typeof(GraphBinding)).ToString(), Environment.Version.ToString());
        Line(Number(options.Lanes), Number((int)options.Rewrites), Number((int)options.Storage));
        Line(Switch(options.Fuse), Switch(options.FixedWeights), Switch(options.Recompute), Switch(options.OnlineSoftmax), Switch(options.StoresBefore),
            Switch(options.SpendsMemory), Switch(options.FoldsWeights), Switch(options.SharesRows), Switch(options.AtomicSums),
            Switch(options.NeighbourBlocks), Switch(options.NarrowProducts), Switch(options.OrdersKernels));
        foreach (double cost in options.Machine.ToArray())
        {
            text.Append(Cost(cost)).Append(' ');
        }

        Line(Cost(options.Machine.LaunchNs));
        foreach (MemoryLevel level in options.Machine.Levels.Items)
        {
            text.Append(Number(level.Bytes)).Append(' ');
        }

        Line();
        if (options.Graph is { } graph)
        {
            string[] spaces = [.. graph.Sizes.Keys];
            Array.Sort(spaces, StringComparer.Ordinal);
            foreach (string space in spaces)
            {
                Line(NameText.Of(space), Number(graph.Sizes[space]));
            }

            string[] values = hashes.GetAwaiter().GetResult();
            for (int i = 0; i < maps.Length; i++)
            {
                Line(NameText.Of(maps[i].Name), values[i]);
            }
        }

        return text.Append(printed).ToString();

        void Line(params ReadOnlySpan<string> words) => text.AppendJoin(' ', words).Append('\n');
        static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
        static string Cost(double cost) => cost.ToString("R", CultureInfo.InvariantCulture);
        static string Switch(bool on) => on ? "on" : "off";
    }

    /// <summary>The SHA-256 of a text, in hexadecimal digits.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The program that a stored answer leads to; null where there is none that can be used.</summary>
    public static Program? Find(DirectoryInfo folder, string key, Program program)
    {
        try
        {
            var file = new FileInfo(Path.Combine(folder.FullName, key));
            return file.Exists && file.Length <= LongestAnswer ? Replay(File.ReadAllText(file.FullName), program) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps an answer.</summary>
    public static void Keep(DirectoryInfo folder, string key, RewrittenProgram chosen)
    {
        try
        {
            folder.Create();
            string path = Path.Combine(folder.FullName, key);
            string temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
            File.WriteAllText(temporary, Write(chosen));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next run chooses again.
        }
    }

    private static string Write(RewrittenProgram chosen)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (RewriteStep step in chosen.Steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"{step.Value} {step.Rule}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"= {HashOf(chosen.Program.ToString())}\n").ToString();
    }

    private static Program? Replay(string text, Program program)
    {
        string[] lines = text.Split('\n');
        if (lines.Length < 3 || lines[0] != Header || lines[^1].Length > 0)
        {
            return null;
        }

        var steps = new List<(int Value, string Rule)>();
        foreach (string line in lines[1..^2])
        {
            string[] words = line.Split(' ', 2);
            if (words.Length < 2 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int value))
            {
                return null;
            }

            steps.Add((value, words[1]));
        }

        return PlanSearch.Follow(program, steps) is { } result && lines[^2] == $"= {HashOf(result.ToString())}" ? result : null;
    }

    private static string HashOf(int[] values) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())));

    private static Guid BuildOf(Type type) => type.Assembly.ManifestModule.ModuleVersionId;
}
