using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// A program bound to a graph on a GPU, or on what behaves like one. All memory is allocated and all tables are made when it is bound; a
/// run launches kernels and copies nothing. Results are the same bits on every run. Not safe for use from several threads at once.
/// </summary>
public sealed class GpuExecutable : IExecutable
{
    private readonly GpuProgramSignature signature;
    private readonly IGpuModule module;
    private readonly IGpuStream stream;
    private readonly GpuMemory memory;
    private readonly ulong[] buffers;
    private readonly bool[] given;
    private readonly Tensor?[] mirrors;
    private readonly IGpuGraph?[] graphs = new IGpuGraph?[2];
    private readonly List<(int Output, int Argument)> links = [];
    private readonly bool captures;
    private BoundSignature bound;
    private GpuWork[] work = [];
    private int turn;
    private bool started;
    private bool repeats;

    /// <summary>Binds a program to a graph.</summary>
    /// <param name="program">The program.</param>
    /// <param name="graph">The graph's sizes and index arrays.</param>
    /// <param name="device">Where it runs; it must outlive the executable.</param>
    /// <param name="captures">Whether the launches of a run are captured once and then launched as a whole.</param>
    /// <exception cref="PigeonException">PG02xx: the graph does not provide what the program needs. PG0603: the device lacks memory or does
    /// not load the program.</exception>
    public GpuExecutable(GpuProgram program, GraphBinding graph, IGpuDevice device, bool captures = true)
    {
        (signature, this.captures) = (program.Signature, captures);
        bound = new(signature.Program, [.. signature.Program.Spaces.Select(graph.SizeOf)]);
        buffers = new ulong[signature.Program.Buffers.Length];
        given = new bool[buffers.Length];
        mirrors = new Tensor?[buffers.Length];
        module = device.Load(program.Image);
        stream = device.CreateStream();
        memory = new(device, stream);
        try
        {
            Bind(graph);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Bind(GraphBinding graph)
    {
        int[] sizes = [.. signature.Program.Spaces.Select(graph.SizeOf)];
        BoundSignature before = bound;
        bound = new(signature.Program, sizes);
        for (int i = 0; i < buffers.Length; i++)
        {
            if (!before.ShapeOf(i).SequenceEqual(bound.ShapeOf(i)))
            {
                bound.RefuseLinked(i, links);
                given[i] = false;
                mirrors[i]?.Dispose();
                mirrors[i] = null;
            }
        }

        Forget();
        memory.Place(signature.Program, bound, buffers);
        work = GpuWork.Create(signature, graph, bound, sizes, memory, module);
        started = false;
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, ImmutableArray<long> Shape)> Arguments => bound.Arguments;

    /// <inheritdoc/>
    public long TotalBytes => memory.Bytes;

    /// <summary>The launches of one run, without those that run once when the graph is bound.</summary>
    public int LaunchesPerRun => work.Count(w => !w.Once && w.HasBlocks);

    /// <inheritdoc/>
    public void Link(string output, string argument)
    {
        (int from, int to) = bound.Link(output, argument);
        links.Add((from, to));
        stream.Clear(buffers[to], bound.BytesOf(signature.Program.Buffers[to]));
        given[to] = true;
        Forget();
    }

    /// <inheritdoc/>
    public void Advance()
    {
        foreach ((int output, int argument) in links)
        {
            (buffers[output], buffers[argument]) = (buffers[argument], buffers[output]);
        }

        GpuMemory.Alias(signature.Program, buffers);
        started &= !links.Any(link => signature.Program.IsReadOnce(link.Argument));
        turn = links.Count > 0 ? 1 - turn : turn;
    }

    /// <inheritdoc/>
    public Tensor Argument(string name)
    {
        int index = bound.Find(name, BufferRole.Input, BufferRole.Weight);
        return given[index] ? Read(index) : throw bound.NotGiven(index);
    }

    /// <summary>False: the numbers of an argument are copied to the device.</summary>
    /// <param name="name">The argument.</param>
    /// <exception cref="PigeonException">PG0220: there is no such argument.</exception>
    public bool IsUsedInPlace(string name) => bound.Find(name, BufferRole.Input, BufferRole.Weight) < 0;

    /// <summary>Gives an input or a weight; it is copied.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such argument. PG0221: the shape is wrong.</exception>
    public void Set(string name, Tensor value)
    {
        int index = bound.Accept(name, value);
        const int Chunk = 1 << 28;
        for (long start = 0; start < value.Length; start += Chunk)
        {
            int count = (int)Math.Min(Chunk, value.Length - start);
            stream.CopyIn(buffers[index] + ((ulong)start * sizeof(float)), MemoryMarshal.AsBytes(value.Slice(start, count)));
        }

        given[index] = true;
        started &= !signature.Program.IsReadOnce(index);
    }

    /// <inheritdoc/>
    public void Run()
    {
        if (!started)
        {
            Start();
        }

        // What is bound to a batch runs once, and is not worth a capture.
        if (!captures || !repeats)
        {
            repeats = true;
            Launch(once: false);
            return;
        }

        if (graphs[turn] is null)
        {
            stream.BeginCapture();
            Launch(once: false);
            graphs[turn] = stream.EndCapture();
        }

        stream.Launch(graphs[turn]!);
    }

    /// <inheritdoc/>
    public void Run(Action<int> kernelEnded)
    {
        if (!started)
        {
            Start();
        }

        foreach (GpuWork launch in work.Where(w => !w.Once && w.HasBlocks))
        {
            launch.Launch(stream, buffers);
            stream.Synchronize();
            kernelEnded(launch.PlanKernel);
        }
    }

    /// <summary>An output of the last run, copied from the device.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such output. PG0603: a kernel failed.</exception>
    public Tensor Output(string name) => Read(bound.Find(name, BufferRole.Output));

    /// <inheritdoc/>
    public void Synchronize() => stream.Synchronize();

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        memory.Dispose();
        stream.Dispose();
        module.Dispose();
        foreach (Tensor? mirror in mirrors)
        {
            mirror?.Dispose();
        }
    }

    private void Start()
    {
        for (int i = 0; i < buffers.Length; i++)
        {
            if (!given[i] && signature.Program.Buffers[i].Role is BufferRole.Input or BufferRole.Weight)
            {
                throw bound.NotGiven(i);
            }
        }

        Launch(once: true);
        started = true;
    }

    private void Launch(bool once)
    {
        foreach (GpuWork launch in work.Where(w => w.Once == once && w.HasBlocks))
        {
            launch.Launch(stream, buffers);
        }
    }

    private Tensor Read(int buffer)
    {
        Tensor mirror = mirrors[buffer] ??= Tensor.Zeros(bound.ShapeOf(buffer));
        const int Chunk = 1 << 28;
        for (long start = 0; start < mirror.Length; start += Chunk)
        {
            int count = (int)Math.Min(Chunk, mirror.Length - start);
            stream.CopyOut(buffers[buffer] + ((ulong)start * sizeof(float)), MemoryMarshal.AsBytes(mirror.Slice(start, count)));
        }

        if (mirror.Length == 0)
        {
            stream.Synchronize();
        }

        return mirror;
    }

    private void Forget()
    {
        graphs[0]?.Dispose();
        graphs[1]?.Dispose();
        graphs[0] = graphs[1] = null;
        repeats = false;
    }
}
