using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Tests;

/// <summary>The three models, as they are and as a training step with Adam.</summary>
internal static class ModelPrograms
{
    /// <summary>A model.</summary>
    public static Program Create(string name, bool training, int inWidth = 64, int outWidth = 64, int heads = 1)
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
        Value sum = (y * c).Reshape((int)y.Type.Row.Width).RowReduce(ReduceKind.Sum, 0).Reshape().Sum(new Map.Unit(y.Type.Space));
        p.Return("loss", sum);
        return TrainingStep.Create(p.Build(), "loss", new Optimiser.Adam()).Program;
    }

    /// <summary>A program's kernels for GPUs; images that were compiled once are kept.</summary>
    public static (CudaSource Source, CompiledCuda Compiled) Compile(Program program, int architecture = 80, CompileOptions? options = null)
    {
        CudaSource source = CudaEmitter.Emit(ProgramCompiler.Plan(program, options));
        return (source, Nvrtc.Compile(new(program.Name, source.Source, source.Headers), architecture, ImageCache.Default()));
    }
}
