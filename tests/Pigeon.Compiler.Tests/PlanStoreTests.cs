using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

public sealed class PlanStoreTests : IDisposable
{
    private static readonly HeteroGraph Graph = HeteroGraph.Create(300, ["a"], [.. Enumerable.Range(0, 4000).Select(i => i % 60)],
        [.. Enumerable.Range(0, 4000).Select(i => i % 300)], new int[4000]);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pigeon-plans");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void An_answer_is_found_again_and_is_the_same()
    {
        string first = Chosen();
        string[] kept = Kept();
        Assert.Single(kept);
        Assert.Equal(first, Chosen());
        Assert.Equal(kept, Kept());
        Assert.NotEqual(Simplify.Run(Program()).ToString(), first);
    }

    [Fact]
    public void A_stored_answer_is_followed()
    {
        // An answer that the search would not give: nothing is done.
        Chosen();
        string stored = Kept()[0];
        string[] lines = File.ReadAllLines(stored);
        Program simple = Simplify.Run(Program());
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(simple.ToString())));
        File.WriteAllText(stored, $"{lines[0]}\n= {hash}\n");
        Assert.Equal(simple.ToString(), Chosen());
    }

    [Fact]
    public void A_stored_numbering_is_followed()
    {
        string expected = Chosen();
        string stored = Kept()[0];
        Program simple = Simplify.Run(Program());
        Program numbered = PlanSearch.Neighbours(simple).First(next => next.Rule == Renumber.Rule).Program;
        int place = Array.FindIndex([.. simple.Values], op => op is Operator.Reduce);
        File.WriteAllText(stored, $"pigeon plan 1\n{place} number\n= {PlanStore.HashOf(numbered.ToString())}\n");
        Assert.Equal(numbered.ToString(), Chosen());

        // By what is no reduction nothing is numbered.
        File.WriteAllText(stored, $"pigeon plan 1\n0 number\n= {PlanStore.HashOf(numbered.ToString())}\n");
        Assert.Equal(expected, Chosen());
    }

    [Fact]
    public void Damaged_answers_are_ignored()
    {
        string expected = Chosen();
        string stored = Kept()[0];
        string good = File.ReadAllText(stored);
        string[] damaged =
        [
            "", "\n", "nonsense", good[..^1], good[..(good.Length / 2)], good.Replace("plan 1", "plan 2", StringComparison.Ordinal),
            good + "more\n", good.Replace("= ", "= 0", StringComparison.Ordinal), "pigeon plan 1\n99999 compact\n= 0\n",
            "pigeon plan 1\n-1 compact\n= 0\n", "pigeon plan 1\n0 compact\n= 0\n", "pigeon plan 1\n3 no such rule\n= 0\n",
            string.Concat(Enumerable.Repeat("x", 2_000_000)),
        ];
        foreach (string text in damaged)
        {
            File.WriteAllText(stored, text);
            Assert.Equal(expected, Chosen());
            Assert.Equal(good, File.ReadAllText(stored));
        }
    }

    [Fact]
    public void Another_graph_or_machine_has_an_answer_of_its_own()
    {
        Chosen();
        Chosen(graph: HeteroGraph.Create(300, ["a"], new int[4000], [.. Enumerable.Range(0, 4000).Select(i => i % 299)], new int[4000]));
        Chosen(machine: MachineCosts.Default with { Neighbour = 1e3 });
        Assert.Equal(3, Kept().Length);
    }

    [Fact]
    public void A_tuner_is_asked_once_and_overrules_the_costs()
    {
        var tuner = new Last();
        string first = Chosen(tuner: tuner);
        Assert.Equal(first, Chosen(tuner: tuner));
        Assert.Equal(1, tuner.Asked);
        Assert.NotEqual(first, Chosen());
    }

    /// <summary>A new option stands here, or this fails: with another value of it a plan or an image that was kept must not be found.</summary>
    [Fact]
    public void Every_option_that_plan_or_code_depend_on_is_described()
    {
        CompileOptions given = new() { Lanes = 8, Threads = 1, Graph = Graph.Binding };
        var described = new Dictionary<string, CompileOptions>
        {
            [nameof(given.Lanes)] = given with { Lanes = 4 },
            [nameof(given.Fuse)] = given with { Fuse = false },
            [nameof(given.Threads)] = given with { Threads = 2 },
            [nameof(given.Graph)] = given with { Graph = null },
            [nameof(given.Rewrites)] = given with { Rewrites = RewriteFamilies.Reorder },
            [nameof(given.FixedWeights)] = given with { FixedWeights = true },
            [nameof(given.Storage)] = given with { Storage = ElementType.BF16 },
            [nameof(given.Recompute)] = given with { Recompute = false },
            [nameof(given.StoresBefore)] = given with { StoresBefore = false },
            [nameof(given.FoldsWeights)] = given with { FoldsWeights = false },
            [nameof(given.SpendsMemory)] = given with { SpendsMemory = false },
            [nameof(given.OnlineSoftmax)] = given with { OnlineSoftmax = true },
            [nameof(given.NeighbourBlocks)] = given with { NeighbourBlocks = false },
            [nameof(given.NarrowProducts)] = given with { NarrowProducts = false },
            [nameof(given.OrdersKernels)] = given with { OrdersKernels = false },
            [nameof(given.AtomicSums)] = given with { AtomicSums = true },
            [nameof(given.Machine)] = given with { Machine = MachineCosts.Default with { LaunchNs = 1 } },
        };

        // Programs are not looked up where a limit, a tuner or a trace is given; the folder says where, not what.
        string[] others = [nameof(given.Memory), nameof(given.Fitted), nameof(given.Tuner), nameof(given.Trace), nameof(given.Cache)];
        Assert.Equal(typeof(CompileOptions).GetProperties().Select(property => property.Name).Order(), described.Keys.Concat(others).Order());
        string text = PlanStore.Describe(Program(), given);
        Assert.All(described, option => Assert.NotEqual(text, PlanStore.Describe(Program(), option.Value)));
    }

    private static Program Program()
    {
        var p = new ProgramBuilder("stored");
        p.Return("y", p.Input("x", Nodes, 64).At(Src).Linear(p.Weight("w", EdgeTypes, 64, 64), EType).Sum(Dst));
        return p.Build();
    }

    private string[] Kept() => [.. folder.GetFiles("*.plan").Select(file => file.FullName)];

    private string Chosen(HeteroGraph? graph = null, MachineCosts? machine = null, IPlanTuner? tuner = null) => ChooseRewrites.Run(Simplify.Run(Program()), new()
    {
        Graph = (graph ?? Graph).Binding,
        Machine = machine ?? MachineCosts.Default,
        Tuner = tuner,
        Cache = folder,
    }).ToString();

    private sealed class Last : IPlanTuner
    {
        public int Asked { get; private set; }

        public int Count => 2;

        public int Choose(ImmutableArray<PlanAlternative> alternatives, GraphBinding graph, CompileOptions options)
        {
            Asked++;
            Assert.Equal((RewriteFamilies.None, null), (options.Rewrites, options.Tuner));
            Assert.Same(Graph.Binding, graph);
            return alternatives.Length - 1;
        }
    }
}
