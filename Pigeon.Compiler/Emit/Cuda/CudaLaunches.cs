using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Joins launches of one shape that don't wait for each other: one kernel of the module does the work of all, each block for one of them. So
/// the updates of all weights are one launch, and code is compiled once. A launch moves down to a later one where nothing between needs it.
/// </summary>
internal static class CudaLaunches
{
    private const int MostParameters = 400;

    /// <summary>Joins launches.</summary>
    /// <param name="functions">One for each launch, in order.</param>
    /// <param name="owner">For each buffer, the one whose memory it is.</param>
    public static List<ImmutableArray<CudaFunction>> Join(IReadOnlyList<CudaFunction> functions, Func<int, int> owner)
    {
        var launches = new List<ImmutableArray<CudaFunction>>();
        foreach (CudaFunction function in functions.Reverse())
        {
            int place = launches.FindIndex(later => later.Any(f => f.DependsOn(function, owner)) || MayJoin(later, function));
            if (place >= 0 && !launches[place].Any(f => f.DependsOn(function, owner)))
            {
                launches[place] = launches[place].Insert(0, function);
            }
            else
            {
                launches.Insert(0, [function]);
            }
        }

        return launches;
    }

    /// <summary>
    /// Moves what may come early to the first of its kind, where nothing between touches the same memory: then one launch can do all of it. Its buffers
    /// are in use from there on.
    /// </summary>
    /// <param name="functions">One for each launch, in order.</param>
    /// <param name="signature">The program.</param>
    /// <param name="owner">For each buffer, the one whose memory it is.</param>
    public static (IReadOnlyList<CudaFunction> Functions, ProgramSignature Signature) Advance(IReadOnlyList<CudaFunction> functions, ProgramSignature signature,
        Func<int, int> owner)
    {
        List<CudaFunction> moved = [.. functions];
        BufferSignature[] buffers = [.. signature.Buffers];
        foreach (CudaFunction function in functions.Where(f => f.MayComeEarly))
        {
            int first = moved.FindIndex(f => f.MayComeEarly && f.Launch.Once == function.Launch.Once);
            int now = moved.IndexOf(function);
            if (moved[first..now].Any(f => function.DependsOn(f, owner)))
            {
                continue;
            }

            moved.RemoveAt(now);
            moved.Insert(first, function);
            int from = signature.Kernels.Select(k => k.Name).ToList().IndexOf(moved.Skip(first).First(f => !f.MayComeEarly).Launch.Members[0].Kernel);
            foreach (int buffer in function.Parameters.Where(p => p.IsWritten).Select(p => owner(p.Argument.Number)))
            {
                buffers[buffer] = buffers[buffer] with { FirstKernel = Math.Min(buffers[buffer].FirstKernel, from) };
            }
        }

        return (moved, signature with { Buffers = [.. buffers] });
    }

    private static bool MayJoin(ImmutableArray<CudaFunction> launch, CudaFunction function) => launch[0].Shape == function.Shape &&
        (launch.Length + 1) * (function.Parameters.Length + 1) <= MostParameters;

    /// <summary>A program's signature in which what a launch touches stays in memory until the last of the launch's kernels has ended.</summary>
    public static ProgramSignature Keep(ProgramSignature signature, IReadOnlyList<GpuLaunchSignature> launches)
    {
        BufferSignature[] buffers = [.. signature.Buffers];
        foreach (GpuLaunchSignature launch in launches)
        {
            int last = launch.Members.Max(member => signature.Kernels.Select(k => k.Name).ToList().IndexOf(member.Kernel));
            foreach (GpuArgument argument in launch.Members.SelectMany(m => m.Arguments).Where(a => a.Kind == GpuArgumentKind.Buffer))
            {
                int owner = buffers[argument.Number].Shared is var shared and not BufferSignature.Own ? shared : argument.Number;
                buffers[owner] = buffers[owner] with { LastKernel = Math.Max(buffers[owner].LastKernel, last) };
            }
        }

        return signature with { Buffers = [.. buffers] };
    }

    /// <summary>Writes the kernel of a launch, and describes it. Launches of the same code, that had to stay apart, have one kernel.</summary>
    /// <param name="writer">Where kernels are written.</param>
    /// <param name="functions">What the launch does, side by side.</param>
    /// <param name="written">The kernels that were written before, by what they do and how often.</param>
    public static GpuLaunchSignature Write(CodeWriter writer, ImmutableArray<CudaFunction> functions, Dictionary<(string Shape, int Count), string> written)
    {
        CudaFunction first = functions[0];
        ImmutableArray<GpuLaunchMember> members = [.. functions.SelectMany(f => f.Launch.Members)];
        if (!written.TryAdd((first.Shape, functions.Length), first.Launch.Kernel))
        {
            return first.Launch with { Kernel = written[(first.Shape, functions.Length)], Members = members };
        }

        writer.Line();
        using (writer.Block($"extern \"C\" __global__ void __launch_bounds__({first.Launch.Threads}, {first.Resident}) {Code.Identifier(first.Launch.Kernel)}({Declarations(functions)})"))
        {
            if (functions.Length == 1)
            {
                writer.Line($"const int block = blockIdx.x;");
            }
            else
            {
                EmitMember(writer, functions);
            }

            writer.Lines(first.Body);
        }

        return first.Launch with { Members = members };
    }

    private static Code Declarations(ImmutableArray<CudaFunction> functions) => functions.Length == 1
        ? Code.Join(Separator.Comma, functions[0].Parameters.Select(p => Code.Of($"{p.Type} {p.Name}")))
        : Code.Join(Separator.Comma, [.. functions.Skip(1).Select((_, m) => Code.Of($"int first{m + 1}")),
            .. functions.SelectMany((f, m) => f.Parameters.Select((p, i) => Code.Of($"{p.Type} a{m}_{i}")))]);

    /// <summary>The number of the block among those of its member, and the member's arguments under the names that the body knows.</summary>
    private static void EmitMember(CodeWriter writer, ImmutableArray<CudaFunction> functions)
    {
        CudaFunction body = functions[0];
        writer.Line($"int block = blockIdx.x;");
        for (int i = 0; i < body.Parameters.Length; i++)
        {
            writer.Line($"{body.Parameters[i].Type} {body.Parameters[i].Name} = a0_{i};");
        }

        for (int m = functions.Length - 1; m > 0; m--)
        {
            using (writer.Block($"{(m == functions.Length - 1 ? default : Code.Of($"else "))}if (blockIdx.x >= first{m})"))
            {
                writer.Line($"block -= first{m};");
                for (int i = 0; i < body.Parameters.Length; i++)
                {
                    writer.Line($"{body.Parameters[i].Name} = a{m}_{i};");
                }
            }
        }
    }
}
