using System.Runtime.InteropServices;

namespace Pigeon.Runtime;

/// <summary>The functions of the driver; a result of 0 is success. Names with <c>_v2</c> are those that the driver's header maps to.</summary>
internal static unsafe partial class CudaImports
{
    private const string Driver = CudaLibraries.Driver;

    [LibraryImport(Driver, EntryPoint = "cuInit")]
    internal static partial int Init(uint flags);

    [LibraryImport(Driver, EntryPoint = "cuDriverGetVersion")]
    internal static partial int DriverVersion(out int version);

    [LibraryImport(Driver, EntryPoint = "cuGetErrorName")]
    internal static partial int ErrorName(int result, out nint text);

    [LibraryImport(Driver, EntryPoint = "cuGetErrorString")]
    internal static partial int ErrorString(int result, out nint text);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGetCount")]
    internal static partial int DeviceCount(out int count);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGet")]
    internal static partial int DeviceGet(out int device, int ordinal);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGetName")]
    internal static partial int DeviceName(byte* name, int bytes, int device);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGetAttribute")]
    internal static partial int DeviceAttribute(out int value, int attribute, int device);

    [LibraryImport(Driver, EntryPoint = "cuDeviceTotalMem_v2")]
    internal static partial int DeviceMemory(out nuint bytes, int device);

    [LibraryImport(Driver, EntryPoint = "cuDevicePrimaryCtxRetain")]
    internal static partial int ContextRetain(out nint context, int device);

    [LibraryImport(Driver, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    internal static partial int ContextRelease(int device);

    [LibraryImport(Driver, EntryPoint = "cuCtxSetCurrent")]
    internal static partial int ContextSetCurrent(nint context);

    [LibraryImport(Driver, EntryPoint = "cuModuleLoadData")]
    internal static partial int ModuleLoad(out nint module, byte* image);

    [LibraryImport(Driver, EntryPoint = "cuModuleUnload")]
    internal static partial int ModuleUnload(nint module);

    [LibraryImport(Driver, EntryPoint = "cuModuleGetFunction", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ModuleFunction(out nint function, nint module, string name);

    [LibraryImport(Driver, EntryPoint = "cuFuncSetAttribute")]
    internal static partial int FunctionSetAttribute(nint function, int attribute, int value);

    [LibraryImport(Driver, EntryPoint = "cuMemAlloc_v2")]
    internal static partial int MemoryAllocate(out ulong address, nuint bytes);

    [LibraryImport(Driver, EntryPoint = "cuMemFree_v2")]
    internal static partial int MemoryFree(ulong address);

    [LibraryImport(Driver, EntryPoint = "cuMemcpyHtoDAsync_v2")]
    internal static partial int CopyIn(ulong to, void* from, nuint bytes, nint stream);

    [LibraryImport(Driver, EntryPoint = "cuMemcpyDtoHAsync_v2")]
    internal static partial int CopyOut(void* to, ulong from, nuint bytes, nint stream);

    [LibraryImport(Driver, EntryPoint = "cuMemsetD8Async")]
    internal static partial int Fill(ulong to, byte value, nuint bytes, nint stream);

    [LibraryImport(Driver, EntryPoint = "cuStreamCreate")]
    internal static partial int StreamCreate(out nint stream, uint flags);

    [LibraryImport(Driver, EntryPoint = "cuStreamDestroy_v2")]
    internal static partial int StreamDestroy(nint stream);

    [LibraryImport(Driver, EntryPoint = "cuStreamSynchronize")]
    internal static partial int StreamSynchronize(nint stream);

    [LibraryImport(Driver, EntryPoint = "cuStreamWaitEvent")]
    internal static partial int StreamWait(nint stream, nint marker, uint flags);

    [LibraryImport(Driver, EntryPoint = "cuStreamBeginCapture_v2")]
    internal static partial int CaptureBegin(nint stream, int mode);

    [LibraryImport(Driver, EntryPoint = "cuStreamEndCapture")]
    internal static partial int CaptureEnd(nint stream, out nint graph);

    [LibraryImport(Driver, EntryPoint = "cuGraphInstantiateWithFlags")]
    internal static partial int GraphInstantiate(out nint executable, nint graph, ulong flags);

    [LibraryImport(Driver, EntryPoint = "cuGraphLaunch")]
    internal static partial int GraphLaunch(nint executable, nint stream);

    [LibraryImport(Driver, EntryPoint = "cuGraphExecDestroy")]
    internal static partial int GraphExecutableDestroy(nint executable);

    [LibraryImport(Driver, EntryPoint = "cuGraphDestroy")]
    internal static partial int GraphDestroy(nint graph);

    [LibraryImport(Driver, EntryPoint = "cuEventCreate")]
    internal static partial int EventCreate(out nint marker, uint flags);

    [LibraryImport(Driver, EntryPoint = "cuEventRecord")]
    internal static partial int EventRecord(nint marker, nint stream);

    [LibraryImport(Driver, EntryPoint = "cuEventElapsedTime")]
    internal static partial int EventElapsed(out float milliseconds, nint from, nint to);

    [LibraryImport(Driver, EntryPoint = "cuEventDestroy_v2")]
    internal static partial int EventDestroy(nint marker);

    [LibraryImport(Driver, EntryPoint = "cuLaunchKernel")]
    internal static partial int Launch(nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ,
        uint sharedBytes, nint stream, void** arguments, void** extra);
}
