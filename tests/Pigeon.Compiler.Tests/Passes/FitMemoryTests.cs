using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

public sealed class FitMemoryTests
{
    private const int EdgeCount = 4_000;
    private const long ProductBytes = EdgeCount * 4 * sizeof(float);

    private static readonly HeteroGraph Graph = HeteroGraph.Create(200, ["a"],
        [.. Enumerable.Range(0, EdgeCount).Select(i => i * 7 % 200)], [.. Enumerable.Range(0, EdgeCount).Select(i => i / 20)], new int[EdgeCount]);

    /// <summary>By time alone nothing would be computed again.</summary>
    private static readonly CompileOptions Stored = new() { Graph = Graph.Binding, Rewrites = RewriteFamilies.None, Recompute = false, Lanes = 8 };

    [Fact]
    public void A_plan_that_passes_the_budget_is_made_smaller()
    {
        long before = BytesOf(ProgramCompiler.Plan(RecomputeTests.Scaled(), Stored));
        MemoryFit? fit = null;
        Plan small = ProgramCompiler.Plan(RecomputeTests.Scaled(), Stored with { Memory = new(before - 1, Threads: 1), Fitted = f => fit = f });
        Assert.NotNull(fit);
        Assert.Equal(1, fit.Copied);
        Assert.Equal(before, fit.BytesBefore);
        Assert.Equal(before - ProductBytes, fit.BytesAfter);
        Assert.Equal(fit.BytesAfter, BytesOf(small));
        Assert.True(fit.SecondsAfter > 0 && fit.SecondsBefore > 0);
    }

    [Fact]
    public void A_plan_that_fits_is_left_as_it_is()
    {
        Program program = SeparateOutputs.Run(HoistWeights.Run(Simplify.Run(RecomputeTests.Scaled())));
        long bytes = BytesOf(Fuse.Run(program));
        Assert.Same(program, FitMemory.Run(program, Stored));
        Assert.Same(program, FitMemory.Run(program, Stored with { Memory = new(bytes, Threads: 1), Fitted = _ => Assert.Fail("it fits") }));
        Assert.Same(program, FitMemory.Run(program, Stored with { Graph = null, Memory = new(1, Threads: 1) }));
    }

    [Fact]
    public void Where_nothing_fits_the_plan_takes_the_least_and_nobody_is_told_that_it_fits()
    {
        long before = BytesOf(ProgramCompiler.Plan(RecomputeTests.Scaled(), Stored));
        Plan least = ProgramCompiler.Plan(RecomputeTests.Scaled(), Stored with { Memory = new(1, Threads: 1), Fitted = _ => Assert.Fail("it does not fit") });
        Assert.Equal(before - ProductBytes, BytesOf(least));
    }

    private static long BytesOf(Plan plan) => MemoryEstimate.Of(CSharpEmitter.Emit(plan, 8).Signature, Graph.Binding, threads: 1).Total;
}
