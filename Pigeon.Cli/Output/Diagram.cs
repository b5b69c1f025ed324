using Pigeon.Compiler;
using Pigeon.Kernels;
using QuikGraph;

namespace Pigeon.Cli;

/// <summary>What a box of a diagram stands for; it decides the box's colour.</summary>
internal enum BoxKind
{
    /// <summary>A value that the caller gives.</summary>
    Input,

    /// <summary>A learned value.</summary>
    Weight,

    /// <summary>An operator, or a traversal kernel.</summary>
    Step,

    /// <summary>A contraction, or a GEMM kernel.</summary>
    Contraction,

    /// <summary>A result.</summary>
    Output,
}

/// <summary>A box of a diagram.</summary>
/// <param name="Id">An identifier, unique in the diagram.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Lines">Its text.</param>
internal sealed record Box(string Id, BoxKind Kind, EquatableArray<string> Lines);

/// <summary>A directed graph without cycles, to be drawn from top to bottom.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Graph">Its boxes and arrows; an arrow's tag is its label.</param>
internal sealed record Diagram(string Title, BidirectionalGraph<Box, TaggedEdge<Box, string>> Graph)
{
    /// <summary>A program: an operator a box, from operands to users.</summary>
    public static Diagram Of(Program program)
    {
        var graph = new BidirectionalGraph<Box, TaggedEdge<Box, string>>();
        var boxes = new List<Box>();
        for (int i = 0; i < program.Values.Length; i++)
        {
            Operator op = program.Values[i];
            var box = new Box($"v{i}", KindOf(op), [$"%{i} = {ProgramPrinter.Print(op)}", program.Types[i].ToString()]);
            boxes.Add(box);
            graph.AddVertex(box);
            graph.AddEdgeRange(op.Operands.Items.Distinct().Select(operand => new TaggedEdge<Box, string>(boxes[operand], box, "")));
        }

        AddOutputs(graph, program, value => boxes[value]);
        return new(NameText.Of(program.Name), graph);
    }

    /// <summary>A plan: a kernel a box, from the kernels that write values to those that read them.</summary>
    public static Diagram Of(Plan plan)
    {
        var graph = new BidirectionalGraph<Box, TaggedEdge<Box, string>>();
        var writers = new Dictionary<int, Box>();
        foreach (Kernel kernel in plan.Kernels)
        {
            var box = new Box(kernel.Name, kernel.Contraction is null ? BoxKind.Step : BoxKind.Contraction,
                [$"{kernel.Name}{(kernel.Once ? ", once" : "")}", $"over {kernel.Rows}", .. Shape(kernel)]);
            graph.AddVertex(box);
            foreach (int value in KernelValues.Reads(plan, kernel))
            {
                graph.AddEdge(new(WriterOf(value), box, $"%{value} {plan.Program.Types[value]}"));
            }

            foreach (int value in KernelValues.Writes(plan, kernel))
            {
                writers[value] = box;
            }
        }

        AddOutputs(graph, plan.Program, WriterOf);
        return new(NameText.Of(plan.Program.Name) + ", kernels", graph);

        Box WriterOf(int value)
        {
            if (!writers.TryGetValue(value, out Box? box))
            {
                Operator op = plan.Program.Values[value];
                box = new($"v{value}", KindOf(op), [ProgramPrinter.Print(op), plan.Program.Types[value].ToString()]);
                writers.Add(value, box);
                graph.AddVertex(box);
            }

            return box;
        }
    }

    private static IEnumerable<string> Shape(Kernel kernel) => kernel.Contraction is { } c
        ? [$"{(c.Blocks > 1 ? $"{c.Blocks} x " : "")}{(c.Lead > 1 ? $"{c.Lead} x " : "")}{c.K} x {c.N} by {c.Type}"]
        : [];

    private static void AddOutputs(BidirectionalGraph<Box, TaggedEdge<Box, string>> graph, Program program, Func<int, Box> writerOf)
    {
        foreach (Output output in program.Outputs)
        {
            graph.AddVerticesAndEdge(new(writerOf(output.Value), new Box($"out_{output.Name}", BoxKind.Output, [NameText.Of(output.Name)]), ""));
        }
    }

    private static BoxKind KindOf(Operator op) => op switch
    {
        Operator.Input => BoxKind.Input,
        Operator.Weight => BoxKind.Weight,
        Operator.TypedLinear or Operator.OuterSum => BoxKind.Contraction,
        _ => BoxKind.Step,
    };
}
