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
    private readonly Dictionary<string, int[]> someRows = [];
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

    /// <summary>One parameter of some of a weight's rows, in their order; the other rows stay as they are.</summary>
    public Tensor Rows(string name, int[] rows)
    {
        someRows[name] = rows;
        return Leaves(name, (numbers, shape) =>
        {
            int width = (int)(numbers.Length / shape[0]);
            float[] some = new float[rows.Length * width];
            for (int i = 0; i < rows.Length; i++)
            {
                numbers.AsSpan(rows[i] * width, width).CopyTo(some.AsSpan(i * width));
            }

            return [tensor(some, (long[])[rows.Length, .. shape[1..]])];
        })[0];
    }

    /// <summary>The numbers of every weight, in Pigeon's layout.</summary>
    public Dictionary<string, float[]> Values() =>
        leaves.Keys.ToDictionary(name => name, name => WithOthers(name, t => t, given[name].Numbers));

    /// <summary>The gradient of every weight, in Pigeon's layout; a parameter that nothing depends on has zeros.</summary>
    public Dictionary<string, float[]> Gradients() =>
        leaves.Keys.ToDictionary(name => name, name => WithOthers(name, t => t.grad, new float[given[name].Numbers.Length]));

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

    /// <summary>A weight's numbers, where only some rows are a parameter among those that stay.</summary>
    private float[] WithOthers(string name, Func<Tensor, Tensor?> part, float[] others)
    {
        float[] numbers = Numbers(leaves[name], part);
        if (!someRows.TryGetValue(name, out int[]? rows))
        {
            return numbers;
        }

        float[] all = [.. others];
        int width = numbers.Length / rows.Length;
        for (int i = 0; i < rows.Length; i++)
        {
            numbers.AsSpan(i * width, width).CopyTo(all.AsSpan(rows[i] * width));
        }

        return all;
    }

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
