using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Pigeon.Kernels;

/// <summary>Loads the assembly of a generated program; whoever does needs no compiler.</summary>
public static class GeneratedImage
{
    /// <summary>Raised whenever code that was generated before would no longer run, or mean something else, or what is generated now needs more.</summary>
    public const int Contract = 6;

    /// <summary>The longest methods take a tenth of the time, so more threads would wait.</summary>
    private const int MostThreads = 4;

    /// <summary>
    /// Loads an image into a context of its own, which goes when nothing refers to it any more, and creates the program. Its kernels are
    /// machine code by then, so that the first run is not slower than the others.
    /// </summary>
    /// <param name="image">The assembly. It is code: load only what you trust.</param>
    /// <param name="className">The class, with its namespace.</param>
    /// <exception cref="TypeLoadException">The image has no such class.</exception>
    public static GeneratedProgram Load(ImmutableArray<byte> image, string className)
    {
        // Code in a collectible context is optimised fully at first call, not after a warm-up.
        var context = new AssemblyLoadContext("pigeon", isCollectible: true);
        using var stream = new MemoryStream([.. image]);
        Type[] types = TypesOf(context.LoadFromStream(stream));
        Type program = Array.Find(types, type => type.FullName == className) ?? throw new TypeLoadException($"the image has no class {className}");
        Prepare(types);
        return (GeneratedProgram)Activator.CreateInstance(program)!;
    }

    private static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e) when (e.LoaderExceptions is [{ } first, ..])
        {
            throw first;
        }
    }

    /// <summary>
    /// Makes machine code of all methods, on a few threads. Each takes the next longest method, so that none is left with a long one at the end.
    /// </summary>
    private static void Prepare(Type[] types)
    {
        const BindingFlags own = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var bodies = new List<Body>();
        foreach (Type type in types)
        {
            bodies.AddRange(type.GetMethods(own).Select(Body.Of));
            bodies.AddRange(type.GetConstructors(own).Select(Body.Of));
        }

        bodies.Sort((x, y) => y.Length.CompareTo(x.Length));
        int next = -1;
        var others = new Task[Math.Min(Environment.ProcessorCount, MostThreads) - 1];
        for (int i = 0; i < others.Length; i++)
        {
            others[i] = Task.Run(PrepareNext);
        }

        PrepareNext();
        foreach (Task other in others)
        {
            other.GetAwaiter().GetResult();
        }

        void PrepareNext()
        {
            for (int at = Interlocked.Increment(ref next); at < bodies.Count; at = Interlocked.Increment(ref next))
            {
                RuntimeHelpers.PrepareMethod(bodies[at].Method.MethodHandle);
            }
        }
    }

    private sealed record Body(MethodBase Method, int Length)
    {
        public static Body Of(MethodBase method) => new(method, method.GetMethodBody()?.GetILAsByteArray()?.Length ?? 0);
    }
}
