using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>NVIDIA's disassembler, where there is one beside the compiler: it tells the instructions that a GPU executes.</summary>
public static partial class Nvdisasm
{
    private const string Section = "\t.section\t.text.";
    private static readonly string? Program = CudaLibraries.Tool("nvdisasm");

    /// <summary>Why it can't be used here; null where it can.</summary>
    public static string? Missing => Program is null ? $"no nvdisasm in {CudaLibraries.Places}: ./setup-cuda.sh --tools installs it" : null;

    /// <summary>How often each instruction stands in each kernel's machine code, by its name up to a dot, as in <c>HMMA</c>.</summary>
    /// <param name="image">The image.</param>
    /// <exception cref="PigeonException">PG0601: there is no disassembler. PG0605: it failed.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Count(GpuImage image)
    {
        if (Program is null)
        {
            throw new PigeonException("PG0601", Missing!, "nvdisasm", "run ./setup-cuda.sh --tools");
        }

        string path = Path.Combine(Path.GetTempPath(), $"pigeon-{Guid.NewGuid():N}.cubin");
        try
        {
            File.WriteAllBytes(path, [.. image.Cubin]);
            return Read(Run(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Counts the instructions of a listing.</summary>
    internal static IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Read(string listing)
    {
        var kernels = new SortedDictionary<string, IReadOnlyDictionary<string, int>>(StringComparer.Ordinal);
        SortedDictionary<string, int>? counts = null;
        foreach (string line in listing.Split('\n'))
        {
            if (line.StartsWith(Section, StringComparison.Ordinal))
            {
                counts = new(StringComparer.Ordinal);
                kernels[line[Section.Length..line.IndexOf(',')]] = counts;
            }
            else if (line.StartsWith("\t.section\t", StringComparison.Ordinal))
            {
                counts = null;
            }
            else if (counts is not null && Instruction().Match(line) is { Success: true } match)
            {
                string name = match.Groups["name"].Value;
                counts[name] = counts.GetValueOrDefault(name) + 1;
            }
        }

        return kernels;
    }

    private static string Run(string path)
    {
        try
        {
            var start = new ProcessStartInfo(Program!, [path]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string listing = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? listing : throw new PigeonException("PG0605", errors.Result.Trim(), Program!);
        }
        catch (Win32Exception e)
        {
            throw new PigeonException(new Diagnostic("PG0605", $"it can't be started: {e.Message}", Program!), e);
        }
    }

    [GeneratedRegex(@"^\s+/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?(?<name>[A-Z][A-Z0-9_]*)")]
    private static partial Regex Instruction();
}
