using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Models.Tests;

/// <summary>The ways to compute a program, compared.</summary>
internal static class Plans
{
    /// <summary>
    /// The author's order, fused and operator by operator, and the best plans with, without and by each family of rewrites give what the f64
    /// evaluator gives.
    /// </summary>
    public static void AssertAgree(Program program, GraphBinding graph, int seed)
    {
        var options = new CompileOptions { Cache = null };
        var arguments = Differential.Arguments(program, graph, seed);
        var expected = Differential.Reference(program, graph, arguments);
        Check("operator by operator", ProgramCompiler.Compile(program, options with { Fuse = false }));
        foreach (PlanAlternative plan in PlanAlternatives.Of(program, options with { Graph = graph }, 2))
        {
            Check(string.Join(", ", plan.Names), ProgramCompiler.Compile(plan.Rewritten.Program, options));
        }

        void Check(string plan, CompiledProgram compiled)
        {
            var actual = Differential.Compiled(compiled, graph, arguments);
            Assert.All(expected.Keys, name => Assert.True(Differential.Error(actual[name], expected[name]) < 1e-5, $"{plan}: {name}"));
        }
    }
}
