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
            // Of two ways the cheaper; copies have other numbers than what they are copies of, but all before the value keep theirs.
            (Plan from, double threshold) = (plan, seconds * (1 - Threshold));
            foreach (Program split in Splits(from, value))
            {
                Plan other = ProgramCompiler.PlanKernels(split, graph, options);
                double otherSeconds = PlanCosts.Seconds(other, graph, options);
                if (otherSeconds < Math.Min(seconds, threshold))
                {
                    (plan, seconds) = (other, otherSeconds);
                }
            }
        }

        return plan.Program;
    }

    /// <summary>The ways to compute a value again: from what it reads, and from what that is computed from, where that is not in memory yet.</summary>
    private static IEnumerable<Program> Splits(Plan plan, int value)
    {
        if (Split(plan, value) is { } split)
        {
            yield return split;
            if (Split(plan, value, fromMemory: true) is { } deep && deep.Values.Length > split.Values.Length)
            {
                yield return deep;
            }
        }
    }

    /// <summary>
    /// The program in which every kernel but the one that computes a value computes it for itself; null where the value is not stored for
    /// another kernel, is no expression, or is returned.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="value">The value.</param>
    /// <param name="fromMemory">Whether expressions that it reads, and that are not stored, are computed again too; otherwise they are stored for it.</param>
    internal static Program? Split(Plan plan, int value, bool fromMemory = false)
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

        HashSet<int> copied = [value];
        for (int operand = value - 1; fromMemory && operand >= 0; operand--)
        {
            if (kernels[operand] == home && plan.Storage[operand] != Storage.Buffer && program.Values[operand] is Operator.Pointwise &&
                copied.Any(reader => program.Values[reader].Operands.Contains(operand)))
            {
                copied.Add(operand);
            }
        }

        return new Copies(program, copied, value, users, kernels).Run();
    }

    /// <summary>
    /// A program in which each kernel but the first that reads a value has a copy of it, and of other values for that copy. Copies, and views of them,
    /// come right before what a kernel computes from them: a plan would give them a kernel of their own where they come before something else that it reads.
    /// </summary>
    private sealed class Copies(Program program, HashSet<int> copied, int value, ImmutableArray<ImmutableArray<int>> users, int[] kernels)
    {
        private readonly ImmutableArray<Operator>.Builder values = ImmutableArray.CreateBuilder<Operator>();
        private readonly int[] renamed = new int[program.Values.Length];
        private readonly Dictionary<(int Value, int Kernel), int> copies = [];
        private readonly Dictionary<int, int> late = [];

        public Program Run()
        {
            int home = kernels[value];
            Delay(value, home);
            bool isKept = users[value].Any(user => PlaceOf(user, kernels, users) == home);
            for (int i = 0; i < renamed.Length; i++)
            {
                if (!late.ContainsKey(i) && (i != value || isKept))
                {
                    Add(i, kernels[i] == home ? -1 : kernels[i]);
                }
            }

            return new(program.Name, values.ToImmutable(), [.. program.Outputs.Select(output => output with { Value = renamed[output.Value] })]);
        }

        /// <summary>What is computed inside the users of other kernels waits for them.</summary>
        private void Delay(int of, int home)
        {
            foreach (int user in users[of])
            {
                if (kernels[user] < 0 && PlaceOf(user, kernels, users) is var place && place != home && late.TryAdd(user, place))
                {
                    Delay(user, home);
                }
            }
        }

        private void Add(int i, int kernel)
        {
            Operator op = program.Values[i];
            EquatableArray<int> operands = [.. op.Operands.Select(operand => OperandOf(operand, kernel, isCopy: false)).ToArray()];
            renamed[i] = values.Count;
            values.Add(op.With(operands));
        }

        private int OperandOf(int operand, int kernel, bool isCopy)
        {
            if (late.Remove(operand, out int place))
            {
                Add(operand, place);
            }

            if (kernel < 0 || !(operand == value || (isCopy && copied.Contains(operand))))
            {
                return renamed[operand];
            }

            if (!copies.TryGetValue((operand, kernel), out int number))
            {
                Operator op = program.Values[operand];
                EquatableArray<int> operands = [.. op.Operands.Select(read => OperandOf(read, kernel, isCopy: true)).ToArray()];
                copies[(operand, kernel)] = number = values.Count;
                values.Add(op.With(operands));
            }

            return number;
        }
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
