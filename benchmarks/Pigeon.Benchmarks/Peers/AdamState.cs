namespace Pigeon.Benchmarks;

/// <summary>What the state after the first step of Pigeon's Adam says.</summary>
internal static class AdamState
{
    /// <summary>Every weight's gradient: the running mean, which began at zero, is (1 − β₁) of it.</summary>
    public static Dictionary<string, float[]> Gradients(Workload workload, Func<string, float[]> argument)
    {
        float scale = (float)(1 / (1 - Workload.Adam.Beta1));
        return Names(workload).ToDictionary(name => name, name => workload.Whole(name,
            Array.ConvertAll(argument("mean." + name), m => m * scale), new float[workload.Numbers[name].Length]));
    }

    /// <summary>Every weight.</summary>
    public static Dictionary<string, float[]> Weights(Workload workload, Func<string, float[]> argument) =>
        Names(workload).ToDictionary(name => name, name => workload.Whole(name, argument(name), workload.Numbers[name]));

    private static IEnumerable<string> Names(Workload workload) =>
        workload.Step!.Links.Select(l => l.Argument).Where(name => !workload.Step.State.Contains(name));
}
