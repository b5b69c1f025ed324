using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Pigeon.Benchmarks;

/// <summary>Loads libtorch from the package folder, with an allocator that keeps what it frees.</summary>
internal static partial class Libtorch
{
    private const string Bridge = "libLibTorchSharp.so";

    /// <summary>What the bridge asks of libstdc++ beyond what Debian 12 has: a marker symbol that nothing is bound to.</summary>
    private const string MarkerVersion = "GLIBCXX_3.4.32";

    /// <summary>Loads it, once.</summary>
    /// <param name="threads">The threads that an operator may use.</param>
    /// <returns>Why there is no torch here; null where there is.</returns>
    public static string? Load(int threads)
    {
        string folder = PathOf("LibtorchFolder");
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return "libtorch's package is used on Linux x64 only";
        }

        if (!Directory.Exists(folder))
        {
            return $"there is no {folder}; build with -p:WithLibtorch=true, as benchmarks/run.sh does";
        }

        Malloc.KeepFreedMemory();
        string bridge = WriteBridge();
        foreach (string name in (string[])["libgomp-98b21ff3.so.1", "libc10.so", "libtorch_cpu.so", "libtorch.so"])
        {
            NativeLibrary.Load(Path.Combine(folder, name));
        }

        NativeLibrary.Load(bridge);
        torch.InitializeDeviceType(DeviceType.CPU);
        torch.set_num_threads(threads);
        torch.set_num_interop_threads(1);
        return null;
    }

    /// <summary>Writes the copy of the bridge that any libstdc++ from GCC 12 on can load, unless it is there already.</summary>
    private static string WriteBridge()
    {
        string path = Path.Combine(AppContext.BaseDirectory, Bridge);
        byte[] library = File.ReadAllBytes(Path.Combine(PathOf("TorchSharpFolder"), Bridge));
        ElfVersions.MarkWeak(library, MarkerVersion);
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(library))
        {
            string part = path + ".part";
            File.WriteAllBytes(part, library);
            File.Move(part, path, overwrite: true);
        }

        return path;
    }

    private static string PathOf(string key) =>
        typeof(Libtorch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
