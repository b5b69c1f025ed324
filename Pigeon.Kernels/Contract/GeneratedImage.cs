using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Pigeon.Kernels;

/// <summary>Loads the assembly of a generated program; whoever does needs no compiler.</summary>
public static class GeneratedImage
{
    /// <summary>Raised whenever code that was generated before would no longer run, or mean something else, or what is generated now needs more.</summary>
    public const int Contract = 5;

    /// <summary>
    /// Loads an image into a context of its own, which goes when nothing refers to it any more, and creates the program. Its kernels are
    /// machine code by then, so that the first run is not slower than the others.
    /// </summary>
    /// <param name="image">The assembly. It is code: load only what you trust.</param>
    /// <param name="className">The class, with its namespace.</param>
    public static GeneratedProgram Load(ImmutableArray<byte> image, string className)
    {
        const BindingFlags own = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

        // Code in a collectible context is optimised fully at first call, not after a warm-up.
        var context = new AssemblyLoadContext("pigeon", isCollectible: true);
        using var stream = new MemoryStream([.. image]);
        Type type = context.LoadFromStream(stream).GetType(className, throwOnError: true)!;
        IEnumerable<MethodInfo> methods = type.Assembly.GetTypes().SelectMany(one => one.GetMethods(own));
        Parallel.ForEach(methods.ToArray(), method => RuntimeHelpers.PrepareMethod(method.MethodHandle));

        return (GeneratedProgram)Activator.CreateInstance(type)!;
    }
}
