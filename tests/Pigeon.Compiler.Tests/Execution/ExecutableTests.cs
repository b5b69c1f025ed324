using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>What an executable promises beside its results. Alone, as it counts the memory of the process.</summary>
[Collection(nameof(Alone))]
public sealed class ExecutableTests
{
    private const int SmallestObject = 24;
    private static readonly Program Layer = Layers.Rgat(5, 4, 2);
    private static readonly CompiledProgram Compiled = ProgramCompiler.Compile(Layer, new() { Cache = null });
    private static readonly HeteroGraph Graph = RandomGraphs.Create(2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Running_allocates_nothing(int threads)
    {
        using Executable executable = Create(threads);
        executable.Run();
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < 100; i++)
            {
                executable.Run();
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // The test's host has threads of its own, and a team that waits long may allocate once; a run itself never does.
        Assert.InRange(least, 0, (100 * SmallestObject) - 1);
    }

    [Fact]
    public void Running_allocates_nothing_on_the_calling_thread()
    {
        using Executable executable = Create(threads: 2);
        executable.Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        executable.Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Disposed_executables_leave_no_memory()
    {
        Settle();
        long before = NativeBuffer.LiveBytes;
        for (int i = 0; i < 5; i++)
        {
            var arguments = Differential.Arguments(Layer, Graph.Binding, i);
            Differential.Compiled(Compiled, Graph.Binding, arguments, threads: 2);
            foreach (Tensor tensor in arguments.Values)
            {
                tensor.Dispose();
            }
        }

        Assert.Equal(before, NativeBuffer.LiveBytes);
    }

    [Fact]
    public void Bytes_are_those_that_are_allocated()
    {
        Settle();
        long before = NativeBuffer.LiveBytes;
        using var executable = new Executable(Compiled.Load(), Graph.Binding);
        long arguments = executable.Arguments.Sum(a => a.Shape.Aggregate(4L, (product, extent) => product * extent));
        Assert.Equal(executable.TotalBytes - arguments, NativeBuffer.LiveBytes - before);
        Assert.InRange(executable.WorkingBytes, 1, executable.TotalBytes);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void Executables_that_take_turns_share_an_arena_that_is_large_enough(int spare, bool isShared)
    {
        CompiledProgram unfused = ProgramCompiler.Compile(Layer, new() { Cache = null, Fuse = false });
        long[] needed = [.. new[] { Compiled, unfused }.Select(program => MemoryEstimate.Of(program.Source.Signature, Graph.Binding, threads: 1).Arena)];
        Assert.True(needed[0] < needed[1]);
        using var arena = new NativeBuffer(needed[1] + spare);
        using Executable alone = Create(unfused);
        using Executable large = Create(unfused, arena: arena);
        using Executable small = Create(Compiled, arena: arena);
        Assert.Equal(alone.WorkingBytes - (isShared ? needed[1] : 0), large.WorkingBytes);
        for (int round = 0; round < 2; round++)
        {
            foreach (Executable executable in new[] { alone, small, large })
            {
                // What a run leaves there is nothing that another, or its own next one, needs.
                arena.View<byte>(0, (int)arena.Bytes).Fill(byte.MaxValue);
                executable.Run();
            }
        }

        string output = Compiled.Source.Signature.Buffers.Single(b => b.Role == BufferRole.Output).Name;
        float[] expected = alone.Output(output).Span.ToArray();
        Assert.Equal(expected, large.Output(output).Span.ToArray());
        Assert.InRange(Differential.Error(small.Output(output).Span.ToArray(), Array.ConvertAll(expected, x => (double)x)), 0, 1e-6);
    }

    [Fact]
    public void Unknown_argument_is_refused()
    {
        using Executable executable = Create();
        using var tensor = Tensor.Zeros(1, 1);
        Refused("PG0220", () => executable.Set("nonsense", tensor));
        Refused("PG0220", () => executable.Set("y", tensor));
        Refused("PG0220", () => executable.Output("x"));
    }

    [Fact]
    public void Wrong_shape_is_refused()
    {
        using Executable executable = Create();
        using var tensor = Tensor.Zeros(Graph.NodeCount, 4);
        Assert.Contains("[", Refused("PG0221", () => executable.Set("x", tensor)).Message);
    }

    [Fact]
    public void Missing_argument_is_refused()
    {
        using var executable = new Executable(Compiled.Load(), Graph.Binding);
        Assert.EndsWith(": x", Refused("PG0222", executable.Run).Place);
    }

    [Fact]
    public void Graph_that_lacks_a_space_or_a_map_is_refused()
    {
        var sizes = new Dictionary<string, int> { ["Nodes"] = 2, ["Edges"] = 1, ["EdgeTypes"] = 1 };
        var maps = new Dictionary<string, int[]> { ["src"] = [0], ["dst"] = [1] };
        Refused("PG0205", () => new Executable(Compiled.Load(), new(sizes, maps)));
        sizes.Remove("EdgeTypes");
        Refused("PG0203", () => new Executable(Compiled.Load(), new(sizes, maps)));
    }

    [Fact]
    public void Replaced_argument_is_used()
    {
        using Executable executable = Create();
        executable.Run();
        float[] first = executable.Output("y").Span.ToArray();
        using var zeros = Tensor.Zeros(Graph.NodeCount, 5);
        executable.Set("x", zeros);
        executable.Run();
        Assert.NotEqual(first, executable.Output("y").Span.ToArray());
    }

    [Fact]
    public void Argument_may_be_returned_and_a_value_twice()
    {
        var p = new ProgramBuilder("returns");
        Value x = p.Input("x", HeteroSchema.Nodes, 3);
        Value w = p.Weight("w", IndexSpace.One, 3);
        p.Return("same", x);
        p.Return("weight", w);
        p.Return("a", x + w);
        p.Return("b", x + w);
        Program program = p.Build();
        var arguments = Differential.Arguments(program, Graph.Binding, 1);
        var expected = Differential.Reference(program, Graph.Binding, arguments);
        var actual = Differential.Compiled(ProgramCompiler.Compile(program, new() { Cache = null }), Graph.Binding, arguments);
        Assert.All(expected.Keys, name => Assert.InRange(Differential.Error(actual[name], expected[name]), 0, 1e-6));
    }

    private static Executable Create(int threads = 1) => Create(Compiled, threads);

    private static Executable Create(CompiledProgram program, int threads = 1, NativeBuffer? arena = null)
    {
        var executable = new Executable(program.Load(), Graph.Binding, threads, arena: arena);
        foreach ((string name, Tensor tensor) in Differential.Arguments(Layer, Graph.Binding, 1))
        {
            executable.Set(name, tensor);
        }

        return executable;
    }

    private static Diagnostic Refused(string id, Action action)
    {
        Diagnostic diagnostic = Assert.Throws<PigeonException>(action).Diagnostic;
        Assert.Equal(id, diagnostic.Id);
        return diagnostic;
    }

    /// <summary>Lets finalizers give back what other tests left behind.</summary>
    private static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
