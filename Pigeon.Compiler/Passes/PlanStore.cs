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
    /// graph's sizes and arrays (as a hash: another graph may change the plan, never what it means), and the program.
    /// </summary>
    public static string Describe(Program program, CompileOptions options)
    {
        var text = new StringBuilder();
        void Add(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        // The rules, the search and the emitter are part of the compiler's build.
        Add($"{BuildOf(typeof(PlanStore))} {BuildOf(typeof(GraphBinding))} {Environment.Version}");
        Add($"{options.Lanes} {options.Fuse} {options.Rewrites} {options.FixedWeights} {options.Recompute} {options.OnlineSoftmax} {options.StoresBefore} {options.SpendsMemory} {options.FoldsWeights} {options.Storage} {options.SharesRows}");
        Add($"{options.AtomicSums}");
        Add($"{string.Join(' ', options.Machine.ToArray().Append(options.Machine.LaunchNs).Select(cost => cost.ToString("R", CultureInfo.InvariantCulture)))}");
        Add($"{string.Join(' ', options.Machine.Levels.Select(level => level.Bytes.ToString(CultureInfo.InvariantCulture)))}");
        if (options.Graph is { } graph)
        {
            foreach ((string space, int size) in graph.Sizes.OrderBy(s => s.Key, StringComparer.Ordinal))
            {
                Add($"{NameText.Of(space)} {size}");
            }

            foreach (Map.Stored map in ProgramPrinter.StoredMaps(program).OrderBy(map => map.Name, StringComparer.Ordinal))
            {
                Add($"{NameText.Of(map.Name)} {Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(graph.Resolve(map).Values.AsSpan())))}");
            }
        }

        return text.Append(program).ToString();
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

    private static Guid BuildOf(Type type) => type.Assembly.ManifestModule.ModuleVersionId;
}
