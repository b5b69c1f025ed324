using System.CommandLine;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;
using Pigeon.Simulator;

namespace Pigeon.Cli;

/// <summary>Measures models on graphs.</summary>
internal sealed class BenchVerb : Verb
{
    private readonly Option<string[]> models = Arguments.Words("--models", "names", "the models", "rgcn", "rgat", "hgt");
    private readonly Option<string[]> datasets = Arguments.Words("--datasets", "names", "the datasets", "default");
    private readonly Option<string?> graph = Arguments.Path("--graph", "a graph folder or file, in place of datasets");
    private readonly ModelArguments shape = new();
    private readonly Option<int> threads = Arguments.Threads(1);
    private readonly Option<int?> rounds = Arguments.OptionalCount("--rounds", "rounds to measure; otherwise at least 5, and at least a second");
    private readonly Option<bool> noUnfused = new("--no-unfused") { Description = "leave out the execution operator by operator, and the check against it" };
    private readonly Option<bool> kernels = new("--kernels") { Description = "measure each kernel by itself, and how near it is to what one core can do" };
    private readonly Option<string> mode = new("--mode")
    {
        Description = "inference, or training: forward, loss, backward and Adam as one program",
        HelpName = "mode",
        DefaultValueFactory = _ => BenchWork.Inference,
    };
    private readonly Option<string> device = DeviceArguments.Option();
    private readonly Option<bool> atomics = AtomicArguments.Option();
    private readonly PlanArguments plan = new();
    private readonly DataArguments data = new();

    protected override string Name => "bench";

    protected override string Description =>
        "Measure models on graphs: compile time, run time, and how many times faster than the same program operator by operator.";

    public override string Examples => """
          pigeon bench                                              RGCN, RGAT and HGT on a generated graph
          pigeon bench --models rgat --datasets gen:mutag,gen:fb15k --heads 4 --threads 2
          pigeon bench --graph my-graph --in 128 --out 32 --json
          pigeon bench --models hgt --kernels --no-unfused          where the time goes
          pigeon bench --storage bf16                               with rows of half the bytes
          pigeon bench --device cuda                                on the first NVIDIA GPU

        Operator by operator means: the program as its author wrote it, one operator after the other, unfused, on one thread.
        What depends on weights alone is computed once for inference, as in serving, and is not in the times.
        The results of both are compared; a relative error above 1e-5 is an internal error (training: 1e-4; rows in bf16: 1e-2 and 3e-2).
        """;

    protected override IEnumerable<Symbol> Symbols => [models, datasets, graph, .. shape.Symbols, threads, rounds, noUnfused, kernels, mode, device, atomics,
        .. plan.Symbols, data.Symbol];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        BenchWork[] works = [.. line.Split(models).Select(name => WorkOf(line, shape.Create(line, name, new Dictionary<string, string>())))];
        using IGpuDevice? gpu = DeviceArguments.Open(line.GetValue(device)!, line.Storage(plan.Storage));
        AtomicArguments.RequireGpu(line.GetValue(atomics) && gpu is null, "--device");
        if (gpu is SimulatorDevice)
        {
            terminal.Note("times are those of the simulation, which say nothing about a GPU");
        }

        Roofline? roofline = line.GetValue(kernels) ? Roofline.Measure() : null;
        var cells = new List<BenchCell>();
        foreach (Func<GraphDataset> open in Graphs(line))
        {
            GraphDataset dataset = open();
            foreach (BenchWork work in works)
            {
                terminal.Note($"{work.Model} on {dataset.Name}: {Format.Count(dataset.Graph.NodeCount)} nodes, " +
                    $"{Format.Count(dataset.Graph.EdgeCount)} edges …");
                bool withUnfused = !line.GetValue(noUnfused) && UnfusedMemory.Fits(work.Program, dataset.Graph.Binding);
                if (!withUnfused)
                {
                    terminal.Note("  without the execution operator by operator" + (line.GetValue(noUnfused) ? "" : ", which does not fit in memory"));
                }

                using var measured = new BenchCase(work, dataset, plan.Options(line, line.GetValue(threads), terminal, dataset.Graph.Binding) with { AtomicSums = line.GetValue(atomics) },
                    line.GetValue(threads), bytes => plan.RequireMemory(line, terminal, $"  {work.Model} on {dataset.Name}", bytes), gpu);
                cells.Add(measured.Measure(line.GetValue(rounds), withUnfused, roofline, cancellation));
            }
        }

        if (IsJson(line))
        {
            Json.Write(terminal, new BenchReport(cells, roofline));
        }
        else
        {
            Write(terminal, cells);
            WriteKernels(terminal, cells, roofline);
        }
    }

    private BenchWork WorkOf(ParseResult line, ModelProgram model)
    {
        string chosen = line.GetValue(mode)!;
        Arguments.RequireAmong("--mode", [chosen], BenchWork.Inference, BenchWork.Training);
        return chosen == BenchWork.Training ? BenchWork.OfTraining(model) : BenchWork.OfInference(model);
    }

    private IEnumerable<Func<GraphDataset>> Graphs(ParseResult line)
    {
        if (line.GetValue(graph) is not { } path)
        {
            return line.Split(datasets).Select<string, Func<GraphDataset>>(name => () => data.Named(line, name));
        }

        return line.GetResult(datasets) is { Implicit: false }
            ? throw new PigeonException(DiagnosticIds.OptionsConflict, "--datasets is given too", "--graph", "leave out one of them")
            : [() => data.Find(line, path)];
    }

    private static void Write(Terminal terminal, IEnumerable<BenchCell> cells)
    {
        var table = new Table("model", "graph", ">threads", ">compile ms", ">compile CPU ms", ">median ms", ">CPU ms", ">GFLOP/s", ">MiB moved", ">peak MiB",
            ">unfused ms", ">times faster");
        foreach (BenchCell cell in cells)
        {
            table.Add(cell.Model, cell.Dataset, Format.Count(cell.Threads), Format.Number(cell.CompileMs), Format.Number(cell.CompileCpuMs), Format.Number(cell.MedianMs),
                Format.Number(cell.CpuMs), Format.Number(cell.Gflops), Format.Mebibytes(cell.BytesMoved), Format.Mebibytes(cell.PeakBytes),
                Optional(cell.UnfusedMs), Optional(cell.Ratio));
        }

        table.Write(terminal);
    }

    private static void WriteKernels(Terminal terminal, IEnumerable<BenchCell> cells, Roofline? roofline)
    {
        if (roofline is null)
        {
            return;
        }

        terminal.Note($"one core: {Format.Number(roofline.Gflops)} GFLOP/s, memory {Format.Number(roofline.StreamGbs)} GB/s in order, " +
            $"{Format.Number(roofline.GatherGbs)} GB/s in random rows of 256 bytes");
        var table = new Table("model", "graph", "kernel", "does", ">rows", ">CPU ms", ">GFLOP/s", ">GB/s touched", ">% of roofline", ">% of FMA", ">% of rows");
        foreach (BenchCell cell in cells)
        {
            foreach (BenchKernel kernel in cell.PerKernel ?? [])
            {
                table.Add(cell.Model, cell.Dataset, kernel.Name, kernel.Does, Format.Count(kernel.Rows), Format.Number(kernel.CpuMs),
                    Optional(kernel.Gflops), Format.Number(kernel.TouchedGbs), Format.Number(100 * kernel.RoofShare),
                    Optional(100 * kernel.FmaShare), Optional(100 * kernel.GatherShare));
            }
        }

        table.Write(terminal);
        WriteAims(terminal, [.. cells.SelectMany(cell => cell.PerKernel ?? [])]);
    }

    /// <summary>How many kernels of each kind reach their aim, and what share of the kind's time they have.</summary>
    private static void WriteAims(Terminal terminal, IReadOnlyList<BenchKernel> kernels)
    {
        terminal.Out.WriteLine();
        var summary = new Table("kernels", ">aim %", ">reach it", ">of", ">% of their CPU ms", ">least %", ">median %");
        foreach (var kind in kernels.GroupBy(kernel => kernel.Kind).OrderBy(group => group.Key))
        {
            BenchKernel[] all = [.. kind];
            BenchKernel[] there = [.. all.Where(kernel => kernel.Share >= kernel.Aim)];
            summary.Add(NameOf(kind.Key), Format.Number(100 * all[0].Aim), Format.Count(there.Length), Format.Count(all.Length),
                Format.Number(100 * there.Sum(kernel => kernel.CpuMs) / all.Sum(kernel => kernel.CpuMs)),
                Format.Number(100 * all.Min(kernel => kernel.Share)), Format.Number(100 * BenchCase.Median([.. all.Select(kernel => kernel.Share)])));
        }

        summary.Write(terminal);
    }

    private static string NameOf(BenchKernelKind kind) => kind switch
    {
        BenchKernelKind.TypedGemm => "typed GEMM, of FMA",
        BenchKernelKind.DenseGemm => "dense GEMM, of FMA",
        BenchKernelKind.OuterSum => "weight gradient, of FMA",
        BenchKernelKind.FusedGemm => "GEMM after a traversal, of both",
        _ => "traversal, of rows read",
    };

    private static string Optional(double? number) => number is { } there ? Format.Number(there) : "-";
}
