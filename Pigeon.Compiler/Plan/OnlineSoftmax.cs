using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Makes one loop of a loop that takes a maximum m of l and the loop after it that sums multiples of <c>exp(l - m)</c>: the sums are taken
/// relative to the maximum so far, and multiplied by <c>exp(m1 - m2)</c> when it rises from m1 to m2. The logits of a softmax are then
/// neither stored nor read again. Results are those of two loops but for rounding: a row without neighbours, logits that are infinite or no
/// numbers included. Needs a plan; later passes must not part a step.
/// <code>
/// for each neighbour along dst                      for each neighbour along dst
///   %1 (loop buffer) = ...                            %1 (scratch) = ...
///   %2 max= %1[neighbour]                      ⇒      %2 max= %1[neighbour]
/// for each neighbour along dst                        %3 = exp(%1[neighbour] - %2[row])
///   %3 = exp(%1[neighbour] - %2[row])                 %4 sum= %3[neighbour] rescaled as max %1[neighbour] rises
///   %4 sum= %3[neighbour]                             %5 sum= %0[...] * %3[neighbour] rescaled as max %1[neighbour] rises
///   %5 sum= %0[...] * %3[neighbour]
/// </code>
/// </summary>
public static class OnlineSoftmax
{
    /// <summary>
    /// The widest row of a sum, in numbers: both backends keep such a row in registers, or near. Wider ones gain nothing, since logits are few
    /// beside them.
    /// </summary>
    private const int WidestSum = 256;

    /// <summary>Merges loops where that is predicted to be faster on a graph, unless the options forbid it.</summary>
    internal static Plan Run(Plan plan, GraphCounts graph, CompileOptions options) =>
        options.OnlineSoftmax ? Run(plan, other => PlanCosts.Seconds(NarrowStorage.Run(other, options), graph, options)) : plan;

    /// <summary>Merges loops where that is predicted to be faster; returns the same reference where it is nowhere.</summary>
    /// <param name="plan">A plan.</param>
    /// <param name="seconds">The predicted time of a plan; null to merge wherever it is possible.</param>
    public static Plan Run(Plan plan, Func<Plan, double>? seconds = null)
    {
        for (int k = 0; k < plan.Kernels.Count; k++)
        {
            for (int s = 0; s + 1 < plan.Kernels[k].Before.Count; s++)
            {
                if (Merge(plan.Kernels[k], s, plan.Storage) is not { } kernel)
                {
                    continue;
                }

                Kernel[] kernels = [.. plan.Kernels];
                kernels[k] = kernel;
                var merged = plan with { Kernels = [.. kernels], Storage = StorageIn(kernel, plan.Storage) };
                if (seconds is null || seconds(merged) < seconds(plan))
                {
                    plan = merged;
                }
            }
        }

        return plan;
    }

    /// <summary>The kernel with two neighbouring steps made one; null where that would change what it computes.</summary>
    private static Kernel? Merge(Kernel kernel, int first, EquatableArray<Storage> storage)
    {
        (Step taking, Step summing) = (kernel.Before[first], kernel.Before[first + 1]);
        if (taking.Loop is null || taking.Loop != summing.Loop || taking.IsOnline || summing.IsOnline)
        {
            return null;
        }

        Stage[] reduced = [.. taking.Stages.Where(stage => stage.Kind == StageKind.Reduce && IsRead(summing, stage.Value))];
        if (reduced is not [{ Reduction: ReduceKind.Max, Expression: Expr.Arg, Arguments: [{ Index.OfNeighbour: true, Offset: 0 } logits] } max] ||
            !IsWholeRow(max.Offset, max.Strides, max.Domain) ||
            !StageBuilder.IsRowMajor(logits.Strides, max.Domain))
        {
            return null;
        }

        var stages = new List<Stage>(taking.Stages);
        var weights = new HashSet<int>();
        foreach (Stage stage in summing.Stages)
        {
            if (IsWeight(stage, max, logits) && storage[stage.Value] == Storage.Scratch && !IsReadElsewhere(kernel, summing, stage.Value))
            {
                weights.Add(stage.Value);
                stages.Add(stage);
            }
            else if (stage.Arguments.Any(a => a.Value == max.Value))
            {
                return null;
            }
            else if (!stage.Arguments.Any(a => weights.Contains(a.Value)))
            {
                stages.Add(stage);
            }
            else if (Rescaled(stage, weights, logits) is { } sum)
            {
                stages.Add(sum);
            }
            else
            {
                return null;
            }
        }

        return weights.Count == 0 ? null : kernel with
        {
            Before = [.. kernel.Before.Take(first).Append(new(taking.Loop, [.. stages.ToArray()])).Concat(kernel.Before.Skip(first + 2)).ToArray()],
        };
    }

    /// <summary>Whether a stage computes <c>exp(l - m)</c>, for this row alone.</summary>
    private static bool IsWeight(Stage stage, Stage max, Access logits)
    {
        if (stage is not
            {
                Kind: StageKind.Map,
                Expression: Expr.Unary
                {
                    Function: UnaryFunction.Exp,
                    X: Expr.Binary { Function: BinaryFunction.Sub, X: Expr.Arg { Position: var l }, Y: var shift },
                },
            } || stage.Domain != max.Domain || !IsWholeRow(stage.Offset, stage.Strides, stage.Domain))
        {
            return false;
        }

        return (shift is Expr.Unary { Function: UnaryFunction.Detach } detached ? detached.X : shift) is Expr.Arg { Position: var m } &&
            stage.Arguments[l] == logits && stage.Arguments[m] is { Index: { OfNeighbour: false, Along: Map.Identity }, Offset: 0 } read &&
            read.Value == max.Value && StageBuilder.IsRowMajor(read.Strides, stage.Domain);
    }

    /// <summary>The stage, rescaled as the maximum rises; null where it is no sum of multiples of one weight.</summary>
    private static Stage? Rescaled(Stage stage, HashSet<int> weights, Access logits)
    {
        Access[] read = [.. stage.Arguments.Where(a => weights.Contains(a.Value))];
        if (stage is not { Kind: StageKind.Reduce, Reduction: ReduceKind.Sum } || stage.Domain.Width > WidestSum || read is not [var weight] ||
            weight.Index is not { OfNeighbour: true, Along: Map.Identity } || !IsFactor(stage.Expression, stage.Arguments.Items.IndexOf(weight)))
        {
            return null;
        }

        // Weights and logits have the same coordinates.
        var risen = logits with { Offset = weight.Offset, Strides = weight.Strides };
        return stage with { Arguments = [.. stage.Arguments.Append(risen).ToArray()], Rises = stage.Arguments.Count };
    }

    /// <summary>Whether an expression is an argument times something that does not depend on it.</summary>
    private static bool IsFactor(Expr expression, int position) => expression switch
    {
        Expr.Arg a => a.Position == position,
        Expr.Binary { Function: BinaryFunction.Mul } product => Reads(product.X, position)
            ? IsFactor(product.X, position) && !Reads(product.Y, position)
            : IsFactor(product.Y, position),
        Expr.Binary { Function: BinaryFunction.Div } quotient => IsFactor(quotient.X, position) && !Reads(quotient.Y, position),
        _ => false,
    };

    private static bool Reads(Expr expression, int position) =>
        expression is Expr.Arg a ? a.Position == position : expression.Children.Any(child => Reads(child, position));

    private static bool IsRead(Step step, int value) => step.Stages.Items.Any(stage => stage.Arguments.Any(a => a.Value == value));

    private static bool IsReadElsewhere(Kernel kernel, Step step, int value) => kernel.Steps.Any(other => other != step && IsRead(other, value));

    private static bool IsWholeRow(int offset, EquatableArray<int> strides, Shape domain) => offset == 0 && StageBuilder.IsRowMajor(strides, domain);

    /// <summary>What two loops used and one uses now is not kept in between.</summary>
    private static EquatableArray<Storage> StorageIn(Kernel kernel, EquatableArray<Storage> storage) => [.. storage.Select((place, value) =>
        place == Storage.LoopBuffer && kernel.Steps.Count(step => IsRead(step, value) || step.Stages.Items.Any(stage => stage.Value == value)) == 1
            ? Storage.Scratch
            : place)];
}
