using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>
/// Random programs under random legal plans: rewrites that fit, in a random order. Every plan is compiled once and run on many small graphs;
/// a case is a program, a plan and a graph, and its result must have the evaluator's bits. (2,000 cases are some 200 compilations, which
/// take nearly all the time.)
/// </summary>
public sealed class RandomPlanTests
{
    private const int Cases = 2_000;
    private const int Batches = 4;
    private const int PlansOfProgram = 4;
    private const int MostSteps = 4;
    private static readonly int[] Graphs = [1, 2, 3, 5, 6, 8, 11, 13, 17, 22];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_plans_of_random_programs_agree_bit_for_bit(int batch)
    {
        int cases = 0;
        for (int seed = 50_000 + batch; cases < Cases / Batches; seed += Batches)
        {
            Program program = Simplify.Run(RandomProgram.Create(seed));
            Program[] plans = [.. RandomPlans(program, new Random(seed))];
            if (plans.Length > 0)
            {
                cases += Check(program, plans, seed);
            }
        }
    }

    /// <summary>Programs that random rewrites lead to, each once.</summary>
    private static IEnumerable<Program> RandomPlans(Program program, Random random)
    {
        var seen = new HashSet<string> { program.ToString() };
        for (int plan = 0; plan < PlansOfProgram; plan++)
        {
            Program at = program;
            for (int step = random.Next(1, MostSteps + 1); step > 0; step--)
            {
                Program[] next = [.. PlanSearch.Neighbours(at).Select(neighbour => neighbour.Program)];
                if (next.Length == 0)
                {
                    break;
                }

                at = next[random.Next(next.Length)];
            }

            if (seen.Add(at.ToString()))
            {
                yield return at;
            }
        }
    }

    private static int Check(Program program, Program[] plans, int seed)
    {
        GeneratedProgram[] kernels = [.. plans.Select(plan => ProgramCompiler.Compile(plan, new() { Cache = null }).Load())];
        foreach (int graphSeed in Graphs)
        {
            GraphBinding graph = RandomGraphs.Create(graphSeed).Binding;
            var arguments = Differential.Arguments(program, graph, seed, integers: true, RandomProgram.Bound);
            var expected = Differential.Reference(program, graph, arguments);
            for (int plan = 0; plan < plans.Length; plan++)
            {
                var actual = Differential.Loaded(kernels[plan], graph, arguments);
                foreach (Output output in program.Outputs)
                {
                    string? difference = Differential.Difference(actual[output.Name], expected[output.Name]);
                    Assert.True(difference is null, $"seed {seed}, graph {graphSeed}, {output.Name}: {difference}\n{program}\nas\n{plans[plan]}");
                }
            }

            foreach (Tensor tensor in arguments.Values)
            {
                tensor.Dispose();
            }
        }

        return plans.Length * Graphs.Length;
    }
}
