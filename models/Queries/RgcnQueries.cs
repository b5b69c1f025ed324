using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Kernels;
using static Pigeon.Kernels.HeteroSchema;
using static Pigeon.Models.QuerySchema;

namespace Pigeon.Models;

/// <summary>
/// RGCN as the control of <see cref="EpiGnn"/>: nodes begin with a row of their role (head, tail, or neither), each layer sums messages along
/// and against the edges, and a linear head reads the rows of head and tail. Same data, same trainer; softmax cross-entropy.
/// </summary>
internal static class RgcnQueries
{
    private static readonly ImmutableArray<ModelOption> Options =
    [
        new("layers", OptionKind.Count, "5", "the number of layers"),
        new("hidden", OptionKind.Count, "32", "the width of rows"),
    ];

    /// <summary>The programs, and the bounds of their first weights.</summary>
    /// <exception cref="PigeonException">PG0402 … PG0404: the options can't be.</exception>
    public static (Program Scores, Program Loss, ImmutableDictionary<string, double> Bounds) Build(
        IReadOnlyDictionary<string, string> set, int relations)
    {
        var options = new OptionSet("rgcn", Options, set);
        (int layers, int hidden) = (options.Count("layers"), options.Count("hidden"));
        var bounds = ImmutableDictionary.CreateBuilder<string, double>();

        var p = new ProgramBuilder("rgcn");
        Value logits = Logits(p, layers, hidden, relations, bounds);

        // One candidate is one relation: its logit is the row's element where a table of ones on the diagonal has its one.
        Value choice = p.Input("choice", EdgeTypes, relations);
        p.Return("score", Pick(logits.At(CandidateQuery), choice.At(CandidateRelation)));

        var trained = new ProgramBuilder("rgcn");
        Value scores = Logits(trained, layers, hidden, relations, ImmutableDictionary.CreateBuilder<string, double>());
        Value one = trained.Constant(1, Queries, 1);
        trained.Return("loss", Losses.CrossEntropy(scores, trained.Input("choice", EdgeTypes, relations).At(Answer), one));
        return (p.Build(), trained.Build(), bounds.ToImmutable());
    }

    private static Value Pick(Value logits, Value choice) => (logits * choice).RowReduce(ReduceKind.Sum, 0).Reshape();

    private static Value Logits(ProgramBuilder p, int layers, int hidden, int relations, ImmutableDictionary<string, double>.Builder bounds)
    {
        Value start = p.Constant(1, Queries, 1).Sum(Head);
        Value end = p.Constant(1, Queries, 1).Sum(Tail);
        Value roles = p.Concat(0, start, end, p.Constant(1, Nodes, 1));
        Value x = roles.Linear(Weight("roles", IndexSpace.One, 3, hidden));
        var options = new RgcnOptions { Widths = [hidden, hidden] };
        for (int layer = 0; layer < layers; layer++)
        {
            string prefix = $"layer{layer}.";
            Value along = Rgcn.Layer(p, x, options, prefix: prefix);
            foreach (string own in (string[])["weight", "root"])
            {
                bounds[prefix + own] = InitialWeights.Glorot(hidden, hidden);
            }

            bounds[prefix + "bias"] = 0;
            Value against = x.At(Dst).Linear(Weight(prefix + "inverse", EdgeTypes, hidden, hidden), EType).Sum(Src);
            x = Nn.Relu(along + against);
        }

        Value ends = p.Concat(0, x.At(Head), x.At(Tail));
        return ends.Linear(Weight("head", IndexSpace.One, 2 * hidden, relations)) + Bias(relations);

        Value Weight(string name, IndexSpace space, int rows, int columns)
        {
            bounds[name] = InitialWeights.Glorot(rows, columns);
            return p.Weight(name, space, rows, columns);
        }

        Value Bias(int width)
        {
            bounds["bias"] = 0;
            return p.Weight("bias", IndexSpace.One, width);
        }
    }
}
