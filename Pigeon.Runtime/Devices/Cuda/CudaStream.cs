namespace Pigeon.Runtime;

/// <summary>The driver's handle of an event.</summary>
internal interface ICudaEvent
{
    /// <summary>The handle.</summary>
    nint Marker { get; }
}

/// <summary>A kernel of a loaded module.</summary>
internal sealed record CudaKernelHandle(string Name, nint Function) : IGpuKernel;

/// <summary>A stream of a GPU.</summary>
internal sealed unsafe class CudaStream(CudaDevice device, nint stream) : IGpuStream
{
    private const int MostArguments = 256;

    public void CopyIn(ulong to, ReadOnlySpan<byte> from)
    {
        device.Enter();
        if (from.Length > 0)
        {
            fixed (byte* source = from)
            {
                // Pageable memory is copied to a staging area before the call returns.
                CudaDevice.Check(CudaImports.CopyIn(to, source, (nuint)from.Length, stream), "cuMemcpyHtoDAsync");
            }
        }
    }

    public void CopyOut(ulong from, Span<byte> to)
    {
        device.Enter();
        if (to.Length > 0)
        {
            fixed (byte* target = to)
            {
                CudaDevice.Check(CudaImports.CopyOut(target, from, (nuint)to.Length, stream), "cuMemcpyDtoHAsync");
                Synchronize();
            }
        }
    }

    public void Clear(ulong to, long bytes)
    {
        device.Enter();
        if (bytes > 0)
        {
            CudaDevice.Check(CudaImports.Fill(to, 0, (nuint)bytes, stream), "cuMemsetD8Async");
        }
    }

    public void Launch(IGpuKernel kernel, GpuLaunch size, ReadOnlySpan<ulong> arguments)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arguments.Length, MostArguments);
        device.Enter();
        void** pointers = stackalloc void*[MostArguments];
        fixed (ulong* values = arguments)
        {
            for (int i = 0; i < arguments.Length; i++)
            {
                pointers[i] = values + i;
            }

            CudaDevice.Check(CudaImports.Launch(((CudaKernelHandle)kernel).Function, (uint)size.BlocksX, (uint)size.BlocksY, (uint)size.BlocksZ,
                (uint)size.Threads, 1, 1, (uint)size.SharedBytes, stream, pointers, null), kernel.Name);
        }
    }

    public void Launch(IGpuGraph graph)
    {
        device.Enter();
        CudaDevice.Check(CudaImports.GraphLaunch(((Graph)graph).Executable, stream), "cuGraphLaunch");
    }

    public void Record(IGpuEvent marker)
    {
        device.Enter();
        CudaDevice.Check(CudaImports.EventRecord(((ICudaEvent)marker).Marker, stream), "cuEventRecord");
    }

    public void Wait(IGpuEvent marker)
    {
        device.Enter();
        CudaDevice.Check(CudaImports.StreamWait(stream, ((ICudaEvent)marker).Marker, 0), "cuStreamWaitEvent");
    }

    public void BeginCapture()
    {
        const int Relaxed = 2;
        device.Enter();
        CudaDevice.Check(CudaImports.CaptureBegin(stream, Relaxed), "cuStreamBeginCapture");
    }

    public IGpuGraph EndCapture()
    {
        device.Enter();
        CudaDevice.Check(CudaImports.CaptureEnd(stream, out nint graph), "cuStreamEndCapture");
        CudaDevice.Check(CudaImports.GraphInstantiate(out nint executable, graph, 0), "cuGraphInstantiate");
        return new Graph(device, graph, executable);
    }

    public void Synchronize()
    {
        device.Enter();
        CudaDevice.Check(CudaImports.StreamSynchronize(stream), "cuStreamSynchronize");
    }

    public void Dispose()
    {
        device.Enter();
        _ = CudaImports.StreamDestroy(stream);
    }

    private sealed class Graph(CudaDevice device, nint graph, nint executable) : IGpuGraph
    {
        public nint Executable => executable;

        public void Dispose()
        {
            device.Enter();
            _ = CudaImports.GraphExecutableDestroy(executable);
            _ = CudaImports.GraphDestroy(graph);
        }
    }
}
