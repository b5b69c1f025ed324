using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>A parameter of a kernel.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Argument">What it is.</param>
/// <param name="IsWritten">Whether the kernel writes what it points to.</param>
internal sealed record CudaParameter(Code Name, Code Type, GpuArgument Argument, bool IsWritten);

/// <summary>The code of a launch before it is known what shares it: the body finds the number of its block in <c>block</c>.</summary>
/// <param name="Launch">The launch, with one member.</param>
/// <param name="Resident">The blocks that a multiprocessor is to hold.</param>
/// <param name="Parameters">The parameters in order, each named once.</param>
/// <param name="Body">The body.</param>
internal sealed partial record CudaFunction(GpuLaunchSignature Launch, int Resident, ImmutableArray<CudaParameter> Parameters, CodeWriter Body)
{
    private string? shape;

    /// <summary>Whether it may run before launches that stand before it, as what only clears a buffer may.</summary>
    public bool MayComeEarly { get; init; }

    /// <summary>What it does, apart from what it does it to: functions of one shape differ in their arguments alone.</summary>
    public string Shape => shape ??= string.Join('|', Launch.Once, Launch.Grid, Launch.PerBlock, Launch.Parts, Launch.BlocksY, Launch.BlocksZ, Launch.Threads,
        Launch.HeavyFrom, Resident, string.Join(',', Parameters.Select(p => p.Type)), Anonymous());

    /// <summary>Whether it has to run after another that stands before it.</summary>
    /// <param name="other">The other.</param>
    /// <param name="owner">For each buffer, the one whose memory it is.</param>
    public bool DependsOn(CudaFunction other, Func<int, int> owner)
    {
        return Parameters.Any(p => Memory(p) is { } mine && other.Parameters.Any(o => (p.IsWritten || o.IsWritten) && Memory(o) == mine));

        (bool, int)? Memory(CudaParameter parameter) => parameter.Argument.Kind switch
        {
            GpuArgumentKind.Buffer => (true, owner(parameter.Argument.Number)),
            GpuArgumentKind.Workspace => (false, parameter.Argument.Number),
            _ => null,
        };
    }

    private string Anonymous()
    {
        var numbers = Parameters.Select((p, i) => (Name: p.Name.ToString(), i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
        return Word().Replace(Body.ToString(), word => numbers.TryGetValue(word.Value, out int number) ? $"@{number}" : word.Value);
    }

    [GeneratedRegex(@"\b[A-Za-z_]\w*", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
