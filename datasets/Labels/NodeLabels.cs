using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// What a node classifier learns and is judged by. Splits may share nodes: some set-ups train on train and valid in the end.
/// </summary>
public sealed class NodeLabels
{
    /// <summary>Checks that each class has a name.</summary>
    /// <param name="classNames">The name of each class.</param>
    /// <param name="train">The nodes to learn from.</param>
    /// <param name="valid">The nodes to choose a model by; <see cref="LabelledNodes.None"/> where the dataset sets none aside.</param>
    /// <param name="test">The nodes to report.</param>
    /// <exception cref="PigeonException">PG0307: a class is out of range.</exception>
    public NodeLabels(ImmutableArray<string> classNames, LabelledNodes train, LabelledNodes valid, LabelledNodes test)
    {
        ClassNames = classNames;
        Train = train;
        Valid = valid;
        Test = test;
        foreach (var (name, split) in Splits)
        {
            Require(split.Classes, classNames.Length, "class", name);
        }
    }

    /// <summary>The name of each class.</summary>
    public ImmutableArray<string> ClassNames { get; }

    /// <summary>The nodes to learn from.</summary>
    public LabelledNodes Train { get; }

    /// <summary>The nodes to choose a model by; may be empty.</summary>
    public LabelledNodes Valid { get; }

    /// <summary>The nodes to report.</summary>
    public LabelledNodes Test { get; }

    /// <summary>What files call the splits: train, valid, test.</summary>
    internal static ImmutableArray<string> SplitNames { get; } = ["train", "valid", "test"];

    /// <summary>The splits and what files call them.</summary>
    internal IEnumerable<(string Name, LabelledNodes Labels)> Splits => SplitNames.Zip((LabelledNodes[])[Train, Valid, Test]);

    /// <summary>Refuses labels of a larger graph.</summary>
    /// <param name="count">How many nodes the graph has.</param>
    /// <exception cref="PigeonException">PG0307: a node is out of range.</exception>
    internal void RequireNodes(int count)
    {
        foreach (var (name, split) in Splits)
        {
            Require(split.Nodes, count, "node", name);
        }
    }

    private static void Require(ImmutableArray<int> ids, int count, string what, string split)
    {
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)count)
            {
                throw new PigeonException(DiagnosticIds.NotAnId, $"{what} {id} is not in 0 … {count - 1}", $"labels, {split}");
            }
        }
    }
}
