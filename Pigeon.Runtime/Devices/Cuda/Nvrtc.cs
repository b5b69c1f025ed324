using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>NVRTC, NVIDIA's compiler of CUDA C++. It needs neither a GPU nor a driver.</summary>
public static unsafe class Nvrtc
{
    private static readonly string[] Options = ["-std=c++17", "-lineinfo", "--ptxas-options=-v", "-default-device", "-diag-suppress=177"];
    private static readonly Lock Gate = new();

    /// <summary>Why it can't be used here; null where it can.</summary>
    public static string? Missing => CudaLibraries.CompilerPath is null
        ? $"no libnvrtc in {CudaLibraries.Places}: ./setup-cuda.sh installs it"
        : NvrtcImports.Version(out _, out _) is not 0 and int code ? $"{CudaLibraries.CompilerPath} answers with error {code}" : null;

    /// <summary>Its version, as in 12.4, and where it is.</summary>
    /// <exception cref="PigeonException">PG0601: it is not here.</exception>
    public static (string Version, string Path) Found
    {
        get
        {
            Require();
            NvrtcImports.Version(out int major, out int minor);
            return (FormattableString.Invariant($"{major}.{minor}"), CudaLibraries.CompilerPath!);
        }
    }

    /// <summary>Compiles a program for one architecture.</summary>
    /// <param name="text">The program.</param>
    /// <param name="architecture">The compute capability, as in 80 for 8.0.</param>
    /// <param name="cache">The folder of images compiled earlier; null to keep none.</param>
    /// <exception cref="PigeonException">PG0601: NVRTC is not here. PG0602: it refused the program.</exception>
    public static CompiledCuda Compile(CudaText text, int architecture, DirectoryInfo? cache)
    {
        long start = Stopwatch.GetTimestamp();
        string version = Found.Version;
        string[] options = [$"-arch=sm_{architecture.ToString(CultureInfo.InvariantCulture)}", .. Options];
        string key = string.Join('\n', [version, .. options, .. text.Headers.SelectMany(h => new[] { h.Key, h.Value }), text.Source]);
        if (cache is not null && CudaCache.Find(cache, key, text.Name) is { } kept)
        {
            return kept with { Milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds };
        }

        CompiledCuda compiled;
        lock (Gate)
        {
            compiled = Compile(text, options);
        }

        if (cache is not null)
        {
            CudaCache.Keep(cache, key, compiled);
        }

        return compiled with { Milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds };
    }

    private static void Require()
    {
        if (Missing is { } reason)
        {
            throw new PigeonException("PG0601", reason, "NVRTC", "run ./setup-cuda.sh, or pigeon doctor --install-nvrtc; or set CUDA_PATH");
        }
    }

    private static CompiledCuda Compile(CudaText text, string[] options)
    {
        Check(NvrtcImports.CreateProgram(out nint program, text.Source, "program.cu", text.Headers.Count, [.. text.Headers.Values],
            [.. text.Headers.Keys]), text.Name);
        try
        {
            int result = NvrtcImports.CompileProgram(program, options.Length, options);
            string log = Encoding.UTF8.GetString(Read(program, NvrtcImports.LogSize, NvrtcImports.Log, text.Name)).TrimEnd('\0');
            if (result != 0)
            {
                throw new PigeonException("PG0602", $"NVRTC refused generated code: {Text(result)}\n{log}", text.Name,
                    "this is a fault of Pigeon: please report it with the program's text");
            }

            byte[] cubin = Read(program, NvrtcImports.CubinSize, NvrtcImports.Cubin, text.Name);
            string ptx = Encoding.UTF8.GetString(Read(program, NvrtcImports.PtxSize, NvrtcImports.Ptx, text.Name)).TrimEnd('\0');
            return new(new(text.Name, [.. cubin], ptx), log, FromCache: false);
        }
        finally
        {
            _ = NvrtcImports.DestroyProgram(ref program);
        }
    }

    private delegate int SizeOf(nint program, out nuint bytes);

    private delegate int Fill(nint program, byte* bytes);

    private static byte[] Read(nint program, SizeOf size, Fill fill, string name)
    {
        Check(size(program, out nuint bytes), name);
        byte[] read = new byte[checked((int)bytes)];
        fixed (byte* pointer = read)
        {
            Check(fill(program, pointer), name);
        }

        return read;
    }

    private static void Check(int result, string name)
    {
        if (result != 0)
        {
            throw new PigeonException("PG0602", $"NVRTC answers: {Text(result)}", name);
        }
    }

    private static string Text(int result) => Marshal.PtrToStringUTF8(NvrtcImports.ErrorString(result)) ??
        result.ToString(CultureInfo.InvariantCulture);
}
