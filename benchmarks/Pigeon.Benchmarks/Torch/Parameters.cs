using Pigeon.Compiler;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// A model's weights as torch's parameters. A weight is one parameter, or one for each type where the layer that is imitated keeps
/// them so.
/// </summary>
internal sealed class Parameters : IDisposable
{
    private readonly Dictionary<string, (float[] Numbers, long[] Shape)> given;
    private readonly Dictionary<string, Parameter[]> leaves = [];
    private readonly bool learning;

    /// <summary>Takes weights in Pigeon's layout.</summary>
    /// <param name="program">The program whose weights they are.</param>
    /// <param name="numbers">The numbers of each.</param>
    /// <param name="learning">Whether gradients are wanted.</param>
    public Parameters(Program program, IReadOnlyDictionary<string, float[]> numbers, bool learning)
    {
        this.learning = learning;
        given = program.Values.OfType<Operator.Weight>().ToDictionary(w => w.Name, w =>
        {
            float[] values = numbers[w.Name];
            long[] row = [.. w.Type.Row.Extents.Items.Select(e => (long)e)];
            return (values, (long[])[values.Length / w.Type.Row.Width, .. row]);
        });
    }

    /// <summary>All parameters that were asked for.</summary>
    public Parameter[] All => [.. leaves.Values.SelectMany(l => l)];

    /// <summary>The weight as one parameter: types in front, or no such axis where there is one type only (<c>one[…]</c>).</summary>
    public Tensor Whole(string name, bool oneType = false) =>
        Leaves(name, (numbers, shape) => [tensor(numbers, oneType ? shape[1..] : shape)])[0];

    /// <summary>A parameter for each type.</summary>
    public Tensor[] ByType(string name) => Leaves(name, (numbers, shape) =>
    {
        int width = (int)(numbers.Length / shape[0]);
        return [.. Enumerable.Range(0, (int)shape[0]).Select(t => tensor(numbers.AsSpan(t * width, width).ToArray(), shape[1..]))];
    });

    /// <summary>The numbers of every weight, in Pigeon's layout.</summary>
    public Dictionary<string, float[]> Values() => leaves.ToDictionary(l => l.Key, l => Numbers(l.Value, t => t));

    /// <summary>The gradient of every weight, in Pigeon's layout; a parameter that nothing depends on has zeros.</summary>
    public Dictionary<string, float[]> Gradients() => leaves.ToDictionary(l => l.Key, l => Numbers(l.Value, t => t.grad));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Parameter leaf in All)
        {
            leaf.Dispose();
        }
    }

    private static float[] Numbers(Parameter[] tensors, Func<Tensor, Tensor?> part) => [.. tensors.SelectMany(t =>
        part(t) is { } there ? there.detach().contiguous().data<float>().ToArray() : new float[t.numel()])];

    private Parameter[] Leaves(string name, Func<float[], long[], Tensor[]> make)
    {
        if (!leaves.TryGetValue(name, out Parameter[]? found))
        {
            (float[] numbers, long[] shape) = given[name];
            leaves[name] = found = [.. make(numbers, shape).Select(t => new Parameter(t.DetachFromDisposeScope(), learning))];
        }

        return found;
    }
}
