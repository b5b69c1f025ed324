using CsCheck;
using Xunit;

namespace Pigeon.Runtime.Tests;

public class EvaluationNodeMetricsTests
{
    private static readonly Gen<(float[] Scores, int Classes, int[] Nodes, int[] Right)> Case =
        from nodes in Gen.Int[1, 30]
        from classes in Gen.Int[1, 6]
        from scores in Gen.Int[-3, 3].Select(x => (float)x).Array[nodes * classes]
        from chosen in Gen.Int[0, nodes - 1].Array[1, 40]
        from right in Gen.Int[0, classes - 1].Array[chosen.Length]
        select (scores, classes, chosen, right);

    [Fact]
    public void Metrics_are_what_their_definitions_say() => Case.Sample(c =>
    {
        using var scores = Tensor.From(c.Scores, c.Scores.Length / c.Classes, c.Classes);
        int[] predicted = new int[c.Nodes.Length];
        NodeMetrics.Predict(scores, c.Nodes, predicted);
        Assert.Equal(c.Nodes.Select(node => FirstOfHighest(c.Scores[(node * c.Classes)..((node + 1) * c.Classes)])), predicted);
        Assert.Equal(predicted.Zip(c.Right).Average(pair => pair.First == pair.Second ? 1.0 : 0.0),
            NodeMetrics.Accuracy(scores, c.Nodes, c.Right), tolerance: 1e-12);
        Assert.Equal(predicted.Union(c.Right).Average(k => F1(k, predicted, c.Right)),
            NodeMetrics.MacroF1(scores, c.Nodes, c.Right), tolerance: 1e-12);
    });

    [Fact]
    public void Of_equal_scores_the_lowest_class_is_predicted()
    {
        using var scores = Tensor.From([1, 2, 2, 0, 0, 0, float.NegativeInfinity, float.NegativeInfinity, -1e30f], 3, 3);
        int[] predicted = new int[3];
        NodeMetrics.Predict(scores, [0, 1, 2], predicted);
        Assert.Equal([1, 0, 2], predicted);
    }

    [Fact]
    public void Macro_F1_leaves_out_classes_that_do_not_occur()
    {
        // Class 0: two of three found, none wrong, F1 = 4/5. Class 1: one of one found, one wrong, F1 = 2/3. Class 2 doesn't occur.
        using var scores = Tensor.From([1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0], 4, 3);
        Assert.Equal((4.0 / 5 + 2.0 / 3) / 2, NodeMetrics.MacroF1(scores, [0, 1, 2, 3], [0, 0, 0, 1]), tolerance: 1e-12);
        Assert.Equal(0.75, NodeMetrics.Accuracy(scores, [0, 1, 2, 3], [0, 0, 0, 1]));
    }

    [Fact]
    public void What_can_not_be_judged_is_refused()
    {
        using var scores = Tensor.Zeros(3, 2);
        using var vector = Tensor.Zeros(3);
        using var broken = Tensor.From([0, float.NaN], 1, 2);
        Refusal.Of("PG0236", () => NodeMetrics.Accuracy(vector, [0], [0]));
        Refusal.Of("PG0236", () => NodeMetrics.Accuracy(Tensor.Zeros(3, 0), [0], [0]));
        Refusal.Of("PG0237", () => NodeMetrics.Accuracy(scores, [], []));
        Refusal.Of("PG0237", () => NodeMetrics.Accuracy(scores, [0, 1], [0]));
        Refusal.Of("PG0237", () => NodeMetrics.Accuracy(scores, [3], [0]));
        Refusal.Of("PG0237", () => NodeMetrics.Accuracy(scores, [-1], [0]));
        Refusal.Of("PG0237", () => NodeMetrics.MacroF1(scores, [0], [2]));
        Refusal.Of("PG0237", () => NodeMetrics.MacroF1(scores, [0], [-1]));
        Refusal.Of("PG0238", () => NodeMetrics.MacroF1(broken, [0], [0]));
    }

    private static int FirstOfHighest(float[] row) => Array.IndexOf(row, row.Max());

    private static double F1(int k, int[] predicted, int[] right)
    {
        double both = predicted.Zip(right).Count(pair => pair.First == k && pair.Second == k);
        double precision = both / predicted.Count(c => c == k);
        double recall = both / right.Count(c => c == k);
        return both == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }
}
