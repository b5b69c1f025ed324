using System.Runtime.InteropServices;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>An NVIDIA GPU, through the driver's own interface: its primary context, modules, streams, events and graphs.</summary>
public sealed unsafe class CudaDevice : IGpuDevice
{
    private const int NoDevice = 100;
    private const int Stub = 34;
    private const int NotFound = 500;
    private const int NoBinaryForDevice = 209;
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;
    private const int MultiprocessorCount = 16;
    private static readonly Lazy<string?> Absence = new(FindAbsence);
    private readonly int device;
    private readonly nint context;
    private bool disposed;

    /// <summary>Opens a GPU.</summary>
    /// <param name="ordinal">Its number among the GPUs that the driver shows.</param>
    /// <exception cref="PigeonException">PG0601: there is none. PG0603: the driver refuses.</exception>
    public CudaDevice(int ordinal = 0)
    {
        if (Missing is { } reason)
        {
            throw new PigeonException("PG0601", reason, "GPU", "use --device cpu or --device sim");
        }

        Check(CudaImports.DeviceGet(out device, ordinal), "cuDeviceGet");
        Check(CudaImports.ContextRetain(out context, device), "cuDevicePrimaryCtxRetain");
        Enter();
        byte* name = stackalloc byte[256];
        Check(CudaImports.DeviceName(name, 256, device), "cuDeviceGetName");
        Name = Marshal.PtrToStringUTF8((nint)name) ?? "GPU";
        Check(CudaImports.DeviceMemory(out nuint bytes, device), "cuDeviceTotalMem");
        Limits = new((Attribute(CapabilityMajor) * 10) + Attribute(CapabilityMinor), Attribute(MultiprocessorCount), (long)bytes);
    }

    /// <summary>Why no GPU can be used here; null where one can.</summary>
    public static string? Missing => Absence.Value;

    /// <summary>The driver's name and version, or why there is none.</summary>
    public static string Driver => CudaLibraries.DriverPath is not { } path ? "no libcuda.so.1: there is no NVIDIA driver"
        : CudaImports.DriverVersion(out int version) is not 0 and int code ? $"{path} answers with error {code}"
        : FormattableString.Invariant($"{path}, CUDA {version / 1000}.{version % 1000 / 10}");

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public GpuLimits Limits { get; }

    /// <inheritdoc/>
    public ulong Allocate(long bytes, string name)
    {
        Enter();
        int result = CudaImports.MemoryAllocate(out ulong address, (nuint)Math.Max(bytes, 1));
        return result == 0 ? address : throw Failure(result, $"{bytes} bytes for {name}");
    }

    /// <inheritdoc/>
    public void Free(ulong address)
    {
        Enter();
        Check(CudaImports.MemoryFree(address), "cuMemFree");
    }

    /// <inheritdoc/>
    public IGpuModule Load(GpuImage image)
    {
        Enter();
        int result = NoBinaryForDevice;
        nint module = 0;
        if (image.Cubin.Length > 0)
        {
            fixed (byte* cubin = image.Cubin.AsSpan())
            {
                result = CudaImports.ModuleLoad(out module, cubin);
            }
        }

        if (result != 0)
        {
            // Machine code of another architecture: the driver compiles the PTX.
            fixed (byte* ptx = Encoding.UTF8.GetBytes(image.Ptx + '\0'))
            {
                Check(CudaImports.ModuleLoad(out module, ptx), $"loading {image.Name}");
            }
        }

        return new Module(this, module, image.Name);
    }

    /// <inheritdoc/>
    public IGpuStream CreateStream()
    {
        const uint NonBlocking = 1;
        Enter();
        Check(CudaImports.StreamCreate(out nint stream, NonBlocking), "cuStreamCreate");
        return new CudaStream(this, stream);
    }

    /// <inheritdoc/>
    public IGpuEvent CreateEvent()
    {
        Enter();
        Check(CudaImports.EventCreate(out nint marker, 0), "cuEventCreate");
        return new Event(this, marker);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            _ = CudaImports.ContextRelease(device);
        }
    }

    /// <summary>Makes the context that of the calling thread.</summary>
    internal void Enter()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Check(CudaImports.ContextSetCurrent(context), "cuCtxSetCurrent");
    }

    internal static void Check(int result, string what)
    {
        if (result != 0)
        {
            throw Failure(result, what);
        }
    }

    private static PigeonException Failure(int result, string what)
    {
        string name = CudaImports.ErrorName(result, out nint text) == 0 ? Marshal.PtrToStringUTF8(text)! : $"error {result}";
        string meaning = CudaImports.ErrorString(result, out text) == 0 ? $": {Marshal.PtrToStringUTF8(text)}" : "";
        return new("PG0603", $"the GPU's driver answers {name}{meaning}", what);
    }

    private static string? FindAbsence()
    {
        if (CudaLibraries.DriverPath is not { } path)
        {
            return "no libcuda.so.1: there is no NVIDIA driver";
        }

        return CudaImports.Init(0) switch
        {
            0 when CudaImports.DeviceCount(out int count) == 0 && count > 0 => CudaLibraries.DriverHas("cuGraphInstantiateWithFlags")
                ? null
                : $"{path} is too old: CUDA 11.4 is the first with graphs as Pigeon uses them",
            0 or NoDevice => $"{path} is here, but it shows no GPU",
            Stub => $"{path} is a stub to link with, not a driver",
            int code => $"{path} answers with error {code}",
        };
    }

    private int Attribute(int attribute)
    {
        Check(CudaImports.DeviceAttribute(out int value, attribute, device), "cuDeviceGetAttribute");
        return value;
    }

    private sealed class Module(CudaDevice device, nint module, string program) : IGpuModule
    {
        public IGpuKernel Kernel(string name)
        {
            device.Enter();
            int result = CudaImports.ModuleFunction(out nint function, module, name);
            if (result == NotFound)
            {
                throw new PigeonException("PG0604", $"it has no kernel {name}", program);
            }

            Check(result, name);
            return new CudaKernelHandle(name, function);
        }

        public void Dispose()
        {
            device.Enter();
            _ = CudaImports.ModuleUnload(module);
        }
    }

    private sealed class Event(CudaDevice device, nint marker) : IGpuEvent, ICudaEvent
    {
        public nint Marker => marker;

        public double MillisecondsSince(IGpuEvent earlier)
        {
            device.Enter();
            Check(CudaImports.EventElapsed(out float milliseconds, ((ICudaEvent)earlier).Marker, marker), "cuEventElapsedTime");
            return milliseconds;
        }

        public void Dispose()
        {
            device.Enter();
            _ = CudaImports.EventDestroy(marker);
        }
    }
}
