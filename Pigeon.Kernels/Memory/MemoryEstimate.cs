namespace Pigeon.Kernels;

/// <summary>The memory that a program takes on a graph, in bytes; the graph's index arrays are not counted.</summary>
/// <param name="Arena">Intermediate values, those that live at different times over each other.</param>
/// <param name="Constants">Values of the graph alone.</param>
/// <param name="Scratch">What threads keep for themselves.</param>
/// <param name="Arguments">Inputs and weights.</param>
/// <param name="Outputs">Outputs.</param>
public sealed record MemoryEstimate(long Arena, long Constants, long Scratch, long Arguments, long Outputs)
{
    /// <summary>Everything that a run touches.</summary>
    public long Total => Arena + Constants + Scratch + Arguments + Outputs;

    /// <summary>Estimates without allocating anything; an <c>Executable</c> then takes exactly as much.</summary>
    /// <param name="signature">The program's signature.</param>
    /// <param name="graph">The graph's sizes.</param>
    /// <param name="threads">The number of threads.</param>
    /// <exception cref="PigeonException">PG02xx: the graph does not provide a space that the program needs.</exception>
    public static MemoryEstimate Of(ProgramSignature signature, GraphBinding graph, int threads)
    {
        IEnumerable<BufferSignature> Of(params BufferRole[] roles) => signature.Buffers.Where(b => roles.Contains(b.Role));
        long Bytes(BufferSignature buffer) => BytesOf(buffer, signature, graph, threads);

        return new(
            MemoryPlan.Create([.. Of(BufferRole.Internal).Select(b => (Bytes(b), b.FirstKernel, b.LastKernel))]).Bytes,
            MemoryPlan.Create([.. Of(BufferRole.Constant).Select(b => (Bytes(b), 0, 0))]).Bytes,
            signature.ScratchBytes(threads) is var (own, shared) ? own + shared : 0,
            Of(BufferRole.Input, BufferRole.Weight).Sum(Bytes),
            Of(BufferRole.Output).Sum(Bytes));
    }

    /// <summary>The bytes of the intermediate values that are alive while a kernel runs.</summary>
    public static long AliveAt(ProgramSignature signature, GraphBinding graph, int threads, int kernel) => signature.Buffers
        .Where(b => b.Role == BufferRole.Internal && b.FirstKernel <= kernel && kernel <= b.LastKernel)
        .Sum(b => BytesOf(b, signature, graph, threads));

    /// <summary>The bytes of a buffer.</summary>
    public static long BytesOf(BufferSignature buffer, ProgramSignature signature, GraphBinding graph, int threads) => buffer.Walk < 0
        ? graph.SizeOf(signature.Spaces[buffer.Space]) * buffer.RowBytes
        : threads * buffer.NumbersOfThread(graph.LongestOf(signature.Indices[buffer.Walk].Map)) * buffer.Element.Bytes();
}
