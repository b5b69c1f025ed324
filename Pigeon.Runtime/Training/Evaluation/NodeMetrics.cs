using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>Judges node classification. A node's predicted class is the one with the highest score; of equal ones the lowest.</summary>
public static class NodeMetrics
{
    /// <summary>The predicted class of some nodes.</summary>
    /// <param name="scores">A score per node and class, <c>[N, C]</c>.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="classes">Takes the class of each.</param>
    /// <exception cref="PigeonException">
    /// PG0236: the scores aren't a matrix with a class at least. PG0237: a node is out of range, or there aren't as many classes as
    /// nodes. PG0238: a score is NaN.
    /// </exception>
    public static void Predict(Tensor scores, ReadOnlySpan<int> nodes, Span<int> classes)
    {
        if (scores.Shape is not [var count, >= 1 and <= int.MaxValue])
        {
            throw new PigeonException("PG0236", $"scores of shape {TensorShape.Format(scores.Shape.AsSpan())} are not rows of classes",
                remedy: "give one row per node and one column per class");
        }

        if (nodes.Length != classes.Length)
        {
            throw new PigeonException("PG0237", $"{nodes.Length} nodes and {classes.Length} classes", remedy: "give as many of each");
        }

        int width = (int)scores.Shape[1];
        for (int i = 0; i < nodes.Length; i++)
        {
            classes[i] = nodes[i] >= 0 && nodes[i] < count
                ? Highest(scores.Slice((long)nodes[i] * width, width), nodes[i])
                : throw new PigeonException("PG0237", $"node {nodes[i]} is not in 0 … {count - 1}",
                    remedy: "use labels and graph of the same dataset");
        }
    }

    /// <summary>The share of nodes whose predicted class is right.</summary>
    /// <param name="scores">A score per node and class, <c>[N, C]</c>.</param>
    /// <param name="nodes">The nodes to judge by; at least one.</param>
    /// <param name="classes">The right class of each.</param>
    /// <exception cref="PigeonException">
    /// As for <see cref="Predict"/>. PG0237: also where there are no nodes, or a class is out of range.
    /// </exception>
    public static double Accuracy(Tensor scores, ReadOnlySpan<int> nodes, ReadOnlySpan<int> classes)
    {
        int[] predicted = PredictChecked(scores, nodes, classes);
        int right = 0;
        for (int i = 0; i < predicted.Length; i++)
        {
            right += predicted[i] == classes[i] ? 1 : 0;
        }

        return (double)right / predicted.Length;
    }

    /// <summary>
    /// The mean of the classes' F1 scores, <c>2·tp / (2·tp + fp + fn)</c>, over the classes that are right or predicted for at least one
    /// of the nodes.
    /// </summary>
    /// <param name="scores">A score per node and class, <c>[N, C]</c>.</param>
    /// <param name="nodes">The nodes to judge by; at least one.</param>
    /// <param name="classes">The right class of each.</param>
    /// <exception cref="PigeonException">As for <see cref="Accuracy"/>.</exception>
    public static double MacroF1(Tensor scores, ReadOnlySpan<int> nodes, ReadOnlySpan<int> classes)
    {
        int[] predicted = PredictChecked(scores, nodes, classes);
        int[] right = new int[scores.Shape[1]];

        // tp + fp is how often a class is predicted, and tp + fn how often it is right.
        int[] named = new int[right.Length];
        for (int i = 0; i < predicted.Length; i++)
        {
            right[predicted[i]] += predicted[i] == classes[i] ? 1 : 0;
            named[predicted[i]]++;
            named[classes[i]]++;
        }

        double sum = 0;
        int occurring = 0;
        for (int c = 0; c < right.Length; c++)
        {
            if (named[c] > 0)
            {
                sum += 2.0 * right[c] / named[c];
                occurring++;
            }
        }

        return sum / occurring;
    }

    /// <summary>Predicts, after checking what the prediction is compared with.</summary>
    private static int[] PredictChecked(Tensor scores, ReadOnlySpan<int> nodes, ReadOnlySpan<int> classes)
    {
        if (nodes.IsEmpty || nodes.Length != classes.Length)
        {
            throw new PigeonException("PG0237", $"{nodes.Length} nodes and {classes.Length} classes",
                remedy: "give as many of each, and at least one");
        }

        int[] predicted = new int[nodes.Length];
        Predict(scores, nodes, predicted);
        foreach (int c in classes)
        {
            if ((ulong)c >= (ulong)scores.Shape[1])
            {
                throw new PigeonException("PG0237", $"class {c} is not in 0 … {scores.Shape[1] - 1}",
                    remedy: "use a model with as many classes as the dataset");
            }
        }

        return predicted;
    }

    private static int Highest(ReadOnlySpan<float> row, int node)
    {
        int best = 0;
        for (int c = 0; c < row.Length; c++)
        {
            if (float.IsNaN(row[c]))
            {
                throw new PigeonException("PG0238", $"the score of node {node} for class {c} is not a number",
                    remedy: "train with a lower learning rate or clip gradients");
            }

            best = row[c] > row[best] ? c : best;
        }

        return best;
    }
}
