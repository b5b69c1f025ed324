using System.Globalization;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Prints plans: every kernel with its steps, and where every value is kept.</summary>
public static class PlanPrinter
{
    /// <summary>The text of a plan.</summary>
    public static string Print(Plan plan)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"plan {NameText.Of(plan.Program.Name)}\n");
        foreach (var narrow in plan.Elements.Select((element, value) => (element, value)).Where(v => v.element != ElementType.F32).GroupBy(v => v.element))
        {
            text.Append(CultureInfo.InvariantCulture, $"  in {narrow.Key.ToString().ToLowerInvariant()}: {string.Join(", ", narrow.Select(v => $"%{v.value}"))}\n");
        }

        foreach (Kernel kernel in plan.Kernels)
        {
            text.Append(CultureInfo.InvariantCulture, $"  kernel {kernel.Name} over {(kernel.InGroups ? "groups of " : "")}{kernel.Rows}{(kernel.Once ? " once" : "")}\n");
            foreach (Step step in kernel.Before)
            {
                Append(text, plan, step);
            }

            if (kernel.Contraction is { } c)
            {
                string shape = $"{(c.Blocks > 1 ? $"{c.Blocks} x " : "")}{(c.Lead > 1 ? $"{c.Lead} x " : "")}{c.K} x {c.N}";
                string product = c.Kind == ContractionKind.Linear
                    ? $"{Print(c.X)} * {Print(c.Y, "type")}"
                    : $"sum of {Print(c.X)}^T * {Print(c.Y)}";
                text.Append(CultureInfo.InvariantCulture, $"    gemm {shape}: {Place(plan, c.Value)} = {product} by {c.Type}\n");
            }

            foreach (Step step in kernel.After)
            {
                Append(text, plan, step);
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Plan plan, Step step)
    {
        string indent = step.Loop is null ? "    " : "      ";
        if (step.Loop is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"    for {(step.InBlocks ? "blocks of neighbours" : "each neighbour")} along {step.Loop}\n");
        }

        foreach (Stage stage in step.Stages)
        {
            string assign = stage.Kind switch
            {
                StageKind.Map => "=",
                StageKind.RowReduce => $"= row {stage.Reduction.ToString().ToLowerInvariant()}",
                _ => $"{stage.Reduction.ToString().ToLowerInvariant()}=",
            };
            string expression = Substitute(stage);
            string rises = stage.IsRescaled ? $" rescaled as max {Print(stage.Arguments[stage.Rises])} rises" : "";
            text.Append(CultureInfo.InvariantCulture, $"{indent}{Place(plan, stage.Value)} {assign} {expression} over {stage.Domain}{rises}\n");
        }
    }

    private static string Place(Plan plan, int value) => $"%{value}{plan.Storage[value] switch
    {
        Storage.Scratch => " (scratch)",
        Storage.LoopBuffer => " (loop buffer)",
        _ => "",
    }}";

    private static string Substitute(Stage stage)
    {
        string text = stage.Expression.ToString();
        for (int i = stage.Arguments.Count - 1; i >= 0; i--)
        {
            text = text.Replace($"${i}", Print(stage.Arguments[i]), StringComparison.Ordinal);
        }

        return text;
    }

    private static string Print(Access access, string row = "row")
    {
        string index = access.Index.OfNeighbour ? "neighbour" : row;
        index = access.Index.Along is Map.Identity ? index : $"{access.Index.Along}({index})";
        string view = access.Offset == 0 ? "" : $"+{access.Offset}";
        return $"%{access.Value}[{index}]{view}";
    }
}
