using System.Collections.Immutable;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>The tensors of one layer by name. Each is taken once, with the shape it should have; what is left over is an error.</summary>
internal sealed class StateDict
{
    /// <summary>An extent that the tensor itself tells.</summary>
    public const long Any = -1;

    private const int LongestName = 100;
    private readonly SafetensorsFile file;
    private readonly HashSet<string> left;

    private StateDict(SafetensorsFile file, string prefix, IEnumerable<string> names)
    {
        this.file = file;
        Prefix = prefix;
        left = [.. names];
    }

    /// <summary>What stands before the layer's names: nothing, or <c>layer0.</c>.</summary>
    public string Prefix { get; }

    /// <summary>One state dict for each layer.</summary>
    /// <exception cref="PigeonException">PG0411: a tensor belongs to no layer.</exception>
    public static ImmutableArray<StateDict> Layers(SafetensorsFile file)
    {
        ILookup<string, string> names = file.Tensors.Keys.ToLookup(LayerOf);
        if (!names.Contains("layer0."))
        {
            return [new(file, "", file.Tensors.Keys)];
        }

        var layers = ImmutableArray.CreateBuilder<StateDict>();
        for (string prefix = "layer0."; names.Contains(prefix); prefix = $"layer{layers.Count}.")
        {
            layers.Add(new(file, prefix, names[prefix]));
        }

        HashSet<string> known = [.. layers.Select(layer => layer.Prefix)];
        string? extra = file.Tensors.Keys.FirstOrDefault(name => !known.Contains(LayerOf(name)));
        return extra is null ? layers.ToImmutable() : throw Extra(extra);
    }

    /// <summary>Whether there is such a tensor.</summary>
    public bool Has(string name) => file.Tensors.ContainsKey(Prefix + name);

    /// <summary>Whether there is such a tensor that has not been taken.</summary>
    public bool HasLeft(string name) => left.Contains(Prefix + name);

    /// <summary>The number of axes of a tensor; 0 where there is none.</summary>
    public int RankOf(string name) => file.Tensors.TryGetValue(Prefix + name, out TensorInfo? info) ? info.Shape.Length : 0;

    /// <summary>The length of a vector; 0 where there is none.</summary>
    public long LengthOf(string name) => RankOf(name) == 1 ? file.Tensors[Prefix + name].Shape[0] : 0;

    /// <summary>Takes a tensor.</summary>
    /// <param name="name">Its name in the layer.</param>
    /// <param name="axes">Its axes: what each counts, and how many, or <see cref="Any"/>.</param>
    /// <exception cref="PigeonException">PG0410: it is missing. PG0412: it has another shape. PG03xx: it can't be read.</exception>
    public StateTensor Take(string name, params ReadOnlySpan<(string Name, long Extent)> axes)
    {
        string[] wanted = new string[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            wanted[i] = axes[i].Extent == Any ? axes[i].Name : $"{axes[i].Name} = {axes[i].Extent}";
        }

        string expected = $"[{string.Join(", ", wanted)}]";
        if (!file.Tensors.TryGetValue(Prefix + name, out TensorInfo? info))
        {
            throw new PigeonException("PG0410", $"it is missing; its shape would be {expected}", Place(Prefix + name),
                "save the whole state dict, under PyG's names");
        }

        bool fits = info.Shape.Length == axes.Length;
        for (int i = 0; fits && i < axes.Length; i++)
        {
            fits = axes[i].Extent == Any ? info.Shape[i] >= 1 : info.Shape[i] == axes[i].Extent;
        }

        left.Remove(Prefix + name);
        if (!fits)
        {
            throw WrongShape(name, expected);
        }

        using Tensor tensor = file.Read(Prefix + name);
        return new(info.Shape, tensor.Span.ToArray());
    }

    /// <summary>Passes over tensors that the model does not use, where they are there.</summary>
    public void Skip(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            left.Remove(Prefix + name);
        }
    }

    /// <summary>Checks that every tensor was taken.</summary>
    /// <exception cref="PigeonException">PG0411: one was not.</exception>
    public void RequireEmpty()
    {
        if (left.Count > 0)
        {
            throw Extra(left.Order(StringComparer.Ordinal).First());
        }
    }

    /// <summary>The error for a tensor whose shape does not go with the others'.</summary>
    public PigeonException WrongShape(string name, string expected) => new("PG0412",
        $"its shape is [{string.Join(", ", file.Tensors[Prefix + name].Shape)}]; expected is {expected}", Place(Prefix + name),
        "the shape must follow from the graph and the other tensors");

    /// <summary>A tensor's name as a place, whatever a file calls it.</summary>
    private static string Place(string name) =>
        $"tensor {string.Concat(name.Take(LongestName).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c))}";

    private static string LayerOf(string name) =>
        name.StartsWith("layer", StringComparison.Ordinal) ? name[..(name.IndexOf('.', StringComparison.Ordinal) + 1)] : "";

    private static PigeonException Extra(string name) => new("PG0411", "the model has no such weight", Place(name),
        "choose the model that the weights were saved from, and save nothing else");
}
