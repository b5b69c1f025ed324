using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>Looks for the libraries of NVIDIA GPUs. That one is missing is an answer, not an error.</summary>
internal static class GpuLibrary
{
    /// <summary>The GPU's driver, and whether it shows a GPU.</summary>
    public static LibraryReport FindDriver() => CudaDevice.Missing is { } reason ? new(false, reason) : new(true, CudaDevice.Driver);

    /// <summary>NVRTC, the compiler of CUDA C++.</summary>
    public static LibraryReport FindCompiler()
    {
        if (Nvrtc.Missing is { } reason)
        {
            return new(false, reason);
        }

        (string version, string path) = Nvrtc.Found;
        return new(true, $"version {version}, {path}");
    }
}

/// <summary>Whether a library was found, and which or why not.</summary>
internal sealed record LibraryReport(bool Found, string Note);
