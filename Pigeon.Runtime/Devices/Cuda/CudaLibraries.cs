using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pigeon.Runtime;

/// <summary>
/// Finds NVIDIA's libraries. They are looked for in <c>PIGEON_NVRTC_DIR</c>, in the folder that <c>setup-cuda.sh</c> installs into, below
/// <c>CUDA_HOME</c> and <c>CUDA_PATH</c>, and where the system's loader looks. That one is missing is an answer with a reason.
/// </summary>
internal static class CudaLibraries
{
    /// <summary>The compiler, as named in imports.</summary>
    public const string Compiler = "pigeon-nvrtc";

    /// <summary>The driver, as named in imports.</summary>
    public const string Driver = "pigeon-cuda";

    private static readonly string[] CompilerNames =
        ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll"];

    private static readonly string[] DriverNames = ["libcuda.so.1", "nvcuda.dll"];
    private static readonly Lazy<(nint Handle, string Path)> FoundCompiler = new(() => Find(Folders(), CompilerNames));
    private static readonly Lazy<(nint Handle, string Path)> FoundDriver = new(() => Find([], DriverNames));

    /// <summary>The compiler's path or name; null where there is none.</summary>
    public static string? CompilerPath => FoundCompiler.Value.Handle == 0 ? null : FoundCompiler.Value.Path;

    /// <summary>The driver's name; null where there is none.</summary>
    public static string? DriverPath => FoundDriver.Value.Handle == 0 ? null : FoundDriver.Value.Path;

    /// <summary>The places that the compiler was looked for in.</summary>
    public static string Places => string.Join(", ", Folders().Append("the system's library path"));

    /// <summary>The path of one of NVIDIA's programs, in the places of the compiler or among the system's; null where it is not there.</summary>
    public static string? Tool(string name)
    {
        IEnumerable<string> system = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        return Folders().Concat(system).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    /// <summary>Whether the driver has a function.</summary>
    public static bool DriverHas(string function) => NativeLibrary.TryGetExport(FoundDriver.Value.Handle, function, out _);

    /// <summary>The folder that <c>setup-cuda.sh</c> installs into.</summary>
    public static string InstalledFolder()
    {
        string user = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(user, "pigeon-cuda-12.4");
    }

    // Code of this assembly alone imports these names, so its resolver stands before any of them is called.
#pragma warning disable CA2255 // An import needs its resolver before the first call, wherever that is.
    [ModuleInitializer]
    internal static void Resolve() => NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (name, _, _) => name switch
    {
        Compiler => FoundCompiler.Value.Handle,
        Driver => FoundDriver.Value.Handle,
        _ => 0,
    });
#pragma warning restore CA2255

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable("PIGEON_NVRTC_DIR") is { Length: > 0 } chosen)
        {
            yield return Path.GetFullPath(chosen);
        }

        yield return InstalledFolder();
        foreach (string variable in new[] { "CUDA_HOME", "CUDA_PATH" })
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } home)
            {
                yield return Path.Combine(Path.GetFullPath(home), "lib64");
                yield return Path.Combine(Path.GetFullPath(home), "lib");
                yield return Path.Combine(Path.GetFullPath(home), "bin");
            }
        }

        yield return "/usr/local/cuda/lib64";
    }

    private static (nint Handle, string Path) Find(IEnumerable<string> folders, string[] names)
    {
        foreach (string folder in folders)
        {
            foreach (string path in names.Select(name => Path.Combine(folder, name)).Where(File.Exists))
            {
                // The compiler opens its builtins by their bare name: the loader finds them if they are loaded already.
                foreach (string builtins in Directory.EnumerateFiles(folder, "libnvrtc-builtins.so.*").Order(StringComparer.Ordinal))
                {
                    NativeLibrary.TryLoad(builtins, out _);
                }

                if (NativeLibrary.TryLoad(path, out nint handle))
                {
                    return (handle, path);
                }
            }
        }

        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint handle))
            {
                return (handle, name);
            }
        }

        return default;
    }
}
