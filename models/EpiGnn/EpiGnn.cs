using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Kernels;
using static Pigeon.Kernels.HeteroSchema;
using static Pigeon.Models.QuerySchema;

namespace Pigeon.Models;

/// <summary>
/// The epistemic graph neural network (Khalid and Schockaert, ICLR 2025): a node's state says in which relation it stands to the
/// question's head, as m probability vectors of length d (the facets). A message along an edge composes the state of its source with
/// the relation of the edge, <c>φ(u, v)[f, p] = Σ_ij u[f, i] · A[f, p, i, j] · v[f, j]</c>; what reaches a node from several edges is
/// all true, so it is pooled by minimum or product.
/// <para>
/// With the relation fixed φ is linear in the state, so messages are a typed linear by blocks whose weights are derived,
/// <c>M_r[f] = Σ_j A[f, :, :, j] · ρ_r[f, j]</c>: computed once, used in every round, and differentiated like any value.
/// </para>
/// </summary>
public static class EpiGnn
{
    /// <summary>The name of the relations' table, <c>EdgeTypes[m, d]</c>; its softmax is ρ.</summary>
    public const string Relations = "relations";

    /// <summary>The name of the free part of the composition, <c>one[m, d, d − 1, d − 1]</c> (facet, result, left, right).</summary>
    public const string Composition = "composition";

    /// <summary>What pooled states get before they are normalised, so that a row of zeros becomes uniform.</summary>
    private const double Least = 1e-18;

    /// <summary>What logarithms get.</summary>
    private const double LogFloor = 1e-12;

    /// <summary>The scores of all relations: output <c>score</c> (<c>Candidates[]</c>), the larger the likelier.</summary>
    /// <exception cref="PigeonException">PG0404: the options can't be.</exception>
    public static Program Build(EpiGnnOptions options)
    {
        var p = new ProgramBuilder("epignn");
        (Value prediction, Value relations) = Predict(p, options);
        p.Return("score", Score(options, prediction.At(CandidateQuery), relations.At(CandidateRelation)));
        return p.Build();
    }

    /// <summary>
    /// What it learns by: output <c>loss</c>, the mean of <c>max(0, 1 + s(answer) − s(wrong))</c> over the questions, with s the
    /// cross-entropy averaged over facets.
    /// </summary>
    /// <exception cref="PigeonException">PG0404: the options can't be.</exception>
    public static Program BuildLoss(EpiGnnOptions options)
    {
        var p = new ProgramBuilder("epignn");
        (Value prediction, Value relations) = Predict(p, options);
        p.Return("loss", Losses.MarginRanking(
            Score(options, prediction, relations.At(Answer)), Score(options, prediction, relations.At(Wrong)), 1));
        return p.Build();
    }

    /// <summary>
    /// The bound of each weight's uniform distribution at first: Glorot and Bengio's, with the fans that PyTorch counts for tensors of these
    /// shapes.
    /// </summary>
    public static ImmutableDictionary<string, double> InitialBounds(EpiGnnOptions options, int relations)
    {
        (int m, int d) = (options.Facets, options.FacetWidth);
        int free = (d - 1) * (d - 1);
        return ImmutableDictionary<string, double>.Empty
            .Add(Relations, InitialWeights.Glorot(m * d, relations * d)).Add(Composition, InitialWeights.Glorot(d * free, m * free));
    }

    /// <summary>The composition tensor A, <c>one[m, d, d, d]</c> (facet, result, left, right), from its free part.</summary>
    /// <remarks>
    /// Element 0 is the identity relation: <c>A[f, :, 0, j] = e_j</c> and <c>A[f, :, i, 0] = e_i</c>. The free part is a softmax over the
    /// right index, then divided by its sum over results, as published.
    /// </remarks>
    public static Value CompositionTensor(ProgramBuilder p, EpiGnnOptions options)
    {
        (int m, int d) = (options.Facets, options.FacetWidth);
        Value free = Nn.Softmax(p.Weight(Composition, IndexSpace.One, m, d, d - 1, d - 1), axis: 3);
        free /= free.RowReduce(ReduceKind.Sum, 1);
        Value identity = Identity(p, d);
        Value leftIdentity = Repeated(p, identity.Reshape(1, d, 1, d), m);
        Value rightIdentity = Repeated(p, identity.Slice(1, 1, d - 1).Reshape(1, d, d - 1, 1), m);
        return p.Concat(2, leftIdentity, p.Concat(3, rightIdentity, free));
    }

    /// <summary><c>φ(u, v)</c> row by row, for rows <c>[m, d]</c>.</summary>
    /// <param name="tensor">The composition tensor, <c>one[m, d, d, d]</c>.</param>
    /// <param name="u">The left argument.</param>
    /// <param name="v">The right argument, on the same space.</param>
    public static Value Compose(Value tensor, Value u, Value v)
    {
        (int m, int d) = (u.Type.Row[0], u.Type.Row[1]);
        Value partial = u.Linear(tensor.Transpose(0, 2, 3, 1).Reshape(m, d, d * d)).Reshape(m, d, d);
        return (partial * v.Reshape(m, d, 1)).RowReduce(ReduceKind.Sum, 1).Reshape(m, d);
    }

    /// <summary>The weights of messages along edges: <c>φ(x, ρ_r) = x · M_r</c>, <c>EdgeTypes[m, d, d]</c>.</summary>
    public static Value MessageWeights(Value tensor, Value relations) => Derived(tensor.Transpose(0, 3, 2, 1), relations);

    /// <summary>The weights of messages against edges: <c>φ(ρ_r, x) = x · M_r</c>, <c>EdgeTypes[m, d, d]</c>.</summary>
    public static Value ReverseWeights(Value tensor, Value relations) => Derived(tensor.Transpose(0, 2, 3, 1), relations);

    /// <summary>
    /// The states after the message rounds, <c>Nodes[m, d]</c>. They begin uniform but for the start, which is the identity and is set
    /// to it again after each round.
    /// </summary>
    /// <param name="p">The program.</param>
    /// <param name="options">The options.</param>
    /// <param name="weights">The weights of messages.</param>
    /// <param name="from">Where a message comes from.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="start">The node that each question starts from.</param>
    public static Value States(ProgramBuilder p, EpiGnnOptions options, Value weights, Map from, Map to, Map start)
    {
        (int m, int d) = (options.Facets, options.FacetWidth);
        Value starts = p.Constant(1, Queries, 1, 1).Reduce(start, ReduceKind.Max);
        Value identity = p.Concat(1, p.Constant(1, IndexSpace.One, 1, 1), p.Constant(0, IndexSpace.One, 1, d - 1));
        Expr atStart = new Expr.Select(new Expr.Arg(0), new Expr.Arg(1), new Expr.Arg(2));
        Value state = p.Pointwise(atStart, starts, identity, p.Constant(1.0 / d, Nodes, m, d));
        for (int round = 0; round < options.Rounds; round++)
        {
            Value messages = state.At(from).Linear(weights, EType);
            state = p.Pointwise(atStart, starts, identity, Pool(options, messages, to));
        }

        return state;
    }

    private static (Value Prediction, Value Relations) Predict(ProgramBuilder p, EpiGnnOptions options)
    {
        options.Check();
        Value tensor = CompositionTensor(p, options);
        Value relations = Nn.Softmax(p.Weight(Relations, EdgeTypes, options.Facets, options.FacetWidth), axis: 1);
        Value fromHead = States(p, options, MessageWeights(tensor, relations), Src, Dst, Head);
        Value toTail = States(p, options, ReverseWeights(tensor, relations), Dst, Src, Tail);
        Value onTheWay = Compose(tensor, fromHead.At(StepNode), toTail.At(StepNode));
        return (Pool(options, onTheWay, StepQuery), relations);
    }

    /// <summary>Minimum or product, then every facet scaled to sum 1.</summary>
    private static Value Pool(EpiGnnOptions options, Value x, Map map)
    {
        Value pooled = x.Reduce(map, options.Pooling == EpiGnnPooling.Min ? ReduceKind.Min : ReduceKind.Prod) + Least;
        return pooled / pooled.RowReduce(ReduceKind.Sum, 1);
    }

    /// <summary>Minus the cross-entropy of prediction and relation, averaged over facets; a scalar row.</summary>
    private static Value Score(EpiGnnOptions options, Value prediction, Value relation)
    {
        (Value left, Value right) = options.Left == EpiGnnLeft.Relation ? (relation, prediction) : (prediction, relation);
        return (left * (right + LogFloor).Unary(UnaryFunction.Log)).RowReduce(ReduceKind.Sum, 0, 1).Reshape() * (1.0 / options.Facets);
    }

    /// <summary>A linear map of the relations, to a matrix per facet: <c>M_r[f] = Σ_j tensor[f, j] · ρ_r[f, j]</c>.</summary>
    private static Value Derived(Value tensor, Value relations)
    {
        (int m, int d) = (relations.Type.Row[0], relations.Type.Row[1]);
        return relations.Linear(tensor.Reshape(m, d, d * d)).Reshape(m, d, d);
    }

    /// <summary>The identity matrix, <c>one[d, d]</c>: its rows in a line are d − 1 times a one and d zeros, then a one.</summary>
    private static Value Identity(ProgramBuilder p, int d)
    {
        Value one = p.Constant(1, IndexSpace.One, 1);
        Value zeros = p.Constant(0, IndexSpace.One, d);
        var parts = new List<Value>();
        for (int i = 1; i < d; i++)
        {
            parts.AddRange([one, zeros]);
        }

        return p.Concat(0, [.. parts, one]).Reshape(d, d);
    }

    private static Value Repeated(ProgramBuilder p, Value x, int times) => p.Concat(0, [.. Enumerable.Repeat(x, times)]);
}
