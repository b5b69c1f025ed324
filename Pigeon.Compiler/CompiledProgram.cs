using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// A program compiled to an assembly image. Running it needs the image alone: where that comes from the cache, plan and source are made when
/// they are asked for, and are the same again, since they depend on the program and the options only.
/// </summary>
public sealed class CompiledProgram
{
    private readonly string className;
    private readonly Lazy<Plan> plan;
    private readonly Lazy<CSharpSource> source;

    private CompiledProgram(Plan plan, CSharpSource source, ImmutableArray<byte> image, bool fromCache)
    {
        (this.plan, this.source, Image, FromCache) = (new(plan), new(source), image, fromCache);
        className = source.ClassName;
    }

    internal CompiledProgram(Program program, CompileOptions options, ImmutableArray<byte> image)
    {
        (Image, FromCache) = (image, true);
        plan = new(() => ProgramCompiler.Plan(program, options));
        source = new(() => CSharpEmitter.Emit(plan.Value, options.Lanes, options.SharesRows));
        className = CSharpEmitter.ClassNameOf(program.Name);
    }

    /// <summary>The plan it follows.</summary>
    public Plan Plan => plan.Value;

    /// <summary>The generated C#.</summary>
    public CSharpSource Source => source.Value;

    /// <summary>The assembly.</summary>
    public ImmutableArray<byte> Image { get; }

    /// <summary>Whether the image was compiled by an earlier run.</summary>
    public bool FromCache { get; }

    /// <summary>
    /// Loads the image and creates the program, ready to be bound to a graph. Its kernels are machine code by then, so that the first
    /// run is not slower than the others.
    /// </summary>
    public GeneratedProgram Load() => GeneratedImage.Load(Image, $"{CSharpEmitter.Namespace}.{className}");

    /// <summary>Plans, emits and compiles; the cache may still hold the image of the same source.</summary>
    internal static CompiledProgram Of(Program program, CompileOptions options)
    {
        Plan plan = ProgramCompiler.Plan(program, options);
        CSharpSource source = CSharpEmitter.Emit(plan, options.Lanes, options.SharesRows);
        ImmutableArray<byte> image = CSharpCompiler.Compile(source, options.Cache, out bool fromCache);
        return new(plan, source, image, fromCache);
    }
}
