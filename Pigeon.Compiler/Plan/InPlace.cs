using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Finds values that may take the memory of a value that is read for the last time where they are computed: every element is written
/// by the thread that read it, after it was read, and nobody else looks at it; and both are in one element type, so that elements are at the
/// same places. The gradient of an activation takes the place of the activation, for example.
/// </summary>
internal static class InPlace
{
    /// <summary>For each value of a plan, the value whose memory it takes; -1 where it has memory of its own.</summary>
    public static int[] Run(Plan plan)
    {
        int values = plan.Program.Values.Length;
        int[] over = new int[values];
        Array.Fill(over, -1);
        int[] last = LastReaders(plan);
        bool[] isInternal = [.. Enumerable.Range(0, values).Select(v => plan.Storage[v] == Storage.Buffer)];
        for (int v = 0; v < values; v++)
        {
            isInternal[v] &= plan.Program.Values[v] is not (Operator.Input or Operator.Weight or Operator.Regroup);
            if (plan.Program.Values[v] is Operator.Regroup regroup)
            {
                isInternal[regroup.X] = false;
            }
        }

        foreach (Output output in plan.Program.Outputs)
        {
            isInternal[output.Value] = false;
        }

        var taken = new HashSet<int>();
        var constant = plan.Kernels.Items.Where(k => k.Once).SelectMany(k => k.Computed).ToHashSet();
        for (int number = 0; number < plan.Kernels.Count; number++)
        {
            Kernel kernel = plan.Kernels[number];
            HashSet<int> computed = [.. kernel.Computed];
            foreach (Place place in Places(kernel).Where(p => !kernel.Once && isInternal[p.Stage.Value]))
            {
                int value = place.Stage.Value;
                int dying = Enumerable.Range(0, values).FirstOrDefault(v => isInternal[v] && last[v] == number && !constant.Contains(v) &&
                    !computed.Contains(v) && !taken.Contains(v) && MayTake(plan, kernel, place, v), -1);
                if (dying >= 0)
                {
                    over[value] = dying;
                    taken.Add(dying);
                }
            }
        }

        return over;
    }

    /// <summary>Where a kernel writes whole rows of a value in one stage, at its own row or neighbour.</summary>
    private static IEnumerable<Place> Places(Kernel kernel)
    {
        Step[] steps = [.. kernel.Steps];
        bool loops = steps.Any(s => s.Loop is not null);
        for (int step = 0; step < steps.Length; step++)
        {
            // Rows of a kernel with loops may be shared between threads, and all of them read what belongs to the row.
            for (int stage = 0; stage < steps[step].Stages.Count && (steps[step].Loop is not null || !loops); stage++)
            {
                Stage written = steps[step].Stages[stage];
                if (written is { Kind: StageKind.Map, Offset: 0 } && steps.Sum(s => s.Stages.Items.Count(other => other.Value == written.Value)) == 1)
                {
                    yield return new(step, stage, written);
                }
            }
        }
    }

    private static bool MayTake(Plan plan, Kernel kernel, Place place, int value)
    {
        RowType type = plan.Program.Types[place.Stage.Value];
        RowType dying = plan.Program.Types[value];
        if (type.Space != dying.Space || type.Row.Width != dying.Row.Width || plan.Elements[place.Stage.Value] != plan.Elements[value])
        {
            return false;
        }

        Step[] steps = [.. kernel.Steps];
        Map? loop = steps[place.Step].Loop;
        if (kernel.Contraction is { } contraction && (contraction.Kind == ContractionKind.OuterSum || contraction.Y.Value == value ||
            (contraction.X.Value == value && (contraction.X.Index.Along is not Map.Identity || place.Step < kernel.Before.Count))))
        {
            return false;
        }

        for (int step = 0; step < steps.Length; step++)
        {
            for (int stage = 0; stage < steps[step].Stages.Count; stage++)
            {
                Stage reader = steps[step].Stages[stage];
                foreach (Access access in reader.Arguments.Where(a => a.Value == value))
                {
                    bool isBefore = step < place.Step || (step == place.Step && stage < place.Number);
                    bool isAtOwn = access.Index.Along is Map.Identity && access.Index.OfNeighbour == loop is not null && steps[step].Loop == loop;
                    bool isElementwise = step == place.Step && stage == place.Number && access.Offset == 0 && SameElements(reader, access);
                    if (!isAtOwn || !(isBefore || isElementwise))
                    {
                        return false;
                    }
                }
            }
        }

        return true;
    }

    private static bool SameElements(Stage stage, Access access) => Enumerable.Range(0, stage.Domain.Rank)
        .All(axis => stage.Domain[axis] == 1 || stage.Strides[axis] == access.Strides[axis]);

    /// <summary>For each value, the last kernel that reads it; -1 where none does.</summary>
    private static int[] LastReaders(Plan plan)
    {
        int[] last = new int[plan.Program.Values.Length];
        Array.Fill(last, -1);
        for (int k = 0; k < plan.Kernels.Count; k++)
        {
            foreach (int value in plan.Kernels[k].Read)
            {
                last[value] = k;
            }
        }

        return last;
    }

    private sealed record Place(int Step, int Number, Stage Stage);
}
