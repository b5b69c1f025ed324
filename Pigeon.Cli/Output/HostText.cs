using System.Globalization;
using System.Text;
using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>
/// The host side of a compiled program as text: what it is bound to, its buffers with their lifetimes, and its launches in order.
/// The code itself is part of the generated class.
/// </summary>
internal static class HostText
{
    /// <summary>The text.</summary>
    /// <param name="source">The generated class.</param>
    /// <param name="graph">Where given, sizes are in rows and bytes of this graph.</param>
    public static string Write(CSharpSource source, GraphBinding? graph)
    {
        ProgramSignature signature = source.Signature;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"host {NameText.Of(signature.Name)}, class {CSharpEmitter.Namespace}.{source.ClassName}\n");
        foreach (IndexSpace space in signature.Spaces)
        {
            text.Append(CultureInfo.InvariantCulture, $"  space {space}{(graph is null ? "" : $" = {graph.SizeOf(space)}")}\n");
        }

        foreach (IndexSignature index in signature.Indices)
        {
            text.Append(CultureInfo.InvariantCulture, $"  index {index.Map}{(index.OrderedBy is null ? "" : $" in the order of {index.OrderedBy}")}\n");
        }

        foreach (BufferSignature buffer in signature.Buffers)
        {
            AppendBuffer(text, signature, buffer, graph);
        }

        text.Append(CultureInfo.InvariantCulture, $"  scratch {signature.ScratchFloats} floats a thread\n");
        AppendLaunches(text, signature, "bind", once: true);
        AppendLaunches(text, signature, "run", once: false);
        return text.ToString();
    }

    private static void AppendBuffer(StringBuilder text, ProgramSignature signature, BufferSignature buffer, GraphBinding? graph)
    {
        IndexSpace space = signature.Spaces[buffer.Space];
        string role = buffer.Role.ToString().ToLowerInvariant();
        string alive = buffer.Role == BufferRole.Internal && buffer.FirstKernel <= buffer.LastKernel
            ? $", alive from {signature.Kernels[buffer.FirstKernel].Name} to {signature.Kernels[buffer.LastKernel].Name}"
            : "";
        string element = buffer.Element == ElementType.F32 ? "" : $" in {buffer.Element.ToString().ToLowerInvariant()}";
        string bytes = graph is null || buffer.Role == BufferRole.View ? "" : $", {MemoryEstimate.BytesOf(buffer, signature, graph, threads: 1)} bytes";
        string shared = buffer.Role == BufferRole.View ? $" in the memory of {signature.Buffers[buffer.Shared].Text}" : "";
        string walk = buffer.Walk < 0 ? "" : $" for the neighbours of one row along {signature.Indices[buffer.Walk].Map}";
        text.Append(CultureInfo.InvariantCulture, $"  {role} {buffer.Text} : {space}[{string.Join(", ", buffer.Row)}]{element}{walk}{shared}{bytes}{alive}\n");
    }

    private static void AppendLaunches(StringBuilder text, ProgramSignature signature, string when, bool once)
    {
        text.Append(CultureInfo.InvariantCulture, $"  {when}\n");
        foreach (KernelSignature kernel in signature.Kernels.Where(kernel => kernel.Once == once))
        {
            string cut = kernel.Cost < 0 ? "rows" : $"edges of {signature.Indices[kernel.Cost].Map}";
            text.Append(CultureInfo.InvariantCulture, $"    launch {kernel.Name} over {signature.Spaces[kernel.Space]}, cut by {cut}\n");
        }
    }
}
