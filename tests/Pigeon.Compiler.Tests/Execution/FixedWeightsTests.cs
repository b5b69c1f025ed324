using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

public sealed class FixedWeightsTests
{
    [Fact]
    public void Kernels_of_weights_run_once_and_again_for_other_weights()
    {
        GraphBinding graph = RandomGraphs.Create(5).Binding;
        Program program = Derived();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { FixedWeights = true, Cache = null });
        Assert.Contains(compiled.Plan.Kernels.Items, kernel => kernel.Once);
        Assert.DoesNotContain(ProgramCompiler.Plan(program).Kernels.Items, kernel => kernel.Once);

        using var executable = new Executable(compiled.Load(), graph);
        var ended = new List<int>();
        foreach (int seed in new[] { 1, 2 })
        {
            var arguments = Differential.Arguments(program, graph, seed, integers: true);
            foreach ((string name, Tensor tensor) in arguments)
            {
                executable.Set(name, tensor);
            }

            for (int run = 0; run < 2; run++)
            {
                ended.Clear();
                executable.Run(ended.Add);
                Assert.Equal(run == 0, ended.Any(kernel => compiled.Plan.Kernels[kernel].Once));
                Assert.Null(Differential.Difference(executable.Output("y").Span.ToArray(), Differential.Reference(program, graph, arguments)["y"]));
            }
        }
    }

    [Fact]
    public void Weights_that_are_linked_are_read_again_after_every_step()
    {
        GraphBinding graph = RandomGraphs.Create(5).Binding;
        Program program = Derived(returnsNext: true);
        using var executable = new Executable(ProgramCompiler.Compile(program, new() { FixedWeights = true, Cache = null }).Load(), graph);
        var arguments = Differential.Arguments(program, graph, 1, integers: true);
        executable.Link("next", "w");
        foreach ((string name, Tensor tensor) in arguments)
        {
            executable.Set(name, tensor);
        }

        for (int step = 0; step < 3; step++)
        {
            executable.Run();
            Assert.Null(Differential.Difference(executable.Output("y").Span.ToArray(), Differential.Reference(program, graph, arguments)["y"]));
            executable.Advance();
            arguments["w"] = Tensor.From([.. arguments["w"].Span.ToArray().Select(w => 2 * w)], [.. arguments["w"].Shape]);
        }
    }

    /// <summary>Messages by weights that are themselves computed from weights.</summary>
    private static Program Derived(bool returnsNext = false)
    {
        var p = new ProgramBuilder("derived");
        Value w = p.Weight("w", EdgeTypes, 3, 2);
        Value derived = w.Linear(p.Weight("v", IndexSpace.One, 2, 2));
        p.Return("y", p.Input("x", Nodes, 3).At(Src).Linear(derived * 3, EType).Sum(Dst));
        if (returnsNext)
        {
            p.Return("next", w * 2);
        }

        return p.Build();
    }
}
