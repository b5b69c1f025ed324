namespace Pigeon.Simulator.Tests;

/// <summary>The kernel sources of this project, and the PTX that NVRTC 12.4 makes of them.</summary>
internal static class Kernels
{
    /// <summary>The CUDA source.</summary>
    public static string Source(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kernels", name + ".cu"));

    /// <summary>The committed PTX.</summary>
    public static string Ptx(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kernels", name + ".ptx"));
}
