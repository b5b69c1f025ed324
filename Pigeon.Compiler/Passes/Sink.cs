using System.Collections.Immutable;

namespace Pigeon.Compiler;

/// <summary>
/// Orders a program so that what is computed inside a row of the largest space, the edges mostly, comes right before the first sum or product that
/// it is for. Planning goes through values in their order: what comes early begins a kernel, and what is computed from it and from something later needs another one along the same rows.
/// Taken where the plan is predicted to be faster.
/// <code>
/// %5 = row.sum 0 %4                      %6 = reduce.sum dst %3
/// %6 = reduce.sum dst %3                 %7 = gather dst %6
/// %7 = gather dst %6             ⇒       %5 = row.sum 0 %4
/// %8 = pointwise {$0 * $1} %5, %7        %8 = pointwise {$0 * $1} %5, %7
/// %9 = reduce.sum src %8                 %9 = reduce.sum src %8
/// </code>
/// </summary>
internal static class Sink
{
    /// <summary>Savings below this share of the time are noise of the model.</summary>
    private const double Threshold = 0.001;

    /// <summary>The program in the order that makes the faster plan; the same reference where that is its own, or where there is no graph.</summary>
    public static Program Run(Program program, CompileOptions options)
    {
        if (options.Graph is null || !options.Fuse)
        {
            return program;
        }

        var graph = new GraphCounts(options.Graph);
        Program sunk = Run(program, graph);
        return Seconds(sunk) < Seconds(program) * (1 - Threshold) ? sunk : program;

        double Seconds(Program ordered) => PlanCosts.Seconds(ProgramCompiler.PlanKernels(ordered, graph, options), graph, options);
    }

    /// <summary>The program in the late order.</summary>
    internal static Program Run(Program program, GraphCounts graph)
    {
        double most = program.Types.Max(type => graph.Rows(type.Space));
        var values = ImmutableArray.CreateBuilder<Operator>();
        int[] renamed = [.. Enumerable.Repeat(-1, program.Values.Length)];
        for (int i = 0; i < renamed.Length; i++)
        {
            if (graph.Rows(program.Types[i].Space) < most || program.Values[i] is not (Operator.Pointwise or Operator.RowReduce or Operator.Gather or
                Operator.Reshape or Operator.Transpose or Operator.Slice or Operator.Constant))
            {
                Add(i);
            }
        }

        foreach (Output output in program.Outputs)
        {
            Add(output.Value);
        }

        return new(program.Name, values.ToImmutable(), [.. program.Outputs.Select(output => output with { Value = renamed[output.Value] })]);

        int Add(int i)
        {
            if (renamed[i] < 0)
            {
                Operator op = program.Values[i];
                EquatableArray<int> operands = [.. op.Operands.Select(Add).ToArray()];
                renamed[i] = values.Count;
                values.Add(op.With(operands));
            }

            return renamed[i];
        }
    }
}
