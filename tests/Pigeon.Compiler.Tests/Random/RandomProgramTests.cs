using System.Globalization;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>
/// Random programs on random graphs: fused kernels, kernels one by one, kernels as chosen for a graph, and the evaluator agree to
/// the last bit, on one thread, on two, and on three that share rows of many neighbours. <c>PIGEON_RANDOM_PROGRAMS</c> sets how many programs, <c>PIGEON_RANDOM_SEED</c> the
/// first. What failed once stays in <c>texts/corpus</c> for ever.
/// </summary>
public sealed class RandomProgramTests
{
    private const int Batches = 6;
    private static readonly int[] Graphs = [5, 11, 17];
    private static readonly int Count = Setting("PIGEON_RANDOM_PROGRAMS", 60);
    private static readonly int First = Setting("PIGEON_RANDOM_SEED", 1000);

    private static readonly (string Name, CompileOptions Options)[] Ways =
    [
        ("fused", new() { Cache = null, Threads = 3 }),
        ("one by one", new() { Cache = null, Threads = 3, Fuse = false }),
        ("chosen", new() { Cache = null, Threads = 1, Graph = RandomGraphs.Create(Graphs[0]).Binding }),
        ("narrow", new() { Cache = null, Threads = 3, Storage = ElementType.BF16, FixedWeights = true }),
    ];

    public static TheoryData<int> BatchNumbers => [.. Enumerable.Range(0, Batches)];

    public static TheoryData<string> Corpus => [.. TextFile.Names("corpus")];

    [Theory]
    [MemberData(nameof(BatchNumbers))]
    public void Random_programs_agree_bit_for_bit(int batch)
    {
        for (int i = batch; i < Count; i += Batches)
        {
            Program program = RandomProgram.Create(First + i);
            if (Fault(program) is not null)
            {
                Program smallest = Minimiser.Run(program, smaller => Fault(smaller) is not null);
                Assert.Fail($"seed {First + i}: {Fault(smallest)}\nput this into texts/corpus:\n{smallest}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Corpus))]
    public void Program_that_failed_once_agrees(string name) =>
        Assert.Null(Fault(ProgramParser.Parse(TextFile.Read("corpus", name), name)));

    /// <summary>What is wrong with the kernels of a program; null where nothing is.</summary>
    private static string? Fault(Program program)
    {
        var plans = new HashSet<string>();
        foreach ((string way, CompileOptions options) in Ways)
        {
            try
            {
                if (!plans.Add(ProgramCompiler.Plan(program, options).ToString()))
                {
                    continue;
                }

                CompiledProgram kernels = ProgramCompiler.Compile(program, options);
                GeneratedProgram loaded = kernels.Load();
                foreach (int seed in Graphs)
                {
                    if (Fault(program, kernels.Plan, loaded, seed) is { } fault)
                    {
                        return $"{way}, graph {seed}: {fault}";
                    }
                }
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                return $"{way}: {error.GetType().Name}: {error.Message}";
            }
        }

        return null;
    }

    private static string? Fault(Program program, Plan plan, GeneratedProgram kernels, int seed)
    {
        GraphBinding graph = RandomGraphs.Create(seed).Binding;
        var arguments = Differential.Arguments(program, graph, seed, integers: true, RandomProgram.Bound);
        IReadOnlyDictionary<string, double[]> expected = plan.Elements.All(element => element == ElementType.F32)
            ? Differential.Reference(program, graph, arguments)
            : Evaluator<double>.Run(plan.Program, graph, Differential.Doubles(arguments), plan.Stored);
        foreach ((int threads, int leastShared) in new[] { (1, Partition.LeastShared), (2, Partition.LeastShared), (3, 2) })
        {
            var actual = Differential.Loaded(kernels, graph, arguments, threads, leastShared);
            foreach (Output output in program.Outputs)
            {
                if (Differential.Difference(actual[output.Name], expected[output.Name]) is { } difference)
                {
                    return $"{threads} threads: {output.Name}: {difference}";
                }
            }
        }

        foreach (Tensor tensor in arguments.Values)
        {
            tensor.Dispose();
        }

        return null;
    }

    private static int Setting(string variable, int fallback)
    {
        string? text = Environment.GetEnvironmentVariable(variable);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : fallback;
    }
}
