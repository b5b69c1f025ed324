using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Tests;

/// <summary>The three models, as they are and as a training step with Adam.</summary>
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

    /// <summary>A program's kernels for GPUs; images that were compiled once are kept.</summary>
    public static (CudaSource Source, CompiledCuda Compiled) Compile(Program program, int architecture = 80, CompileOptions? options = null,
        GemmPrecision precision = GemmPrecision.F32)
    {
        CudaSource source = CudaEmitter.Emit(ProgramCompiler.Plan(program, options), precision);
        return (source, Nvrtc.Compile(new(program.Name, source.Source, source.Headers), architecture, ImageCache.Default()));
    }
}
