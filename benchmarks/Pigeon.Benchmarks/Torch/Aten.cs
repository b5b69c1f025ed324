using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>Operators of libtorch that TorchSharp has no method for, reached through TorchScript, one call each.</summary>
internal static class Aten
{
    private const string Source = """
        def bag(x: Tensor, index: Tensor, offsets: Tensor, scale: Optional[Tensor]):
            return torch.embedding_bag(x, index, offsets, False, 0, False, scale, True)[0]

        def dots(rows: Tensor, x: Tensor, index: Tensor, offsets: Tensor, row: Tensor):
            return torch._embedding_bag_per_sample_weights_backward(rows, x, index, offsets, row, 0)

        def segment_max(x: Tensor, offsets: Tensor):
            return torch.segment_reduce(x, "max", offsets=offsets, axis=0, unsafe=True)

        def scatter_max(y: Tensor, index: Tensor, x: Tensor):
            return y.scatter_reduce_(0, index, x, "amax", include_self=False)

        def pool_min(y: Tensor, index: Tensor, x: Tensor):
            return y.scatter_reduce(0, index, x, "amin", include_self=False)

        def pool_product(y: Tensor, index: Tensor, x: Tensor):
            return y.scatter_reduce(0, index, x, "prod", include_self=False)

        def adam(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor], rate: float):
            torch._foreach_add_(t, 1)
            torch._fused_adam_(p, g, m, v, [], t, lr=rate, beta1=0.9, beta2=0.999, weight_decay=0.0, eps=1e-8,
                amsgrad=False, maximize=False)
            return t

        """;

    private static readonly Lazy<jit.CompilationUnit> Compiled = new(() => jit.compile(Source));

    /// <summary>
    /// <c>y[i] = Σ_p scale[p] · x[index[p]]</c> over the positions p of row i, <c>offsets[i] … offsets[i + 1]</c>:
    /// <c>embedding_bag</c>, the one operator of libtorch that gathers, scales and sums without storing a row for each position.
    /// </summary>
    public static Tensor Bag(Tensor x, Tensor index, Tensor offsets, Tensor? scale = null) => Call("bag", x, index, offsets, scale!);

    /// <summary><c>y[p] = rows[row[p]] · x[index[p]]</c>, the gradient of <see cref="Bag"/> by its scale.</summary>
    public static Tensor Dots(Tensor rows, Tensor x, Tensor index, Tensor offsets, Tensor row) =>
        Call("dots", rows, x, index, offsets, row);

    /// <summary>The maximum of each segment of a vector.</summary>
    public static Tensor SegmentMax(Tensor x, Tensor offsets) => Call("segment_max", x, offsets);

    /// <summary>In place: the maximum of the numbers that share an index; y stays where there are none.</summary>
    public static Tensor ScatterMax(Tensor y, Tensor index, Tensor x) => Call("scatter_max", y, index, x);

    /// <summary>The least of the numbers that share an index; y's where there are none.</summary>
    public static Tensor PoolMin(Tensor y, Tensor index, Tensor x) => Call("pool_min", y, index, x);

    /// <summary>The product of the numbers that share an index; y's where there are none.</summary>
    public static Tensor PoolProduct(Tensor y, Tensor index, Tensor x) => Call("pool_product", y, index, x);

    /// <summary>Adam on all parameters in one pass each, as <c>torch.optim.Adam(fused=True)</c>.</summary>
    public static void Adam(Tensor[] parameters, Tensor[] gradients, Tensor[] means, Tensor[] squares, Tensor[] steps, double rate) =>
        Compiled.Value.invoke("adam", parameters, gradients, means, squares, steps, rate);

    private static Tensor Call(string name, params object[] arguments) => (Tensor)Compiled.Value.invoke(name, arguments);
}
