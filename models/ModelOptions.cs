using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>
/// What every model has: the widths of its rows and the activation between its layers. The options of a model of one layer
/// are the options of that layer.
/// </summary>
public abstract record ModelOptions
{
    private const int WidestRow = 1 << 20;
    private const int MostLayers = 1000;

    /// <summary>The row width before the first layer and after each layer: <c>[64, 16, 4]</c> for two layers, 64 → 16 → 4.</summary>
    public required EquatableArray<int> Widths { get; init; }

    /// <summary>What stands between the layers.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>The width of the input's rows.</summary>
    public int In => Widths[0];

    /// <summary>The width of the output's rows, all heads together.</summary>
    public int Out => Widths[Widths.Count - 1];

    /// <summary>The number of layers.</summary>
    public int Layers => Widths.Count - 1;

    /// <summary>Whether the model has an input <c>x</c>, <see cref="In"/> wide; else <see cref="In"/> is not used.</summary>
    private protected virtual bool UsesIn => true;

    /// <summary>What stands before the weight names of a layer: nothing where there is one layer, else <c>layer0.</c>.</summary>
    internal string PrefixOf(int layer) => Layers == 1 ? "" : $"layer{layer}.";

    /// <summary>Checks what holds for every model.</summary>
    /// <exception cref="PigeonException">PG0404: no layer, or a width out of range.</exception>
    internal virtual void Check()
    {
        Require(Layers is >= 1 and <= MostLayers, "layers", $"{Math.Max(Layers, 0)} layers", $"use 1 … {MostLayers}");
        foreach (int width in UsesIn ? Widths.Items : Widths.Items[1..])
        {
            Require(width is >= 1 and <= WidestRow, "width", $"a row can't be {width} wide", $"use 1 … {WidestRow}");
        }
    }

    /// <summary>Refuses options that don't fit together.</summary>
    private protected static void Require(bool condition, string option, string message, string remedy)
    {
        if (!condition)
        {
            throw new PigeonException("PG0404", message, option, remedy);
        }
    }

    /// <summary>The widths of one layer.</summary>
    private protected EquatableArray<int> WidthsOf(int layer) => [Widths[layer], Widths[layer + 1]];
}
