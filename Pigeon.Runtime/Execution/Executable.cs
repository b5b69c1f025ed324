using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// A generated program bound to a graph. Give it its inputs and weights, run it, read its outputs; again and again. Running
/// allocates nothing. Results are the same bits for the same number of threads; weight gradients, and sums over a row with so many neighbours
/// that the threads share them, may differ between numbers of threads by rounding. Not safe for use from several threads at once.
/// </summary>
public sealed class Executable : IExecutable
{
    private const int ConvertedAtOnce = 1 << 30;

    private readonly GeneratedProgram program;
    private readonly ProgramSignature signature;
    private readonly Workers workers;
    private readonly int threads;
    private readonly int leastShared;
    private readonly NativeBuffer scratch;
    private readonly NativeBuffer shared;
    private readonly Tensor?[] tensors;
    private readonly NativeBuffer?[] copies;
    private readonly nint[] buffers;
    private readonly List<(int Output, int Argument)> links = [];
    private readonly NativeBuffer? givenArena;
    private NativeBuffer arena = new(0);
    private NativeBuffer constants = new(0);
    private int[] sizes = [];
    private int[] capacity = [];
    private long[] numbersOfThread;
    private BoundMap[] maps = [];
    private int[]?[] ordered = [];
    private BoundMap?[] orderedBy = [];
    private RowCut[] cuts = [];
    private ProgramFrame? frame;
    private GraphBinding? graph;
    private bool stale = true;
    private bool started;
    private bool isFresh;

    /// <summary>Binds a program to a graph.</summary>
    /// <param name="program">A loaded program; it belongs to this executable alone.</param>
    /// <param name="graph">The graph's sizes and index arrays.</param>
    /// <param name="threads">The number of threads, at least 1.</param>
    /// <param name="leastShared">The neighbours that a row must have for threads to share them; the bits of its sums depend on it.</param>
    /// <param name="arena">
    /// Where intermediate values go if they fit: memory that executables share which never run at the same time. Its owner disposes it,
    /// after them. Null for memory of its own.
    /// </param>
    /// <exception cref="PigeonException">PG02xx: the graph does not provide what the program needs. PG0353: not enough memory.</exception>
    public Executable(GeneratedProgram program, GraphBinding graph, int threads = 1, int leastShared = Partition.LeastShared, NativeBuffer? arena = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.program = program;
        this.threads = threads;
        this.leastShared = leastShared;
        givenArena = arena;
        signature = program.Signature;
        buffers = new nint[signature.Buffers.Length];
        tensors = new Tensor?[buffers.Length];
        copies = new NativeBuffer?[buffers.Length];
        numbersOfThread = new long[buffers.Length];
        (long ownBytes, long sharedBytes) = signature.ScratchBytes(threads);
        (scratch, shared) = (new(ownBytes), new(sharedBytes));
        workers = new(threads);
        Bind(graph);
    }

    /// <inheritdoc/>
    public void Bind(GraphBinding graph)
    {
        this.graph = graph;
        int[] newSizes = [.. signature.Spaces.Select(graph.SizeOf)];
        BoundMap[] newMaps = [.. signature.Indices.Select(i => graph.Resolve(i.Map))];
        (int[] oldSizes, BoundMap[] oldMaps) = (sizes, maps);
        (sizes, maps) = (newSizes, newMaps);
        bool first = oldMaps.Length == 0;
        bool walksGrow = LengthenWalks();
        if (first || walksGrow || !sizes.AsSpan().SequenceEqual(oldSizes))
        {
            Resize(walksGrow);
        }

        // What depends on maps that are the same objects as before is the same.
        BoundMap?[] by = [.. signature.Indices.Select(i => i.OrderedBy is null ? null : graph.Resolve(i.OrderedBy))];
        ordered = [.. by.Select((order, n) => order is null ? null
            : !first && maps[n] == oldMaps[n] && orderedBy[n] == order ? ordered[n] : BoundMap.InOrder(maps[n], order))];
        orderedBy = by;
        cuts = [.. signature.Kernels.Select((k, n) => !first && sizes[k.Space] == oldSizes[k.Space] && Same(k.Cost) && Same(k.Order)
            ? cuts[n]
            : Partition.Cut(sizes[k.Space], threads, k.Cost < 0 ? null : maps[k.Cost].Offsets, k.Order < 0 ? null : maps[k.Order].Order,
                k.Shares ? leastShared : int.MaxValue))];
        frame = new(sizes, maps, ordered, buffers, numbersOfThread, scratch.Address, shared.Address, cuts, workers);
        (stale, started) = (true, false);

        bool Same(int map) => map < 0 || maps[map] == oldMaps[map];
    }

    /// <summary>The name of every input and weight that must be set, with its tensor's shape.</summary>
    public IEnumerable<(string Name, ImmutableArray<long> Shape)> Arguments => signature.Buffers
        .Where(b => b.Role is BufferRole.Input or BufferRole.Weight).Select(b => (b.Name, ShapeOf(b)));

    /// <summary>Bytes of intermediate values in memory of its own, constants of the graph and scratch.</summary>
    public long WorkingBytes => arena.Bytes + constants.Bytes + scratch.Bytes + shared.Bytes;

    /// <summary>From here on the values of a program are worth a full collection before they take their memory.</summary>
    internal long LargeBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of everything a run touches: the working bytes, inputs, weights and outputs.</summary>
    public long TotalBytes => WorkingBytes + Enumerable.Range(0, buffers.Length)
        .Where(i => signature.Buffers[i].Role is BufferRole.Input or BufferRole.Weight or BufferRole.Output).Sum(BytesOf);

    /// <summary>
    /// Declares that an output is what an argument becomes in the next run, as a weight does in a training step. The executable then
    /// owns both tensors; <see cref="Set"/> copies into the argument, which begins as zeros.
    /// </summary>
    /// <exception cref="PigeonException">PG0220: there is no such output or argument. PG0221: their shapes differ.</exception>
    public void Link(string output, string argument)
    {
        int from = Find(output, BufferRole.Output);
        int to = Find(argument, BufferRole.Input, BufferRole.Weight);
        if (!ShapeOf(signature.Buffers[from]).SequenceEqual(ShapeOf(signature.Buffers[to])))
        {
            throw new PigeonException("PG0221", $"it can't become {argument}, whose shape differs", $"{signature.Name}: {output}");
        }

        if (!IsUsedInPlace(argument))
        {
            throw new PigeonException("PG0221", $"it can't become {argument}, which is kept in another element type", $"{signature.Name}: {output}",
                "compile the program with f32 storage");
        }

        links.Add((from, to));
        tensors[to] = Tensor.Zeros(ShapeOf(signature.Buffers[to]));
        buffers[to] = tensors[to]!.Address;
        stale = true;
    }

    /// <summary>Makes the linked outputs of the last run the arguments of the next, without copying.</summary>
    public void Advance()
    {
        foreach ((int output, int argument) in links)
        {
            (tensors[output], tensors[argument]) = (tensors[argument], tensors[output]);
            (buffers[output], buffers[argument]) = (buffers[argument], buffers[output]);
        }

        stale = links.Count > 0 || stale;
        started &= !links.Any(link => signature.IsReadOnce(link.Argument));
    }

    /// <summary>The tensor of a linked argument, as it stands now.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such argument.</exception>
    public Tensor Argument(string name) => tensors[Find(name, BufferRole.Input, BufferRole.Weight)]
        ?? throw new PigeonException("PG0222", "it was not given", $"{signature.Name}: {name}");

    /// <summary>
    /// Gives an input or a weight. The tensor is used in place and must live until it is replaced or the runs are over; only a linked
    /// argument, and one that is kept in another element type, are copied.
    /// </summary>
    /// <exception cref="PigeonException">PG0220: there is no such argument. PG0221: the shape is wrong.</exception>
    public void Set(string name, Tensor value)
    {
        int index = Find(name, BufferRole.Input, BufferRole.Weight);
        ImmutableArray<long> shape = ShapeOf(signature.Buffers[index]);
        if (!value.Shape.SequenceEqual(shape))
        {
            throw new PigeonException("PG0221", $"its shape is [{string.Join(", ", value.Shape)}], but must be [{string.Join(", ", shape)}]",
                $"{signature.Name}: {name}");
        }

        started &= !signature.IsReadOnce(index);
        if (links.Any(l => l.Argument == index))
        {
            stale |= !started;
            for (long start = 0; start < value.Length; start += int.MaxValue)
            {
                int count = (int)Math.Min(int.MaxValue, value.Length - start);
                value.Slice(start, count).CopyTo(tensors[index]!.Slice(start, count));
            }

            return;
        }

        stale = true;
        if (signature.Buffers[index].Element != ElementType.F32)
        {
            NativeBuffer copy = copies[index] ??= new(sizes[signature.Buffers[index].Space] * signature.Buffers[index].RowBytes);
            for (long at = 0; at < value.Length; at += ConvertedAtOnce)
            {
                int count = (int)Math.Min(ConvertedAtOnce, value.Length - at);
                Bf16.Round(copy.View<ushort>(at * sizeof(ushort), count), value.Slice(at, count));
            }

            buffers[index] = copy.Address;
            return;
        }

        tensors[index] = value;
        buffers[index] = value.Address;
    }

    /// <inheritdoc/>
    public bool IsUsedInPlace(string name) => signature.Buffers[Find(name, BufferRole.Input, BufferRole.Weight)].Element == ElementType.F32;

    /// <summary>Computes the outputs.</summary>
    /// <exception cref="PigeonException">PG0222: an input or a weight was not given.</exception>
    public void Run()
    {
        if (stale)
        {
            Start();
        }

        program.Run();
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
    }

    /// <summary>The names of the kernels, by number; those that run once, when the graph is bound, among them.</summary>
    public IEnumerable<string> Kernels => signature.Kernels.Select(k => k.Name);

    /// <summary>Computes the outputs, and tells the number of each kernel when it has ended.</summary>
    /// <exception cref="PigeonException">PG0222: an input or a weight was not given.</exception>
    public void Run(Action<int> kernelEnded)
    {
        program.Ended = kernelEnded;
        try
        {
            Run();
        }
        finally
        {
            program.Ended = null;
        }
    }

    /// <summary>An output of the last run. It belongs to the executable, and the next run overwrites it.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such output.</exception>
    public Tensor Output(string name) => tensors[Find(name, BufferRole.Output)]!;

    /// <inheritdoc/>
    public void Dispose()
    {
        workers.Dispose();
        arena.Dispose();
        constants.Dispose();
        scratch.Dispose();
        shared.Dispose();
        for (int i = 0; i < tensors.Length; i++)
        {
            copies[i]?.Dispose();
            if (signature.Buffers[i].Role == BufferRole.Output || links.Any(l => l.Argument == i))
            {
                tensors[i]?.Dispose();
            }
        }
    }

    /// <summary>Makes loop buffers long enough for the longest walks of the bound maps; false where they are already.</summary>
    private bool LengthenWalks()
    {
        bool grows = false;
        for (int i = 0; i < numbersOfThread.Length; i++)
        {
            if (signature.Buffers[i] is { Walk: >= 0 and var walk } buffer && buffer.NumbersOfThread(maps[walk].Longest) is var numbers &&
                numbers > numbersOfThread[i])
            {
                (numbersOfThread[i], grows) = (numbers, true);
            }
        }

        return grows;
    }

    /// <summary>Takes the memory that the sizes ask for.</summary>
    private void Resize(bool walksGrow)
    {
        for (int i = 0; i < tensors.Length; i++)
        {
            if (copies[i] is { } copy && copy.Bytes != sizes[signature.Buffers[i].Space] * signature.Buffers[i].RowBytes)
            {
                copy.Dispose();
                (copies[i], buffers[i]) = (null, 0);
            }

            if (tensors[i] is { } tensor && !tensor.Shape.SequenceEqual(ShapeOf(signature.Buffers[i])))
            {
                if (links.Any(l => l.Argument == i || l.Output == i))
                {
                    throw new PigeonException("PG0221", "its shape would change, but it is carried from run to run",
                        $"{signature.Name}: {signature.Buffers[i].Name}", "bind a graph of the same size");
                }

                if (signature.Buffers[i].Role == BufferRole.Output)
                {
                    tensor.Dispose();
                }

                (tensors[i], buffers[i]) = (null, 0);
            }
        }

        if (capacity.Length == 0 || walksGrow || sizes.Zip(capacity).Any(pair => pair.First > pair.Second))
        {
            capacity = [.. sizes.Select((size, space) => capacity.Length == 0 ? size : Math.Max(size, capacity[space]))];
            TakeMemory();
        }

        foreach (int i in Indices(BufferRole.Output).Where(output => tensors[output] is null))
        {
            tensors[i] = Tensor.Zeros(ShapeOf(signature.Buffers[i]));
            buffers[i] = tensors[i]!.Address;
        }
    }

    /// <summary>Places the internal buffers for the largest sizes so far: batches that don't outgrow them need no new plan.</summary>
    private void TakeMemory()
    {
        int[] inner = Indices(BufferRole.Internal);
        int[] constant = Indices(BufferRole.Constant);
        var plan = MemoryPlan.Create([.. inner.Select(i => (BytesOf(i), signature.Buffers[i].FirstKernel, signature.Buffers[i].LastKernel))]);
        var kept = MemoryPlan.Create([.. constant.Select(i => (BytesOf(i), 0, 0))]);
        bool isGiven = plan.Bytes <= givenArena?.Bytes;
        long needed = kept.Bytes + (isGiven ? 0 : plan.Bytes);
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed > available)
        {
            throw new PigeonException("PG0353", $"its values need {needed} bytes; {available} can be had", signature.Name,
                "use a machine with more memory, or a smaller graph or narrower rows");
        }

        arena.Dispose();
        constants.Dispose();
        (arena, constants, isFresh) = (new(isGiven ? 0 : plan.Bytes), new(kept.Bytes), true);
        nint start = isGiven ? givenArena!.Address : arena.Address;
        for (int i = 0; i < inner.Length; i++)
        {
            buffers[inner[i]] = start + (nint)plan.Offsets[i];
        }

        for (int i = 0; i < constant.Length; i++)
        {
            buffers[constant[i]] = constants.Address + (nint)kept.Offsets[i];
        }
    }

    private void Start()
    {
        foreach (int view in Indices(BufferRole.View))
        {
            buffers[view] = buffers[signature.Buffers[view].Shared];
        }

        for (int i = 0; i < buffers.Length; i++)
        {
            if (buffers[i] == 0)
            {
                throw new PigeonException("PG0222", "it was not given", $"{signature.Name}: {signature.Buffers[i].Name}",
                    "set every input and weight before the first run");
            }
        }

        program.Bind(frame!);
        if (isFresh && WorkingBytes >= LargeBytes)
        {
            // What planning and binding left behind would stay beside the values until the collector next had a reason to look.
            LetGo();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }

        (isFresh, graph) = (false, null);
        if (!started)
        {
            program.RunOnce();
            started = true;
        }

        stale = false;
    }

    /// <summary>Leaves of the bound maps the arrays that kernels read; a later binding finds the maps anew.</summary>
    private void LetGo()
    {
        (maps, ordered, orderedBy) = ([], [], []);
        frame!.LetGo();
        graph?.LetGo();
    }

    private int[] Indices(BufferRole role) => [.. Enumerable.Range(0, buffers.Length).Where(i => signature.Buffers[i].Role == role)];

    private ImmutableArray<long> ShapeOf(BufferSignature buffer) => [sizes[buffer.Space], .. buffer.Row.Select(e => (long)e)];

    private long BytesOf(int buffer) => signature.Buffers[buffer].Walk < 0
        ? capacity[signature.Buffers[buffer].Space] * signature.Buffers[buffer].RowBytes
        : threads * numbersOfThread[buffer] * signature.Buffers[buffer].Element.Bytes();

    private int Find(string name, params ReadOnlySpan<BufferRole> roles)
    {
        for (int i = 0; i < buffers.Length; i++)
        {
            if (signature.Buffers[i].Name == name && roles.Contains(signature.Buffers[i].Role))
            {
                return i;
            }
        }

        throw new PigeonException("PG0220", $"there is no '{name}'", signature.Name, $"there are: {string.Join(", ", signature.Buffers
            .Where(b => b.Role is not (BufferRole.Internal or BufferRole.Constant or BufferRole.View)).Select(b => b.Name))}");
    }
}
