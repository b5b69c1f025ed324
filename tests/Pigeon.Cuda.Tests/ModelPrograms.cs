using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Tests;

/// <summary>The models, as they are and as a training step with Adam.</summary>
internal static class ModelPrograms
{
    /// <summary>A model.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="training">Whether a training step.</param>
    /// <param name="inWidth">The width of its input.</param>
    /// <param name="outWidth">The width of its output.</param>
    /// <param name="heads">Its heads.</param>
    /// <param name="squares">Whether the loss is a sum of squares, in which nothing cancels out, and not of products.</param>
    public static Program Create(string name, bool training, int inWidth = 64, int outWidth = 64, int heads = 1, bool squares = false)
    {
        Dictionary<string, string> options = name == "rgcn" ? [] : new() { ["heads"] = FormattableString.Invariant($"{heads}") };
        Program program = ModelCatalog.Find(name).Create(options, inWidth, outWidth).Program;
        if (!training)
        {
            return program;
        }

        var p = new ProgramBuilder(program.Name);
        Value[] values = [.. program.Values.Select(p.Add)];
        Value y = values[program.Outputs[0].Value];
        Value c = p.Input("projection", y.Type.Space, [.. y.Type.Row.Extents]);
        Value sum = (squares ? (y - c) * (y - c) : y * c).Reshape((int)y.Type.Row.Width).RowReduce(ReduceKind.Sum, 0).Reshape().Sum(new Map.Unit(y.Type.Space));
        p.Return("loss", sum);
        return TrainingStep.Create(p.Build(), "loss", new Optimiser.Adam()).Program;
    }

    /// <summary>A model that comes with its task, small, and a small batch of it.</summary>
    public static (Program Program, GraphBinding Batch) OfTask(string name, bool training)
    {
        Dictionary<string, string> options = name == "tpgn" ? new() { ["length"] = "72", ["horizon"] = "48" }
            : new() { ["facets"] = "2", ["facet_width"] = "8", ["rounds"] = "2", ["pooling"] = name == "epignn-min" ? "min" : "product" };
        ITaskModel model = ModelCatalog.FindOfTask(name.Split('-')[0])!;
        Program program = training
            ? TrainingStep.Create(model.CreateLoss(options), "loss", new Optimiser.Adam { WeightDecay = 0.01, Decoupled = true }).Program
            : model.Create(options);
        return (program, name == "tpgn" ? WindowSchema.Bind(windows: 2, rows: 3, columns: 24) : Questions(training));
    }

    /// <summary>A path, two ways from head to tail, repeated edges with a self loop, and nodes without edges.</summary>
    private static GraphBinding Questions(bool training)
    {
        RelationQuery[] queries =
        [
            new(3, [0, 1], [1, 2], [0, 1], 0, 2, 2), new(4, [0, 1, 0, 3], [1, 2, 3, 2], [2, 0, 1, 1], 0, 2, 0),
            new(2, [0, 0, 1], [1, 1, 1], [0, 0, 2], 0, 1, 1), new(5, [4], [2], [1], 4, 2, 1),
        ];
        var draw = new Random(1);
        return new QueryBatch(new("questions", ["a", "b", "c"], [.. queries])).Bind([0, 1, 2, 3], training ? draw.Next : null);
    }

    /// <summary>A program's plan without what plans for a GPU are without.</summary>
    public static Plan PlanOf(Program program, CompileOptions? options = null) =>
        ProgramCompiler.Plan(program, (options ?? new()) with { StoresBefore = false, NeighbourBlocks = false, NarrowProducts = false });

    /// <summary>A program's kernels for GPUs; images that were compiled once are kept.</summary>
    public static (CudaSource Source, CompiledCuda Compiled) Compile(Program program, int architecture = 80, CompileOptions? options = null,
        GemmPrecision precision = GemmPrecision.F32)
    {
        CudaSource source = CudaEmitter.Emit(PlanOf(program, options), precision, options?.AtomicSums ?? false);
        return (source, Nvrtc.Compile(new(program.Name, source.Source, source.Headers), architecture, ImageCache.Default()));
    }
}
