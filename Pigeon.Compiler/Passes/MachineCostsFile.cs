using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Pigeon.Compiler;

/// <summary>
/// The measured costs of a machine, in a file beside the compiled images. A file of another machine or version, and one that is damaged, is
/// as good as none.
/// </summary>
public static class MachineCostsFile
{
    private const string Header = "pigeon costs 1";
    private const long LongestFile = 1 << 16;

    /// <summary>What tells machines apart: the processor's name, the vectors, and the .NET that compiles kernels.</summary>
    public static string Machine { get; } = Describe();

    /// <summary>The file in a folder.</summary>
    public static string PathIn(DirectoryInfo folder) => Path.Combine(folder.FullName, "machine.costs");

    /// <summary>The costs that were measured on this machine; null where there are none that can be used.</summary>
    public static MachineCosts? Find(DirectoryInfo folder)
    {
        try
        {
            var file = new FileInfo(PathIn(folder));
            return file.Exists && file.Length <= LongestFile ? Read(File.ReadAllText(file.FullName)) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps costs.</summary>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it.</exception>
    public static void Keep(DirectoryInfo folder, MachineCosts costs)
    {
        folder.Create();
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Header}\n{Machine}\n");
        foreach ((string name, double cost) in costs.Names.Zip(costs.ToArray()))
        {
            text.Append(CultureInfo.InvariantCulture, $"{cost:R} {name}\n");
        }

        text.AppendJoin(' ', costs.Levels.Select(level => level.Bytes.ToString(CultureInfo.InvariantCulture))).Append(" bytes\n");
        string temporary = $"{PathIn(folder)}.{Environment.ProcessId}.{Guid.NewGuid():N}";
        File.WriteAllText(temporary, text.ToString());
        File.Move(temporary, PathIn(folder), overwrite: true);
    }

    private static MachineCosts? Read(string text)
    {
        const double dearest = 1e6;
        string[] lines = text.Split('\n');
        MachineCosts costs = MachineCosts.Default;
        double[] prices = new double[costs.ToArray().Length];
        if (lines.Length != prices.Length + 4 || lines[0] != Header || lines[1] != Machine || lines[^1].Length > 0)
        {
            return null;
        }

        for (int i = 0; i < prices.Length; i++)
        {
            string[] words = lines[i + 2].Split(' ', 2);
            if (words.Length < 2 || words[1] != costs.Names[i] ||
                !double.TryParse(words[0], NumberStyles.Float, CultureInfo.InvariantCulture, out prices[i]) || !(prices[i] is >= 0 and <= dearest))
            {
                return null;
            }
        }

        string[] sizes = lines[^2].Split(' ');
        var levels = new List<MemoryLevel>();
        foreach (string size in sizes[..^1])
        {
            if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) || bytes <= (levels.LastOrDefault()?.Bytes ?? 0))
            {
                return null;
            }

            levels.Add(new(bytes, 0, 0));
        }

        return levels.Count == costs.Levels.Count && sizes[^1] == "bytes"
            ? (costs with { Levels = [.. levels.ToArray()] }).With(prices)
            : null;
    }

    private static string Describe()
    {
        string? processor = null;
        try
        {
            processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Other systems have no such file; the architecture has to do.
        }

        int bits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        return $"{processor ?? "a processor"}, {RuntimeInformation.ProcessArchitecture}, {bits} bits, .NET {Environment.Version}";
    }
}
