using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>The way of a program to code that runs, as one list of steps.</summary>
public static class ProgramCompiler
{
    private static readonly ImmutableArray<(string Name, Func<Program, CompileOptions, Program> Run)> Passes =
    [
        ("simplify", (program, _) => Simplify.Run(program)),

        // Before used rows, which may be others for each of the columns of one product.
        ("fold-weights", FoldWeights.Run),

        // Before other rewrites, which then take an image for the rows.
        ("used-rows", UsedRows.Run),

        // Chosen before the order is fixed: a rewrite makes derived weights that are to be hoisted.
        ("choose-rewrites", ChooseRewrites.Run),
        ("narrow-products", NarrowProducts.Run),
        ("hoist-weights", (program, _) => HoistWeights.Run(program)),
        ("separate-outputs", (program, _) => SeparateOutputs.Run(program)),
        ("sink", Sink.Run),
        ("recompute", Recompute.Run),
        ("fit-memory", FitMemory.Run),
    ];

    /// <summary>
    /// Compiles a program for the CPU. Where the same program was compiled for the same graph and with the same options before, its image comes from
    /// the cache as it is; nothing is planned or emitted then.
    /// </summary>
    /// <exception cref="PigeonException">PG0130: something in the program has no kernel. PG0133: sums by atomics are asked for.</exception>
    public static CompiledProgram Compile(Program program, CompileOptions? options = null)
    {
        options ??= new();
        if (options.AtomicSums)
        {
            throw new PigeonException("PG0133", "kernels of the CPU have no sums by atomics", program.Name, "leave out AtomicSums, or compile for a GPU");
        }

        // What a tuner chose is not a function of the key, a trace wants to see the passes, and who sets a limit is told what it took.
        if (options.Cache is not { } folder || options.Tuner is not null || options.Trace is not null || options.Memory is not null)
        {
            return CompiledProgram.Of(program, options);
        }

        string description = PlanStore.Describe(program, options);
        string key = PlanStore.HashOf(description);
        if (ImageCache.FindProgram(folder, key, description) is { } kept)
        {
            return new(program, options, kept);
        }

        if (options.Graph is not null)
        {
            CSharpCompiler.WarmUp();
        }

        CompiledProgram compiled = CompiledProgram.Of(program, options);
        ImageCache.KeepProgram(folder, key, description, CSharpCompiler.KeyOf(compiled.Source.Source), compiled.Image);
        return compiled;
    }

    /// <summary>Runs the passes and plans the kernels, without emitting them.</summary>
    public static Plan Plan(Program program, CompileOptions? options = null)
    {
        options ??= new();
        if (options.Memory is { } limit &&
            !FitMemory.Fits(SeparateOutputs.Run(HoistWeights.Run(Simplify.Run(program))), options with { Memory = limit with { Bytes = limit.Bytes / 2 } }))
        {
            // Images of maps have arrays of their own, and rows beside those of all nodes; sums for folded weights have rows of all heads' inputs.
            options = options with { SpendsMemory = false };
        }

        options = options with { Recomputed = new() };
        options.Trace?.Invoke("author", program);
        foreach ((string name, Func<Program, CompileOptions, Program> run) in Passes)
        {
            program = run(program, options);
            options.Trace?.Invoke(name, program);
        }

        return PlanToRun(program, options.Graph is { } graph ? new(graph) : null, options);
    }

    /// <summary>Plans the kernels of a program after the passes, in the order in which they run.</summary>
    internal static Plan PlanToRun(Program program, GraphCounts? graph, CompileOptions options)
    {
        Plan plan = PlanKernels(program, graph, options);
        return graph is not null && options is { OrdersKernels: true, Fuse: true } ? OrderKernels.Run(plan, graph) : plan;
    }

    /// <summary>Plans the kernels of a program after the passes, in the order of the program: as good as any to predict times by.</summary>
    internal static Plan PlanKernels(Program program, GraphCounts? graph, CompileOptions options)
    {
        Plan plan = Fuse.Run(program, options.Fuse, options.FixedWeights, options.StoresBefore,
            graph is not null && options.StoresBefore ? NeighboursOf : null, options.NarrowProducts);
        plan = NarrowStorage.Run(graph is not null && options.Fuse ? OnlineSoftmax.Run(plan, graph, options) : plan, options);
        if (!options.NeighbourBlocks || !options.Fuse)
        {
            return plan;
        }

        plan = NeighbourBlocks.Run(plan, graph, options.Lanes);
        return graph is null ? plan : GroupRows.Run(plan, graph, options.Lanes);

        double NeighboursOf(Map map) => options.SharesRows && graph.HasHub(map) ? double.PositiveInfinity : graph.Rows(map.From) / Math.Max(1, graph.Rows(map.To));
    }
}
