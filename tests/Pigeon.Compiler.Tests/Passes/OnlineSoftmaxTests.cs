using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

public sealed class OnlineSoftmaxTests
{
    private const int Graphs = 6;

    [Fact]
    public void A_maximum_and_the_sums_relative_to_it_are_one_loop()
    {
        Plan plan = SoftmaxPrograms.Online(SoftmaxPrograms.Create(heads: 2, width: 4, computed: true));
        Assert.Equal("""
            plan softmax
              kernel k0_traverse over Nodes
                for each neighbour along dst
                  %6 (scratch) = select(less(0, %1[src(neighbour)] + %2[row]), %1[src(neighbour)] + %2[row], 0.25 * (%1[src(neighbour)] + %2[row])) over [2]
                  %7 max= %6[neighbour] over [2]
                  %10 (scratch) = exp(%6[neighbour] - %7[row]) over [2]
                  %11 sum= %10[neighbour] over [2] rescaled as max %6[neighbour] rises
                  %15 (scratch) sum= %0[src(neighbour)] * %10[neighbour] over [2, 4] rescaled as max %6[neighbour] rises
                  %17 sum= %0[src(neighbour)] * 2 over [2, 4]
                %19 (scratch) = %11[row] + 1E-30 over [2, 1]
                %20 = %15[row] / %19[row] over [2, 4]

            """.ReplaceLineEndings("\n"), plan.ToString());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void One_loop_gives_what_the_evaluator_gives(int lanes)
    {
        foreach ((string name, Program program) in SoftmaxPrograms.All)
        {
            Plan plan = SoftmaxPrograms.Online(program);
            Assert.Contains(plan.Kernels, kernel => kernel.Steps.Any(step => step.IsOnline));
            CSharpSource source = CSharpEmitter.Emit(plan, lanes);
            GeneratedProgram kernels = GeneratedImage.Load(CSharpCompiler.Compile(source, null, out _), $"{CSharpEmitter.Namespace}.{source.ClassName}");
            for (int seed = 0; seed < Graphs; seed++)
            {
                GraphBinding graph = SoftmaxPrograms.Graph(seed);
                foreach ((string logits, Func<Random, float> next) in SoftmaxPrograms.Logits)
                {
                    var arguments = SoftmaxPrograms.Arguments(program, graph, seed, next);
                    var expected = Differential.Reference(program, graph, arguments);
                    var actual = Differential.Loaded(kernels, graph, arguments, threads: 1 + (seed % 2));
                    foreach (string output in expected.Keys)
                    {
                        string? fault = SoftmaxPrograms.Fault(actual[output], expected[output]);
                        Assert.True(fault is null, $"{name}, logits {logits}, graph {seed}: {output}: {fault}");
                    }

                    Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
                }
            }
        }
    }

    [Fact]
    public void What_is_not_relative_to_the_maximum_stays_two_loops()
    {
        // A weight that is returned, a mean, a power of a weight, a weight beside another term, and another shift.
        Assert.All<Func<Value, Value, Value, Value>>(
        [
            (_, w, _) => w,
            (_, w, _) => w.Reduce(Dst, ReduceKind.Mean),
            (_, w, _) => (w * w).Sum(Dst),
            (_, w, _) => (w + 1).Sum(Dst),
            (l, _, m) => (l - m.At(Dst)).Sum(Dst),
            (l, _, m) => (l * 2 - m.At(Dst)).Unary(UnaryFunction.Exp).Sum(Dst),
        ], use =>
        {
            var p = new ProgramBuilder("softmax");
            Value logits = p.Input("l", Edges, 2);
            Value max = logits.Reduce(Dst, ReduceKind.Max);
            Value weight = (logits - max.At(Dst)).Unary(UnaryFunction.Exp);
            p.Return("sum", weight.Sum(Dst));
            p.Return("y", use(logits, weight, max));
            Plan plan = Fuse.Run(Simplify.Run(p.Build()));
            Assert.Same(plan, OnlineSoftmax.Run(plan));
        });
    }

    [Fact]
    public void A_plan_for_a_graph_has_one_loop_where_the_options_allow_it()
    {
        Program program = SoftmaxPrograms.Create(heads: 1, width: 64, computed: true);
        CompileOptions options = new() { Graph = SoftmaxPrograms.Graph(0), Lanes = 8, Rewrites = RewriteFamilies.None };
        Assert.DoesNotContain(ProgramCompiler.Plan(program, options).Kernels, kernel => kernel.Steps.Any(step => step.IsOnline));
        Assert.Contains(ProgramCompiler.Plan(program, options with { OnlineSoftmax = true }).Kernels, kernel => kernel.Steps.Any(step => step.IsOnline));
    }

    [Fact]
    public void The_costs_decide()
    {
        Plan plan = Fuse.Run(Simplify.Run(SoftmaxPrograms.Create(heads: 4, width: 16, computed: true)));
        Assert.Same(plan, OnlineSoftmax.Run(plan, other => other == plan ? 1 : 2));
        Assert.NotSame(plan, OnlineSoftmax.Run(plan, other => other == plan ? 2 : 1));
        Assert.Same(plan, OnlineSoftmax.Run(plan, new GraphCounts(SoftmaxPrograms.Graph(0)), new() { OnlineSoftmax = false, Lanes = 8 }));
    }
}
