using System.Runtime.InteropServices;

namespace Pigeon.Cli;

/// <summary>Looks for the libraries of NVIDIA GPUs. That one is missing is an answer, not an error.</summary>
internal static class GpuLibrary
{
    private static readonly string[] DriverNames = ["libcuda.so.1", "nvcuda.dll"];
    private static readonly string[] CompilerNames = ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so", "nvrtc64_130_0.dll",
        "nvrtc64_120_0.dll"];

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int DriverVersion(out int version);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int CompilerVersion(out int major, out int minor);

    /// <summary>The GPU's driver.</summary>
    public static LibraryReport FindDriver()
    {
        if (!TryLoad(DriverNames, out nint library, out string name))
        {
            return new(false, $"no {DriverNames[0]}: there is no NVIDIA driver");
        }

        if (!NativeLibrary.TryGetExport(library, "cuDriverGetVersion", out nint function))
        {
            return new(false, $"{name} has no cuDriverGetVersion");
        }

        int code = Marshal.GetDelegateForFunctionPointer<DriverVersion>(function)(out int version);
        return code == 0 ? new(true, $"{name}, CUDA {version / 1000}.{version % 1000 / 10}") : new(false, $"{name} answers with error {code}");
    }

    /// <summary>NVRTC, the compiler of CUDA C++.</summary>
    public static LibraryReport FindCompiler()
    {
        string[] folders = ["", .. Folders()];
        string[] candidates = [.. folders.SelectMany(folder => CompilerNames.Select(name => Path.Combine(folder, name)))];
        if (!TryLoad(candidates, out nint library, out string found))
        {
            return new(false, "no libnvrtc on the library path, in CUDA_PATH or in /usr/local/cuda");
        }

        if (!NativeLibrary.TryGetExport(library, "nvrtcVersion", out nint function))
        {
            return new(false, $"{found} has no nvrtcVersion");
        }

        int code = Marshal.GetDelegateForFunctionPointer<CompilerVersion>(function)(out int major, out int minor);
        return code == 0 ? new(true, $"{found}, version {major}.{minor}") : new(false, $"{found} answers with error {code}");
    }

    private static IEnumerable<string> Folders() => new[] { Environment.GetEnvironmentVariable("CUDA_PATH"), "/usr/local/cuda" }
        .Where(folder => !string.IsNullOrEmpty(folder)).Select(folder => Path.Combine(folder!, "lib64"));

    private static bool TryLoad(IEnumerable<string> names, out nint library, out string found)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out library))
            {
                found = name;
                return true;
            }
        }

        library = 0;
        found = "";
        return false;
    }
}

/// <summary>Whether a library was found, and which or why not.</summary>
internal sealed record LibraryReport(bool Found, string Note);
