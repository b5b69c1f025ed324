using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>The alternatives of a plan, compiled, counted and, where asked for, measured.</summary>
internal sealed class Explanation
{
    /// <summary>The name of the chosen plan with every value stored that it computes again.</summary>
    public const string Stored = "stored, not recomputed";

    /// <summary>The name of the best plan that neither reorders nor compacts.</summary>
    public const string Plain = "without reorder and compact";

    private const ulong Seed = 1;
    private readonly BenchWork work;
    private readonly string dataset;
    private readonly CompileOptions options;
    private readonly ImmutableArray<PlanAlternative> alternatives;
    private readonly CompiledProgram[] compiled;

    /// <summary>Finds and compiles the alternatives.</summary>
    /// <param name="work">What is explained.</param>
    /// <param name="dataset">The graph's name.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="options">How plans are chosen.</param>
    /// <param name="count">How many of the best plans there are.</param>
    /// <param name="cancellation">Asked between compilations.</param>
    /// <param name="worst">
    /// How many times as long as the chosen plan others may be predicted to take; the author's order and the best without reordering and
    /// compaction are always there.
    /// </param>
    public Explanation(BenchWork work, string dataset, GraphBinding graph, CompileOptions options, int count, CancellationToken cancellation,
        double worst = double.PositiveInfinity)
    {
        (this.work, this.dataset, Graph) = (work, dataset, graph);
        this.options = options with { Graph = graph, FixedWeights = work.Mode == BenchWork.Inference };

        // They are rewritten already.
        CompileOptions asTheyAre = this.options with { Rewrites = RewriteFamilies.None, Tuner = null };
        ImmutableArray<PlanAlternative> found = Named(WithPlain(PlanAlternatives.Of(work.Program, this.options with { Tuner = null }, count)));
        var all = new List<(PlanAlternative Alternative, CompileOptions Options)>(found.Select(alternative => (alternative, asTheyAre)));
        PlanAlternative chosen = found.Single(alternative => alternative.Names.Contains(PlanAlternatives.Chosen));
        if (Text(chosen, asTheyAre) != Text(chosen, asTheyAre with { Recompute = false }))
        {
            all.Add((chosen with { Names = [Stored] }, asTheyAre with { Recompute = false }));
        }

        all.RemoveAll(each => each.Alternative.Rewritten.Seconds > worst * chosen.Rewritten.Seconds &&
            !each.Alternative.Names.Contains(PlanAlternatives.Author) && !each.Alternative.Names.Contains(Plain));
        (alternatives, compiled) = Compile(all, cancellation);
    }

    private GraphBinding Graph { get; }

    /// <summary>The report.</summary>
    /// <param name="threads">The threads of a run.</param>
    /// <param name="rounds">The rounds to measure; 0 to measure nothing, null for enough of them.</param>
    /// <param name="cancellation">Asked between runs.</param>
    /// <param name="kernels">Whether to tell the kernels of each.</param>
    public ExplainReport Report(int threads, int? rounds, CancellationToken cancellation, bool kernels = false)
    {
        (double[]? measured, double[][]? kernelsMeasured) = rounds == 0 ? (null, null) : Measure(threads, rounds, kernels, cancellation);
        ExplainedPlan[] plans = [.. alternatives.Select((alternative, i) => Describe(alternative, compiled[i], measured?[i], threads,
            kernels ? Kernels(compiled[i].Plan, kernelsMeasured?[i]) : null)).OrderBy(plan => plan.PredictedMs)];
        IEnumerable<IndexSpace> spaces = compiled.SelectMany(plan => plan.Source.Signature.Spaces).Distinct()
            .Where(space => space is not IndexSpace.OneSpace).OrderBy(space => space.ToString(), StringComparer.Ordinal);
        return new(work.Model, dataset, work.Mode, work.In, work.Out, CountOf(HeteroSchema.Nodes), CountOf(HeteroSchema.Edges), [.. spaces.Select(space => new SpaceRows(space.ToString(), Graph.SizeOf(space)))], plans);
    }

    /// <summary>The chosen program, pass by pass.</summary>
    public IReadOnlyList<TracedPass> Passes()
    {
        var passes = new List<TracedPass>();
        ProgramCompiler.Plan(work.Program, options with { Trace = (name, program) => passes.Add(new(name, program)) });
        return passes;
    }

    /// <summary>The predicted nanoseconds of each kernel of a plan.</summary>
    public IReadOnlyList<double> NanosecondsOf(Plan plan)
    {
        double[] prices = options.Machine.ToArray();
        return [.. PlanAlternatives.Counts(plan, options).Select(kernel => kernel.Select((count, i) => count * prices[i]).Sum())];
    }

    /// <summary>The plan that has a name.</summary>
    public Plan PlanOf(string name) => compiled[alternatives.IndexOf(alternatives.Single(a => a.Names.Contains(name)))].Plan;

    /// <summary>How often each of the machine's costs goes into the prediction of the plan that has a name.</summary>
    public IReadOnlyList<double> CountsOf(string name)
    {
        var kernels = PlanAlternatives.Counts(PlanOf(name), options);
        return [.. kernels[0].Select((_, cost) => kernels.Sum(kernel => kernel[cost]))];
    }

    /// <summary>What a kernel does on the graph.</summary>
    public PlanCost CostOf(Plan plan, Kernel kernel) => PlanCost.Of(plan, kernel, Graph);

    private ImmutableArray<PlanAlternative> WithPlain(ImmutableArray<PlanAlternative> all)
    {
        RewriteFamilies others = options.Rewrites & ~(RewriteFamilies.Reorder | RewriteFamilies.Compact);
        RewrittenProgram plain = PlanAlternatives.Best(work.Program, options with { Rewrites = others, Tuner = null });
        PlanAlternative? same = all.FirstOrDefault(a => a.Rewritten.Program.ToString() == plain.Program.ToString());
        return same is null ? all.Add(new([Plain], plain)) : all.Replace(same, same with { Names = same.Names.Add(Plain) });
    }

    private static string Text(PlanAlternative alternative, CompileOptions options) => ProgramCompiler.Plan(alternative.Rewritten.Program, options).ToString();

    /// <summary>Compiles them. Programs of the same machine code are one alternative, with all their names: to measure both would tell the noise.</summary>
    private static (ImmutableArray<PlanAlternative> Alternatives, CompiledProgram[] Compiled) Compile(
        IEnumerable<(PlanAlternative Alternative, CompileOptions Options)> all, CancellationToken cancellation)
    {
        var alternatives = new List<PlanAlternative>();
        var compiled = new List<CompiledProgram>();
        foreach ((PlanAlternative alternative, CompileOptions options) in all)
        {
            cancellation.ThrowIfCancellationRequested();
            CompiledProgram program = ProgramCompiler.Compile(alternative.Rewritten.Program, options);
            int same = compiled.FindIndex(other => other.Image.AsSpan().SequenceEqual(program.Image.AsSpan()));
            if (same >= 0)
            {
                alternatives[same] = alternatives[same] with { Names = [.. alternatives[same].Names, .. alternative.Names] };
            }
            else
            {
                alternatives.Add(alternative);
                compiled.Add(program);
            }
        }

        return ([.. alternatives], [.. compiled]);
    }

    private int? CountOf(IndexSpace space) => Graph.Sizes.TryGetValue(space.ToString(), out int count) ? count : null;

    /// <summary>Where plans are tried, the one that was the fastest gets another name.</summary>
    private ImmutableArray<PlanAlternative> Named(ImmutableArray<PlanAlternative> all)
    {
        if (options.Tuner is null)
        {
            return all;
        }

        string tuned = Passes().Single(pass => pass.Name == "choose-rewrites").Program.ToString();
        return [.. all.Select(a => a.Rewritten.Program.ToString() == tuned ? a with { Names = a.Names.Add("tuned") } : a)];
    }

    private (double[] Programs, double[][]? Kernels) Measure(int threads, int? rounds, bool kernels, CancellationToken cancellation)
    {
        var numbers = new Dictionary<string, float[]>([.. RandomWeights.Create(work.Program, Graph, Seed),
            .. RandomWeights.CreateInputs(work.Program, Graph, Seed)]);
        foreach ((string name, float[] value) in work.Fixed(Graph))
        {
            numbers[name] = value;
        }

        using var race = new PlanRace(compiled, Graph, numbers, threads);
        return (race.Measure(rounds, cancellation), kernels ? race.MeasureKernels([.. compiled.Select(plan => plan.Plan.Kernels.Count)], cancellation) : null);
    }

    private ExplainedKernel[] Kernels(Plan plan, double[]? measured)
    {
        IReadOnlyList<double> predicted = NanosecondsOf(plan);
        ImmutableArray<double[]> counts = PlanAlternatives.Counts(plan, options);
        return [.. plan.Kernels.Items.Select((kernel, i) => (kernel, i)).Where(k => !k.kernel.Once).Select(k => new ExplainedKernel(k.kernel.Name,
            KernelTimes.Describe(k.kernel), Graph.SizeOf(k.kernel.Rows), predicted[k.i] / 1e6, measured?[k.i], counts[k.i]))];
    }

    private ExplainedPlan Describe(PlanAlternative alternative, CompiledProgram plan, double? measured, int threads, IReadOnlyList<ExplainedKernel>? kernels)
    {
        const double milliseconds = 1e3;
        PlanCost cost = PlanCost.Of(plan.Plan, Graph);
        double predicted = PlanAlternatives.Seconds(plan.Plan, options);
        return new(alternative.Names, plan.Plan.Kernels.Count(kernel => !kernel.Once), cost.Flops, cost.BytesMoved,
            MemoryEstimate.Of(plan.Source.Signature, Graph, threads).Arena, predicted * milliseconds, measured,
            [.. alternative.Rewritten.Steps.Select(step => new ExplainedStep(step.Rule, step.Value, step.Text, step.Saved * milliseconds))],
            (alternative.Rewritten.Seconds - predicted) * milliseconds, kernels);
    }
}

/// <summary>A program after a pass.</summary>
/// <param name="Name">The pass.</param>
/// <param name="Program">What it leaves.</param>
internal sealed record TracedPass(string Name, Program Program);
