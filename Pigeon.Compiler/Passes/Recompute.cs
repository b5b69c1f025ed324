using System.Collections.Immutable;

namespace Pigeon.Compiler;

/// <summary>
/// Computes a value again in each kernel that reads it where that is cheaper than to store it for them: the weights of a softmax, for
/// example, are a quotient of two values that the backward pass reads anyway. Decided one value at a time, the last first, by the predicted
/// time of the whole plan. Needs a program in its final order; later passes must not merge equal values.
/// <code>
/// kernel over Nodes      %3 = %1 / %2            kernel over Nodes      (reads %1, %2)
/// kernel over Sources    %5 sum= %3 * %4    ⇒    kernel over Sources    %5 sum= %1 / %2 * %4
/// </code>
/// </summary>
internal static class Recompute
{
    /// <summary>Savings below this share of the time are noise of the model.</summary>
    private const double Threshold = 0.001;

    /// <summary>Copies what is cheaper to compute again; returns the same reference when nothing is, or when there is no graph.</summary>
    public static Program Run(Program program, CompileOptions options)
    {
        if (options.Graph is null || !options.Fuse || !options.Recompute)
        {
            return program;
        }

        return options.Recomputed is { } known ? known.Of(program, Make) : Make(program);

        Program Make(Program before) => Run(before, new GraphCounts(options.Graph), options);
    }

    private static Program Run(Program program, GraphCounts graph, CompileOptions options)
    {
        Plan plan = ProgramCompiler.PlanKernels(program, graph, options);
        double seconds = PlanCosts.Seconds(plan, graph, options);
        for (int value = program.Values.Length - 1; value >= 0; value--)
        {
            if (Split(plan, value) is not { } split)
            {
                continue;
            }

            Plan other = ProgramCompiler.PlanKernels(split, graph, options);
            double otherSeconds = PlanCosts.Seconds(other, graph, options);
            if (otherSeconds < seconds * (1 - Threshold))
            {
                (plan, seconds) = (other, otherSeconds);
            }
        }

        return plan.Program;
    }

    /// <summary>
    /// The program in which every kernel but the one that computes a value computes it for itself; null where the value is not stored for
    /// another kernel, is no expression, or is returned.
    /// </summary>
    internal static Program? Split(Plan plan, int value)
    {
        Program program = plan.Program;
        if (program.Values[value] is not Operator.Pointwise expression || plan.Storage[value] != Storage.Buffer ||
            program.Outputs.Any(output => output.Value == value))
        {
            return null;
        }

        int[] kernels = KernelsOf(plan);
        ImmutableArray<ImmutableArray<int>> users = program.Users();
        int[]? places = [.. users[value].Select(user => PlaceOf(user, kernels, users))];
        int home = kernels[value];
        if (plan.Kernels[home].Once || places.Contains(-1) || places.All(place => place == home))
        {
            return null;
        }

        return Copy(program, value, expression, users[value].Zip(places).Where(user => user.Second != home).ToDictionary(), places.Contains(home));
    }

    /// <summary>The program with a copy of a value before the first user of each kernel.</summary>
    /// <param name="program">The program.</param>
    /// <param name="value">The value.</param>
    /// <param name="expression">What computes it.</param>
    /// <param name="kernelOfUser">The kernels of the users that read a copy.</param>
    /// <param name="isKept">Whether others read the value itself.</param>
    private static Program Copy(Program program, int value, Operator expression, Dictionary<int, int> kernelOfUser, bool isKept)
    {
        var values = ImmutableArray.CreateBuilder<Operator>();
        int[] renamed = new int[program.Values.Length];
        var copies = new Dictionary<int, int>();
        EquatableArray<int> Renamed(Operator op, int? copy = null) =>
            [.. op.Operands.Select(operand => operand == value && copy is { } number ? number : renamed[operand])];
        for (int i = 0; i < renamed.Length; i++)
        {
            int? copy = null;
            if (kernelOfUser.TryGetValue(i, out int kernel))
            {
                if (!copies.TryGetValue(kernel, out int number))
                {
                    copies[kernel] = number = values.Count;
                    values.Add(expression.With(Renamed(expression)));
                }

                copy = number;
            }

            renamed[i] = values.Count;
            if (i != value || isKept)
            {
                values.Add(program.Values[i].With(Renamed(program.Values[i], copy)));
            }
        }

        return new(program.Name, values.ToImmutable(), [.. program.Outputs.Select(output => output with { Value = renamed[output.Value] })]);
    }

    /// <summary>For each value, the kernel that computes it; -1 where none does.</summary>
    private static int[] KernelsOf(Plan plan)
    {
        int[] kernels = new int[plan.Program.Values.Length];
        Array.Fill(kernels, -1);
        for (int k = 0; k < plan.Kernels.Count; k++)
        {
            Kernel kernel = plan.Kernels[k];
            foreach (Stage stage in kernel.Steps.SelectMany(step => step.Stages))
            {
                kernels[stage.Value] = k;
            }

            if (kernel.Contraction is { } contraction)
            {
                kernels[contraction.Value] = k;
            }
        }

        return kernels;
    }

    /// <summary>The one kernel that a user is computed in, by itself or inside its own users; -1 where there are several.</summary>
    private static int PlaceOf(int user, int[] kernels, ImmutableArray<ImmutableArray<int>> users)
    {
        if (kernels[user] >= 0)
        {
            return kernels[user];
        }

        int[] places = [.. users[user].Select(next => PlaceOf(next, kernels, users)).Distinct()];
        return places.Length == 1 ? places[0] : -1;
    }
}
