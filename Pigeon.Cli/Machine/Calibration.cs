using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Cli;

/// <summary>
/// Measures what a machine takes for the parts that kernels are made of. Small programs, each mostly one of the parts, and the models
/// themselves are compiled and run; the costs are those under which the predictions come closest.
/// </summary>
internal static class Calibration
{
    private const ulong Seed = 1;

    /// <summary>What takes less is mostly the beginning of a kernel and the clock.</summary>
    private const double LeastMs = 0.02;

    /// <summary>Measures.</summary>
    /// <param name="cancellation">Asked between programs.</param>
    public static CalibrationReport Run(CancellationToken cancellation)
    {
        MachineCosts machine = MachineCosts.Default with { Levels = Levels() };
        var samples = new List<(string Name, double[] Counts, double Ns)>();
        foreach ((string name, Program program, GraphBinding graph) in Programs())
        {
            cancellation.ThrowIfCancellationRequested();
            samples.AddRange(Measure(name, program, graph, machine, cancellation));
        }

        MachineCosts fitted = machine.With(CostFit.Solve([.. samples.Select(s => s.Counts)], [.. samples.Select(s => s.Ns)], machine.ToArray()));
        double[] prices = fitted.ToArray();
        const double milliseconds = 1e-6;
        return new(MachineCostsFile.Machine, null, [.. fitted.Names.Zip(prices, machine.ToArray()).Select(c => new CalibratedCost(c.First, c.Second, c.Third))],
            [.. samples.Select(s => new CalibrationSample(s.Name, s.Ns * milliseconds, s.Counts.Select((count, i) => count * prices[i]).Sum() * milliseconds, s.Counts))])
        {
            Costs = fitted,
        };
    }

    /// <summary>Each kernel by itself: the costs of a model's kernels would hide behind its sum.</summary>
    private static IEnumerable<(string Name, double[] Counts, double Ns)> Measure(string name, Program program, GraphBinding graph, MachineCosts machine,
        CancellationToken cancellation)
    {
        const double nanoseconds = 1e6;
        CompiledProgram compiled = ProgramCompiler.Compile(program);
        ImmutableArray<double[]> counts = PlanAlternatives.Counts(compiled.Plan, new() { Graph = graph, Machine = machine });
        var numbers = new Dictionary<string, float[]>([.. RandomWeights.Create(program, graph, Seed), .. RandomWeights.CreateInputs(program, graph, Seed)]);
        using var race = new PlanRace([compiled], graph, numbers, threads: 1);
        double[] times = race.MeasureKernels([counts.Length], cancellation)[0];
        return [.. compiled.Plan.Kernels.Items.Select((kernel, i) => (kernel, i)).Where(k => !k.kernel.Once && times[k.i] >= LeastMs)
            .Select(k => (counts.Length == 1 ? name : $"{name}, {k.kernel.Name}", counts[k.i], times[k.i] * nanoseconds))];
    }

    /// <summary>
    /// The sizes of the caches, where the system tells: what fits the second level, what fits it nearly, half of the third, which others
    /// use too, and the rest.
    /// </summary>
    private static EquatableArray<MemoryLevel> Levels()
    {
        const int nearly = 4;
        EquatableArray<MemoryLevel> standard = MachineCosts.Default.Levels;
        long second = CacheBytes(2) ?? standard[0].Bytes;
        long third = Math.Max((CacheBytes(3) ?? (2 * standard[2].Bytes)) / 2, 2 * nearly * second);
        return [standard[0] with { Bytes = second }, standard[1] with { Bytes = nearly * second }, standard[2] with { Bytes = third }, standard[3]];
    }

    private static long? CacheBytes(int level)
    {
        try
        {
            foreach (string folder in Directory.EnumerateDirectories("/sys/devices/system/cpu/cpu0/cache", "index*"))
            {
                if (File.ReadAllText(Path.Combine(folder, "level")).Trim() == level.ToString(CultureInfo.InvariantCulture) &&
                    File.ReadAllText(Path.Combine(folder, "size")).Trim() is [.. var digits, 'K'] &&
                    long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long size))
                {
                    return size << 10;
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not every system has these files: the estimates stand.
        }

        return null;
    }

    private static IEnumerable<(string Name, Program Program, GraphBinding Graph)> Programs()
    {
        GraphBinding small = Random(1_000, 20_000, 8);
        GraphBinding middle = Random(20_000, 100_000, 8);
        GraphBinding many = Random(20_000, 100_000, 2_000);
        GraphBinding large = Random(400_000, 400_000, 8);
        foreach ((string size, GraphBinding graph) in new[] { ("small", small), ("middle", middle), ("large", large) })
        {
            foreach (int width in new[] { 4, 16, 64 })
            {
                yield return ($"sum of {width}, {size}", Of(p => p.Input("x", Nodes, width).At(Src).Sum(Dst)), graph);
            }

            yield return ($"linear of 64, {size}", Of(p => p.Input("x", Nodes, 64).At(Src).Linear(p.Weight("w", EdgeTypes, 64, 64), EType)), graph);
        }

        foreach ((string types, GraphBinding graph) in new[] { ("8 types", middle), ("2,000 types", many) })
        {
            yield return ($"linear 64 to 64, {types}", Of(p => p.Input("x", Edges, 64).Linear(p.Weight("w", EdgeTypes, 64, 64), EType)), graph);
            yield return ($"linear 64 to 4, {types}", Of(p => p.Input("x", Edges, 64).Linear(p.Weight("w", EdgeTypes, 64, 4), EType)), graph);
            yield return ($"linear 4 to 64, {types}", Of(p => p.Input("x", Edges, 4).Linear(p.Weight("w", EdgeTypes, 4, 64), EType)), graph);
            yield return ($"linear 64 to 1, {types}", Of(p => p.Input("x", Edges, 64).Linear(p.Weight("w", EdgeTypes, 64, 1), EType)), graph);
            yield return ($"dot of 64, {types}", Of(p => Nn.Dot(p.Input("x", Nodes, 64).At(Dst), p.Weight("w", EdgeTypes, 64).At(EType)).Sum(Dst)), graph);
            yield return ($"4 blocks of 16, {types}", Of(p => p.Input("x", Edges, 4, 16).Linear(p.Weight("w", EdgeTypes, 4, 16, 16), EType)), graph);
            yield return ($"gradient 64 to 64, {types}", Of(p => p.Add(new Operator.OuterSum(p.Input("x", Edges, 64).Id, p.Input("y", Edges, 64).Id, EType))), graph);
            yield return ($"gradient 64 to 4, {types}", Of(p => p.Add(new Operator.OuterSum(p.Input("x", Edges, 64).Id, p.Input("y", Edges, 4).Id, EType))), graph);
            yield return ($"gradient of 4 blocks of 16, {types}",
                Of(p => p.Add(new Operator.OuterSum(p.Input("x", Edges, 4, 16).Id, p.Input("y", Edges, 4, 16).Id, EType, Blocks: true))), graph);
        }

        yield return ("exp", Of(p => (p.Input("x", Nodes, 64) * 0.1).Unary(UnaryFunction.Exp).Unary(UnaryFunction.Exp)), small);
        yield return ("arithmetic", Of(p => Enumerable.Range(0, 30).Aggregate(p.Input("x", Nodes, 64), (x, i) => (x * 0.5) + (i * 0.01))), small);
        yield return ("softmax of 4", Of(p => Nn.EdgeSoftmax(p.Input("x", Edges, 4), Dst)), middle);
        yield return ("dot of 4 × 16", Of(p => Nn.Dot(p.Input("x", Nodes, 4, 16).At(Src), p.Input("z", Nodes, 4, 16).At(Dst))), middle);
        foreach (string name in new[] { "rgcn", "rgat", "hgt" })
        {
            IModel model = ModelCatalog.Find(name);
            var options = new Dictionary<string, string>();
            if (model.Options.Any(option => option.Name == "heads"))
            {
                options["heads"] = "4";
            }

            ModelProgram program = model.Create(options, 64, 64);
            yield return (name, program.Program, middle);
            yield return ($"{name}, training", BenchWork.OfTraining(program).Program, many);
        }
    }

    private static Program Of(Func<ProgramBuilder, Value> body)
    {
        var p = new ProgramBuilder("part");
        p.Return("y", body(p));
        return p.Build();
    }

    private static GraphBinding Random(int nodes, int edges, int types)
    {
        var random = new Random(1);
        return HeteroGraph.Create(nodes, [.. Enumerable.Range(0, types).Select(type => $"t{type.ToString(CultureInfo.InvariantCulture)}")],
            [.. Enumerable.Range(0, edges).Select(_ => random.Next(nodes))], [.. Enumerable.Range(0, edges).Select(_ => random.Next(nodes))],
            [.. Enumerable.Range(0, edges).Select(_ => random.Next(types))]).Binding;
    }
}

/// <summary>What was measured.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="File">The file that it is kept in; null where it is not.</param>
/// <param name="Parts">The costs.</param>
/// <param name="Samples">The programs that they were fitted to.</param>
internal sealed record CalibrationReport(string Machine, string? File, IReadOnlyList<CalibratedCost> Parts, IReadOnlyList<CalibrationSample> Samples)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public MachineCosts Costs { get; init; } = MachineCosts.Default;
}

/// <summary>A cost in nanoseconds.</summary>
internal sealed record CalibratedCost(string Name, double Ns, double EstimateNs);

/// <summary>A kernel that was measured, how often each cost goes into it, and what the costs predict for it.</summary>
internal sealed record CalibrationSample(string Program, double MeasuredMs, double PredictedMs, IReadOnlyList<double> Counts);
