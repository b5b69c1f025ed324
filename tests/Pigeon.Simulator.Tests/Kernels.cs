using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Pigeon.Runtime;

namespace Pigeon.Simulator.Tests;

/// <summary>The kernel sources of this project, and the PTX that NVRTC 12.4 makes of them.</summary>
internal static partial class Kernels
{
    /// <summary>The CUDA source.</summary>
    public static string Source(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kernels", name + ".cu"));

    /// <summary>The committed PTX.</summary>
    public static string Ptx(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kernels", name + ".ptx"));

    /// <summary>Compiles a source, and calls its file by its name.</summary>
    public static string Compile(string name, string source)
    {
        CompiledCuda compiled = Nvrtc.Compile(new CudaText(name, source, ImmutableSortedDictionary<string, string>.Empty), 80, cache: null);
        return FileName().Replace(compiled.Image.Ptx, $"$1\"{name}.cu\"");
    }

    /// <summary>The folder of the sources in the repository.</summary>
    public static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Kernels");

    [GeneratedRegex(@"^(\s*\.file\s+\d+\s+)""[^""]*""", RegexOptions.Multiline)]
    private static partial Regex FileName();
}
