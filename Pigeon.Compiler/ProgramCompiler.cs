using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>The way of a program to code that runs, as one list of steps.</summary>
public static class ProgramCompiler
{
    private static readonly ImmutableArray<(string Name, Func<Program, CompileOptions, Program> Run)> Passes =
    [
        ("simplify", (program, _) => Simplify.Run(program)),

        // Chosen before the order is fixed: a rewrite makes derived weights that are to be hoisted.
        ("choose-rewrites", ChooseRewrites.Run),
        ("hoist-weights", (program, _) => HoistWeights.Run(program)),
        ("separate-outputs", (program, _) => SeparateOutputs.Run(program)),
        ("recompute", Recompute.Run),
    ];

    /// <summary>Compiles a program for the CPU.</summary>
    /// <exception cref="PigeonException">PG0130: something in the program has no kernel.</exception>
    public static CompiledProgram Compile(Program program, CompileOptions? options = null)
    {
        options ??= new();
        Plan plan = Plan(program, options);
        CSharpSource source = CSharpEmitter.Emit(plan, options.Lanes);
        ImmutableArray<byte> image = CSharpCompiler.Compile(source, options.Cache, out bool fromCache);
        return new(plan, source, image, fromCache);
    }

    /// <summary>Runs the passes and plans the kernels, without emitting them.</summary>
    public static Plan Plan(Program program, CompileOptions? options = null)
    {
        options ??= new();
        options.Trace?.Invoke("author", program);
        foreach ((string name, Func<Program, CompileOptions, Program> run) in Passes)
        {
            program = run(program, options);
            options.Trace?.Invoke(name, program);
        }

        return Fuse.Run(program, options.Fuse, options.FixedWeights);
    }
}

/// <summary>A program compiled to an assembly image.</summary>
/// <param name="Plan">The plan it follows.</param>
/// <param name="Source">The generated C#.</param>
/// <param name="Image">The assembly.</param>
/// <param name="FromCache">Whether the image was compiled by an earlier run.</param>
public sealed record CompiledProgram(Plan Plan, CSharpSource Source, ImmutableArray<byte> Image, bool FromCache)
{
    /// <summary>
    /// Loads the image and creates the program, ready to be bound to a graph. Its kernels are machine code by then, so that the first
    /// run is not slower than the others.
    /// </summary>
    public GeneratedProgram Load() => GeneratedImage.Load(Image, $"{CSharpEmitter.Namespace}.{Source.ClassName}");
}
