using System.Globalization;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Prints programs; <see cref="Operator"/> has the grammar.</summary>
public static class ProgramPrinter
{
    /// <summary>The text form of a program.</summary>
    public static string Print(Program program)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"program {NameText.Of(program.Name)}\n");
        foreach (Map.Stored map in StoredMaps(program))
        {
            text.Append(CultureInfo.InvariantCulture, $"  map {map} : {map.From} -> {map.To}\n");
        }

        for (int i = 0; i < program.Values.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"  %{i} = {Print(program.Values[i])} : {program.Types[i]}\n");
        }

        text.Append("  return ").AppendJoin(", ", program.Outputs.Select(o => $"{NameText.Of(o.Name)} = %{o.Value}")).Append('\n');
        return text.ToString();
    }

    /// <summary>The text of one operator, without its type.</summary>
    public static string Print(Operator op) => op switch
    {
        Operator.Input o => $"input {NameText.Of(o.Name)}",
        Operator.Weight o => $"weight {NameText.Of(o.Name)}",
        Operator.Constant o => $"constant {o.Value.ToString("R", CultureInfo.InvariantCulture)}",
        Operator.Uniform o => $"uniform {o.Stream} %{o.Seed}",
        Operator.TypedLinear o => $"linear {(o.Transposed ? "transposed " : "")}{o.Type} %{o.X}, %{o.W}",
        Operator.OuterSum o => $"outer {(o.Blocks ? "blocks " : "")}{o.Type} %{o.X}, %{o.Y}",
        Operator.Gather o => $"gather {o.Map} %{o.X}",
        Operator.Reduce o => $"reduce.{Name(o.Kind)} {o.Map} %{o.X}",
        Operator.Pointwise o => $"pointwise {{{o.Expression}}} {Ids(o.Arguments)}",
        Operator.RowReduce o => $"row.{Name(o.Kind)} {Axes(o.Axes)} %{o.X}",
        Operator.Reshape o => $"reshape %{o.X}",
        Operator.Regroup o => $"regroup %{o.X}",
        Operator.Transpose o => $"transpose {Axes(o.Axes)} %{o.X}",
        Operator.Slice o => $"slice {o.Axis}:{o.Start}:{o.Length} %{o.X}",
        Operator.Concat o => $"concat {o.Axis} {Ids(o.Parts)}",
        _ => throw new InvalidOperationException($"no text form for {op.GetType().Name}"),
    };

    /// <summary>The stored maps that a program uses, also inside derived maps and spaces, in order of first use.</summary>
    public static IReadOnlyList<Map.Stored> StoredMaps(Program program) => program.Vocabulary.Maps;

    /// <summary>The map that an operator moves along or takes its types from.</summary>
    internal static Map? MapOf(Operator op) => op switch
    {
        Operator.TypedLinear o => o.Type,
        Operator.OuterSum o => o.Type,
        Operator.Gather o => o.Map,
        Operator.Reduce o => o.Map,
        _ => null,
    };

    private static string Name(ReduceKind kind) => kind.ToString().ToLowerInvariant();

    private static string Ids(EquatableArray<int> ids) => string.Join(", ", ids.Items.Select(i => $"%{i}"));

    private static string Axes(EquatableArray<int> axes) => $"[{string.Join(", ", axes.Items)}]";
}
