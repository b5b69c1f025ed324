using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// Rows times the weight of their type, where types are segments of the rows: a matrix product for each, written straight into its slice
/// of the result. The gradients are written in the same way, so no slice is ever padded, copied or added to a tensor of zeros.
/// </summary>
internal sealed class TypedProduct : autograd.SingleTensorFunction<TypedProduct>
{
    /// <inheritdoc/>
    public override string Name => nameof(TypedProduct);

    /// <summary><c>y = x[offsets[t] … offsets[t + 1]] · w[t] + bias[t]</c>.</summary>
    public static Tensor Of(TypeSlices slices, Tensor x, Tensor w, Tensor? bias = null) =>
        is_grad_enabled() && (x.requires_grad || w.requires_grad) ? apply(slices, x, w, bias!) : slices.Forward(x, w, bias);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (slices, x, w, bias) = ((TypeSlices)vars[0], (Tensor)vars[1], (Tensor)vars[2], (Tensor?)vars[3]);
        ctx.save_data("slices", slices);
        ctx.save_data("needs", (x.requires_grad, w.requires_grad, bias is not null));
        ctx.save_for_backward([x, w]);
        return slices.Forward(x, w, bias);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var slices = (TypeSlices)ctx.get_data("slices");
        var (needsX, needsW, needsBias) = ((bool, bool, bool))ctx.get_data("needs");
        List<Tensor> saved = ctx.get_saved_variables();
        Tensor g = grad_output.contiguous();
        Tensor? x = needsX ? slices.GradientByRows(g, saved[1]) : null;
        Tensor? w = needsW ? slices.GradientByWeight(saved[0], g) : null;
        Tensor? bias = needsBias ? slices.GradientByBias(g) : null;
        return [null!, x!, w!, bias!];
    }
}
