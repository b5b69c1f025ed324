using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Values that take the memory of those that are read for the last time where they are computed.</summary>
public sealed class InPlaceTests
{
    [Fact]
    public void What_is_read_at_another_row_keeps_its_place()
    {
        var p = new ProgramBuilder("gathered");
        Value x = p.Input("x", Nodes, 4);
        Value first = x * x + x.Sum(new Map.Unit(Nodes)).At(new Map.Unit(Nodes));
        Value neighbours = first.At(Src).Sum(Dst);
        Value second = neighbours * first;
        p.Return("y", second.At(Src).Sum(Dst));
        Program program = p.Build();
        Plan plan = ProgramCompiler.Plan(program, new() { Lanes = 8 });
        int[] over = InPlace.Run(plan);
        foreach (Kernel kernel in plan.Kernels)
        {
            // Whoever reads a value through a map must not write over it.
            var through = kernel.Steps.SelectMany(s => s.Stages).SelectMany(s => s.Arguments).Where(a => a.Index.Along is not Map.Identity).Select(a => a.Value).ToHashSet();
            Assert.DoesNotContain(kernel.Steps.SelectMany(s => s.Stages), s => over[s.Value] >= 0 && through.Contains(over[s.Value]));
        }

        Check(program, least: 0);
    }

    [Fact]
    public void Kernels_of_training_steps_take_places_over()
    {
        Program step = TrainingStep.Create(Loss(), "loss", new Optimiser.Sgd()).Program;
        Check(step, least: 1, exact: false);
    }

    private static void Check(Program program, int least, bool exact = true)
    {
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Cache = null, Lanes = 8 });
        Assert.True(compiled.Source.Signature.Buffers.Count(b => b.Role == BufferRole.View) >= least, compiled.Plan.ToString());
        for (int seed = 1; seed <= 4; seed++)
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            Dictionary<string, Tensor> arguments = Differential.Arguments(program, graph, seed, integers: exact, bound: 1);
            IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
            foreach ((string name, float[] actual) in Differential.Compiled(compiled, graph, arguments, threads: 2))
            {
                Assert.InRange(Differential.Error(actual, expected[name]), 0, 1e-5);
            }
        }
    }

    private static Program Loss()
    {
        var p = new ProgramBuilder("two");
        Value x = p.Input("x", Nodes, 4);
        Value w = p.Weight("w", IndexSpace.One, 4, 4);
        Value v = p.Weight("v", IndexSpace.One, 4, 4);
        var all = new Map.Unit(Nodes);
        Value hidden = Nn.Gelu(x.Linear(w, all));
        Value y = Nn.Gelu(hidden.Linear(v, all));
        p.Return("loss", Losses.Mean(y * y));
        return p.Build();
    }
}
