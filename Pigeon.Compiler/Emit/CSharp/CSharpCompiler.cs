using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Compiles generated C# with Roslyn, once for each source: images are kept on disk.</summary>
internal static class CSharpCompiler
{
    /// <summary>Raised whenever generated code of the same source would behave differently.</summary>
    private const string CacheVersion = "1";

    private static readonly CSharpCompilationOptions Options = new(OutputKind.DynamicallyLinkedLibrary,
        optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, deterministic: true,
        generalDiagnosticOption: ReportDiagnostic.Default, concurrentBuild: true);

    /// <summary>Read once: Roslyn keeps what it decodes of an assembly with its reference.</summary>
    private static readonly Lazy<ImmutableArray<MetadataReference>> References = new(() => [.. FindReferences()]);

    private static readonly Lazy<Task> Warm = new(() => Task.Run(() =>
    {
        var nodes = new IndexSpace.Declared("Nodes");
        var edges = new IndexSpace.Declared("Edges");
        var source = new Map.Stored("src", edges, nodes);
        var p = new ProgramBuilder("warm");
        Value x = p.Input("x", nodes, 16);
        Value message = x.At(source).Linear(p.Weight("w", IndexSpace.One, 16, 16));
        Value weight = Nn.EdgeSoftmax(message, source);
        p.Return("y", (message * weight).Sum(source));
        _ = Compile(CSharpEmitter.Emit(Fuse.Run(p.Build()), lanes: 8).Source, "pigeon_warm");
    }));

    /// <summary>The assembly image of a source.</summary>
    /// <param name="source">The generated source.</param>
    /// <param name="cache">The folder of kept images; null to keep none.</param>
    /// <param name="fromCache">Whether the image was found there.</param>
    /// <exception cref="PigeonException">PG0132: Roslyn refused the source, which is a fault of Pigeon.</exception>
    public static ImmutableArray<byte> Compile(CSharpSource source, DirectoryInfo? cache, out bool fromCache)
    {
        string key = KeyOf(source.Source);
        fromCache = false;
        if (cache is not null && ImageCache.Find(cache, key, source.Source) is { } kept)
        {
            fromCache = true;
            return kept;
        }

        ImmutableArray<byte> image = Compile(source.Source, $"pigeon_{key}");
        if (cache is not null)
        {
            ImageCache.Keep(cache, key, source.Source, image);
        }

        return image;
    }

    /// <summary>
    /// Compiles a small program on another thread, once in a process. Most of what Roslyn takes the first time is its own code being compiled, which so
    /// happens while a plan is searched for.
    /// </summary>
    public static void WarmUp() => _ = Warm.Value;

    /// <summary>The name of a source's image in the cache.</summary>
    public static string KeyOf(string source)
    {
        string identity = $"{CacheVersion}|{Environment.Version}|{typeof(GeneratedProgram).Assembly.ManifestModule.ModuleVersionId}|{source}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..32];
    }

    private static ImmutableArray<byte> Compile(string source, string assemblyName)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Latest));
        CSharpCompilation compilation = CSharpCompilation.Create(assemblyName, [tree], References.Value, Options);
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        if (!result.Success)
        {
            string errors = string.Join("; ", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(3));
            throw new PigeonException("PG0132", $"the generated C# does not compile: {errors}", assemblyName,
                "please report it, with the program's text");
        }

        return [.. stream.ToArray()];
    }

    private static IEnumerable<MetadataReference> FindReferences()
    {
        string[] names = ["System.Private.CoreLib", "System.Runtime", "System.Runtime.Intrinsics", "System.Collections.Immutable", "System.Collections"];
        var platform = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator)
            .Where(path => names.Contains(Path.GetFileNameWithoutExtension(path)));
        return platform.Append(typeof(GeneratedProgram).Assembly.Location).Select(path => MetadataReference.CreateFromFile(path));
    }
}
