using Pigeon.Compiler;
using Xunit;

namespace Pigeon.Tests;

/// <summary>
/// Passes as texts: a program, a line <c>⇒</c>, and the program that the pass makes of it, or <c>(unchanged)</c>. A file's name begins
/// with the pass.
/// </summary>
public sealed class PassTests
{
    private const string Folder = "passes";
    private const string Arrow = "\n⇒\n";
    private const string Unchanged = "(unchanged)\n";

    private static readonly Dictionary<string, Func<Program, Program>> Passes = new()
    {
        ["simplify"] = Simplify.Run,
        ["hoist-weights"] = HoistWeights.Run,
        ["separate-outputs"] = SeparateOutputs.Run,
        ["compact-tables"] = CompactTables.Run,
    };

    public static TheoryData<string> Texts => [.. TextFile.Names(Folder)];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Pass_makes_the_text_that_is_written(string name)
    {
        string text = TextFile.Read(Folder, name);
        string before = text.Split(Arrow)[0];
        Program program = ProgramParser.Parse(before, name);
        Program after = Passes[name.Split('.')[0]](program);
        string result = ReferenceEquals(program, after) ? Unchanged : after.ToString();
        TextFile.Equal(Folder, name, before.TrimEnd('\n') + Arrow + result);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Pass_run_twice_changes_nothing_more(string name)
    {
        Func<Program, Program> pass = Passes[name.Split('.')[0]];
        Program once = pass(ProgramParser.Parse(TextFile.Read(Folder, name).Split(Arrow)[0], name));
        Assert.Same(once, pass(once));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Passes_keep_the_meaning_of_random_programs(int batch)
    {
        for (int seed = batch; seed < 200; seed += 4)
        {
            Program program = RandomProgram.Create(seed);
            Kernels.GraphBinding graph = RandomGraphs.Create(seed).Binding;
            var arguments = Differential.Arguments(program, graph, seed, integers: true, RandomProgram.Bound);
            var expected = Differential.Reference(program, graph, arguments);
            Program simple = Simplify.Run(program);
            var rewrites = PlanSearch.Neighbours(simple).Select(next => (next.Rule.Name, next.Program));

            // Compact tables take other arguments; CompactTablesTests compares their meaning.
            var passes = Passes.Where(pass => pass.Key != "compact-tables").Select(pass => (pass.Key, pass.Value(program)));
            foreach ((string name, Program after) in passes.Concat(rewrites))
            {
                var actual = Differential.Reference(after, graph, arguments);
                bool same = program.Outputs.All(o => expected[o.Name].AsSpan().SequenceEqual(actual[o.Name]));
                Assert.True(same, $"{name}, seed {seed}:\n{program}\n{after}");
            }
        }
    }
}
