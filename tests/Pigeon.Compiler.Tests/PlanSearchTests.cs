using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

public sealed class PlanSearchTests
{
    private static readonly HeteroGraph Graph = HeteroGraph.Create(300, ["a", "b"],
        [.. Enumerable.Range(0, 4000).Select(i => i % 60)], [.. Enumerable.Range(0, 4000).Select(i => i % 300)],
        [.. Enumerable.Range(0, 4000).Select(i => i % 2)]);

    [Fact]
    public void Families_that_are_off_are_not_used()
    {
        foreach (RewriteFamilies family in new[] { RewriteFamilies.Reorder, RewriteFamilies.Aggregate, RewriteFamilies.Compact })
        {
            ImmutableArray<RewrittenProgram> found = Search(Attention(), family, 4);
            Assert.All(found, program => Assert.All(program.Steps, step => Assert.Equal(family, step.Family)));
            Assert.NotEmpty(found[0].Steps);
        }

        Program simple = Simplify.Run(Attention());
        Assert.Same(simple, Assert.Single(Search(simple, RewriteFamilies.None, 4)).Program);
    }

    [Fact]
    public void Many_small_products_that_are_summed_are_joined()
    {
        var p = new ProgramBuilder("relations");
        Value sum = Enumerable.Range(0, 6).Select(i => p.Input($"x{i}", Nodes, 8).Linear(p.Weight($"w{i}", IndexSpace.One, 8, 64))).Aggregate((a, b) => a + b);
        p.Return("y", sum);
        Program at = Simplify.Run(p.Build());
        while (PlanSearch.Neighbours(at).FirstOrDefault(next => next.Rule == JoinLinears.Rule).Program is { } joined)
        {
            at = joined;
        }

        Assert.Single(at.Values.OfType<Operator.TypedLinear>());
        Assert.Equal([6, 6], at.Values.OfType<Operator.Concat>().Select(concat => concat.Parts.Count));
    }

    [Fact]
    public void The_best_come_first_and_differ()
    {
        // What is computed again may turn the order of the first few, and another numbering has to save more than nothing.
        CompileOptions options = new() { Graph = Graph.Binding, Recompute = false };
        ImmutableArray<RewrittenProgram> found = PlanSearch.Run(Simplify.Run(Attention()), options, RewriteFamilies.All & ~RewriteFamilies.Number, 5);
        Assert.Equal(5, found.Select(program => program.Program.ToString()).Distinct().Count());
        Assert.Equal(found.Select(program => program.Seconds).Order(), found.Select(program => program.Seconds));
    }

    [Fact]
    public void Edges_are_numbered_by_their_targets_where_what_they_read_is_far()
    {
        // Every node has an edge of each of many types: its edges are far from each other, and the caches are small.
        const int nodes = 4096;
        int[] edges = [.. Enumerable.Range(0, nodes * 32)];
        HeteroGraph graph = HeteroGraph.Create(nodes, [.. Enumerable.Range(0, 32).Select(t => $"r{t}")], Array.ConvertAll(edges, e => (int)(e * 7919L % nodes)),
            Array.ConvertAll(edges, e => e % nodes), Array.ConvertAll(edges, e => e / nodes));
        MachineCosts machine = MachineCosts.Default with { Levels = [.. MachineCosts.Default.Levels.Select(level => level with { Bytes = level.Bytes / 64 })] };
        CompileOptions options = new() { Graph = graph.Binding, Lanes = 8, Threads = 1, Machine = machine };

        var p = new ProgramBuilder("attention");
        Value x = p.Input("x", Nodes, 64);
        Value w = p.Weight("w", EdgeTypes, 64, 64);
        Value messages = x.At(Src).Linear(w, EType);
        Value logits = messages.Linear(p.Weight("q", IndexSpace.One, 64, 1)) + x.At(Dst).Linear(w, EType).Linear(p.Weight("k", IndexSpace.One, 64, 1));
        p.Return("y", (Nn.EdgeSoftmax(Nn.LeakyRelu(logits, 0.2), Dst) * messages).Sum(Dst));
        Program program = Simplify.Run(p.Build());

        RewrittenProgram chosen = PlanSearch.Run(program, options, RewriteFamilies.All)[0];
        RewrittenProgram without = PlanSearch.Run(program, options, RewriteFamilies.All & ~RewriteFamilies.Number)[0];
        Assert.Equal((Renumber.Rule.Name, RewriteFamilies.Number), (chosen.Steps[0].Rule, chosen.Steps[0].Family));
        Assert.DoesNotContain(without.Steps, step => step.Family == RewriteFamilies.Number);
        Assert.True(chosen.Seconds < without.Seconds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Steps_lead_to_what_is_numbered_another_way(bool hasBlocks)
    {
        Program program = Simplify.Run(hasBlocks ? Layers.Hgt(8, 4) : Attention());
        RewrittenProgram[] found = [.. Search(program, RewriteFamilies.All, 64)];
        Assert.Equal(found.Length, found.Select(one => one.Program.ToString()).Distinct().Count());
        RewrittenProgram[] numbered = [.. found.Where(one => one.Steps.Length > 1 && one.Steps[0].Rule == Renumber.Rule.Name)];
        Assert.NotEmpty(numbered);
        Assert.All(numbered, one =>
            Assert.Equal(one.Program.ToString(), PlanSearch.Follow(program, [.. one.Steps.Select(step => (step.Value, step.Rule))])?.ToString()));
    }

    [Fact]
    public void Searching_again_finds_the_same()
    {
        string First() => string.Join('\n', Search(Attention(), RewriteFamilies.All, 3).Select(program => program.Program));
        Assert.Equal(First(), First());
    }

    [Fact]
    public void Steps_tell_what_they_save_and_of_what()
    {
        RewrittenProgram found = Search(Attention(), RewriteFamilies.All, 1)[0];
        double before = Search(Attention(), RewriteFamilies.None, 1)[0].Seconds;
        Assert.Equal(before - found.Seconds, found.Steps.Sum(step => step.Saved), 1e-12);
        RewriteStep first = found.Steps[0];
        string[] lines = Simplify.Run(Attention()).ToString().Split('\n');
        Assert.Contains($"  %{first.Value} = {first.Text}", lines);
    }

    [Fact]
    public void Alternatives_have_the_author_and_the_chosen_once_each()
    {
        ImmutableArray<PlanAlternative> all = PlanAlternatives.Of(Attention(), new() { Graph = Graph.Binding }, 3);
        string[] names = [.. all.SelectMany(a => a.Names)];
        Assert.Equal(["author's order", "chosen", "number 2", "number 3", "only aggregate", "only compact", "only join", "only number", "only reorder",
            "without aggregate", "without compact", "without join", "without number", "without reorder"], names.Order(StringComparer.Ordinal));
        Assert.Equal(all.Length, all.Select(a => a.Rewritten.Program.ToString()).Distinct().Count());
    }

    private static ImmutableArray<RewrittenProgram> Search(Program program, RewriteFamilies families, int count) =>
        PlanSearch.Run(Simplify.Run(program), new() { Graph = Graph.Binding }, families, count);

    /// <summary>Messages that are weighed by their logits: reordering, compaction and aggregation all fit somewhere.</summary>
    private static Program Attention()
    {
        var p = new ProgramBuilder("attention");
        Value x = p.Input("x", Nodes, 32);
        Value w = p.Weight("w", EdgeTypes, 32, 32);
        Value messages = x.At(Src).Linear(w, EType);
        Value logits = x.At(Dst).Linear(w, EType).Linear(p.Weight("q", IndexSpace.One, 32, 1));
        p.Return("y", (messages * logits).Sum(Dst));
        return p.Build();
    }
}
