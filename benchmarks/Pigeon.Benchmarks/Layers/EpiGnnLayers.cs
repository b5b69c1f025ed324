using Pigeon.Kernels;
using Pigeon.Models;
using static Pigeon.Kernels.HeteroSchema;
using static Pigeon.Models.QuerySchema;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// EpiGNN in eager torch. Messages are written as published, a bilinear form for every edge and round, or with a matrix for each relation,
/// computed once and gathered once for the edges.
/// </summary>
internal sealed class EpiGnnLayers : IDisposable
{
    private const double Least = 1e-18;
    private const double LogFloor = 1e-12;

    private readonly EpiGnnOptions options;
    private readonly bool derived;
    private readonly Tensor relationWeights;
    private readonly Tensor compositionWeights;
    private readonly Dictionary<Map, Tensor> maps = [];
    private readonly Tensor identity;
    private readonly Tensor one;
    private readonly Tensor uniform;
    private readonly Tensor leftIdentity;
    private readonly Tensor rightIdentity;
    private readonly Tensor atHead;
    private readonly Tensor atTail;
    private readonly int nodes;
    private readonly int questions;

    /// <summary>Makes what depends on the batch alone.</summary>
    public EpiGnnLayers(EpiGnnOptions options, GraphBinding batch, Parameters parameters, bool derived)
    {
        this.options = options;
        this.derived = derived;
        (int m, int d) = (options.Facets, options.FacetWidth);
        relationWeights = parameters.Whole(EpiGnn.Relations);
        compositionWeights = parameters.Whole(EpiGnn.Composition, oneType: true);
        foreach (Map map in (Map[])[Src, Dst, EType, Head, Tail, Answer, Wrong, StepNode, StepQuery])
        {
            maps[map] = TorchGraph.Long(batch.Resolve(map).Values);
        }

        (nodes, questions) = (batch.SizeOf(Nodes), batch.SizeOf(Queries));
        identity = eye(d).DetachFromDisposeScope();
        one = identity[0].expand(m, d).contiguous().DetachFromDisposeScope();
        uniform = full(nodes, m, d, 1.0 / d).DetachFromDisposeScope();
        leftIdentity = identity.view(1, d, 1, d).expand(m, d, 1, d).contiguous().DetachFromDisposeScope();
        rightIdentity = identity.narrow(1, 1, d - 1).reshape(1, d, d - 1, 1).expand(m, d, d - 1, 1).contiguous().DetachFromDisposeScope();
        atHead = At(maps[Head]);
        atTail = At(maps[Tail]);
    }

    /// <summary>The margin loss.</summary>
    public Tensor Loss()
    {
        Tensor tensor = CompositionTensor();
        Tensor relations = relationWeights.softmax(2);
        Tensor fromHead = States(Messages(tensor, relations, reverse: false), Src, Dst, atHead);
        Tensor toTail = States(Messages(tensor, relations, reverse: true), Dst, Src, atTail);
        Tensor onTheWay = Compose(tensor, fromHead.index_select(0, maps[StepNode]), toTail.index_select(0, maps[StepNode]));
        Tensor logs = Pool(onTheWay, StepQuery, questions);
        return (1 - Score(logs, relations, Answer) + Score(logs, relations, Wrong)).relu().mean();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in (Tensor[])[.. maps.Values, identity, one, uniform, leftIdentity, rightIdentity, atHead, atTail])
        {
            tensor.Dispose();
        }
    }

    private Tensor CompositionTensor()
    {
        Tensor free = compositionWeights.softmax(3);
        free /= free.sum(1, keepdim: true);
        return cat([leftIdentity, cat([rightIdentity, free], 3)], 2);
    }

    /// <summary>From the states at the edges' sources to the messages along them.</summary>
    private Func<Tensor, Tensor> Messages(Tensor tensor, Tensor relations, bool reverse)
    {
        Tensor type = maps[EType];
        if (!derived)
        {
            Tensor ofEdge = relations.index_select(0, type);
            return x => reverse ? Compose(tensor, ofEdge, x) : Compose(tensor, x, ofEdge);
        }

        (int m, int d) = (options.Facets, options.FacetWidth);
        Tensor bySide = (reverse ? tensor.permute(0, 2, 3, 1) : tensor.permute(0, 3, 2, 1)).reshape(m, d, d * d);
        Tensor matrices = relations.transpose(0, 1).bmm(bySide).transpose(0, 1).reshape(-1, m, d, d).index_select(0, type).view(-1, d, d);
        return x => x.view(-1, 1, d).bmm(matrices).view(-1, m, d);
    }

    private static Tensor Compose(Tensor tensor, Tensor u, Tensor v) => einsum("efi,fpij,efj->efp", u, tensor, v);

    private Tensor States(Func<Tensor, Tensor> messages, Map from, Map to, Tensor start)
    {
        Tensor state = where(start, one, uniform);
        for (int round = 0; round < options.Rounds; round++)
        {
            state = where(start, one, Pool(messages(state.index_select(0, maps[from])), to, nodes));
        }

        return state;
    }

    private Tensor Pool(Tensor rows, Map map, int count)
    {
        Tensor index = maps[map].view(-1, 1, 1).expand_as(rows);
        Tensor pooled = Least + (options.Pooling == EpiGnnPooling.Min
            ? Aten.PoolMin(zeros(count, rows.size(1), rows.size(2)), index, rows)
            : Aten.PoolProduct(ones(count, rows.size(1), rows.size(2)), index, rows));
        return pooled / pooled.sum(2, keepdim: true);
    }

    private Tensor Score(Tensor predictions, Tensor relations, Map relation)
    {
        Tensor ofQuestion = relations.index_select(0, maps[relation]);
        (Tensor left, Tensor right) = options.Left == EpiGnnLeft.Relation ? (ofQuestion, predictions) : (predictions, ofQuestion);
        return (left * (right + LogFloor).log()).sum([1, 2]) / options.Facets;
    }

    private Tensor At(Tensor rows) => zeros(nodes, 1, 1, dtype: ScalarType.Bool).index_fill_(0, rows, true).DetachFromDisposeScope();
}
