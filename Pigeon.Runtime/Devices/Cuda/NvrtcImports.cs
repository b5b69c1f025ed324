using System.Runtime.InteropServices;

namespace Pigeon.Runtime;

/// <summary>The functions of NVRTC; a result of 0 is success.</summary>
internal static unsafe partial class NvrtcImports
{
    [LibraryImport(CudaLibraries.Compiler, EntryPoint = "nvrtcVersion")]
    internal static partial int Version(out int major, out int minor);

    [LibraryImport(CudaLibraries.Compiler, EntryPoint = "nvrtcGetErrorString")]
    internal static partial nint ErrorString(int result);

    [LibraryImport(CudaLibraries.Compiler, EntryPoint = "nvrtcCreateProgram", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CreateProgram(out nint program, string source, string name, int headerCount, string[] headers,
        string[] headerNames);

    [LibraryImport(CudaLibraries.Compiler, EntryPoint = "nvrtcDestroyProgram")]
    internal static partial int DestroyProgram(ref nint program);

    [LibraryImport(CudaLibraries.Compiler, EntryPoint = "nvrtcCompileProgram", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CompileProgram(nint program, int optionCount, string[] options);

    [LibraryImport(CudaLibraries.Compiler, EntryPoint = "nvrtcGetProgramLogSize")]
    internal static partial int LogSize(nint program, out nuint bytes);

    [LibraryImport(CudaLibraries.Compiler, EntryPoint = "nvrtcGetProgramLog")]
    internal static partial int Log(nint program, byte* text);

    [LibraryImport(CudaLibraries.Compiler, EntryPoint = "nvrtcGetPTXSize")]
    internal static partial int PtxSize(nint program, out nuint bytes);

    [LibraryImport(CudaLibraries.Compiler, EntryPoint = "nvrtcGetPTX")]
    internal static partial int Ptx(nint program, byte* text);

    [LibraryImport(CudaLibraries.Compiler, EntryPoint = "nvrtcGetCUBINSize")]
    internal static partial int CubinSize(nint program, out nuint bytes);

    [LibraryImport(CudaLibraries.Compiler, EntryPoint = "nvrtcGetCUBIN")]
    internal static partial int Cubin(nint program, byte* image);
}
