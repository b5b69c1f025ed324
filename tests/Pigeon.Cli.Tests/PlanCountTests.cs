using System.Globalization;
using System.Text;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Cli.Tests;

/// <summary>
/// What plans do, counted: kernels, floating-point operations, bytes, and the arena's peak, for every model, graph and mode. Times are noisy,
/// counts are not. A change that is meant to change them is blessed with <c>PIGEON_BLESS=1</c>.
/// </summary>
public sealed class PlanCountTests
{
    private static readonly string[] Graphs = ["gen:aifb", "gen:mutag", "gen:fb15k@0.2", "gen:biokg@0.02", "gen:mag@0.005"];

    [Fact]
    public void Plans_do_what_the_table_says()
    {
        var table = new StringBuilder("model graph mode kernels mflop kib-moved kib-arena rewrites\n");
        foreach (string name in Graphs)
        {
            HeteroGraph graph = DatasetRegistry.Open(name).Graph;
            foreach (string model in new[] { "rgcn", "rgat", "hgt" })
            {
                var options = model == "rgcn" ? [] : new Dictionary<string, string> { ["heads"] = "4" };
                ModelProgram program = ModelCatalog.Find(model).Create(options, 64, 64);
                Count(table, BenchWork.OfInference(program), name, graph);
                Count(table, BenchWork.OfTraining(program), name, graph);
            }
        }

        string path = Path.Combine(Repository.Root, "tests", "Pigeon.Cli.Tests", "plan-counts.txt");
        if (Environment.GetEnvironmentVariable("PIGEON_BLESS") == "1")
        {
            File.WriteAllText(path, table.ToString());
        }

        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), table.ToString());
    }

    private static void Count(StringBuilder table, BenchWork work, string name, HeteroGraph graph)
    {
        const int kilo = 1024;
        const int lanes = 16;
        var options = new CompileOptions { Graph = graph.Binding, Lanes = lanes, Threads = 2, Cache = null };
        RewrittenProgram chosen = PlanAlternatives.Best(work.Program, options);
        Plan plan = ProgramCompiler.Plan(chosen.Program, options with { Graph = null });
        PlanCost cost = PlanCost.Of(plan, graph.Binding);
        long arena = MemoryEstimate.Of(CSharpEmitter.Emit(plan, lanes).Signature, graph.Binding, threads: 1).Arena;
        table.Append(CultureInfo.InvariantCulture, $"{work.Model} {name} {work.Mode} {plan.Kernels.Count} {cost.Flops / 1e6:F1} ")
            .Append(CultureInfo.InvariantCulture, $"{cost.BytesMoved / kilo} {arena / kilo} {chosen.Steps.Length}\n");
    }
}
