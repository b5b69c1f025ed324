using System.Globalization;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>Segments of rows that share a type, and the loops over them: TorchScript calls an operator sooner than C# does.</summary>
internal sealed class TypeSlices
{
    private readonly jit.CompilationUnit loops;
    private readonly int types;
    private readonly bool hasEmpty;

    /// <summary>Compiles the loops.</summary>
    /// <param name="offsets">Where each type's rows begin, and the number of rows.</param>
    public TypeSlices(int[] offsets)
    {
        types = offsets.Length - 1;
        int[] used = [.. Enumerable.Range(0, types).Where(t => offsets[t + 1] > offsets[t])];
        hasEmpty = used.Length < types;
        string list = string.Join(", ", used.Select(t =>
            string.Create(CultureInfo.InvariantCulture, $"({t}, {offsets[t]}, {offsets[t + 1]})")));
        loops = jit.compile($"""
            def forward(x: Tensor, w: Tensor, y: Tensor):
                for t, a, b in [{list}]:
                    torch.mm(x[a:b], w[t], out=y[a:b])

            def forward_bias(x: Tensor, w: Tensor, bias: Tensor, y: Tensor):
                for t, a, b in [{list}]:
                    torch.addmm(bias[t], x[a:b], w[t], out=y[a:b])

            def by_rows(g: Tensor, w: Tensor, y: Tensor):
                for t, a, b in [{list}]:
                    torch.mm(g[a:b], w[t].t(), out=y[a:b])

            def by_weight(x: Tensor, g: Tensor, y: Tensor):
                for t, a, b in [{list}]:
                    torch.mm(x[a:b].t(), g[a:b], out=y[t])

            def by_bias(g: Tensor, y: Tensor):
                for t, a, b in [{list}]:
                    torch.sum(g[a:b], [0], out=y[t])

            """);
    }

    /// <summary><c>y[a … b] = x[a … b] · w[t]</c> for each segment, and <c>+ bias[t]</c> where there is one.</summary>
    public Tensor Forward(Tensor x, Tensor w, Tensor? bias)
    {
        Tensor y = empty(x.size(0), w.size(2));
        return bias is null ? Run("forward", y, x, w, y) : Run("forward_bias", y, x, w, bias, y);
    }

    /// <summary>The gradient by x.</summary>
    public Tensor GradientByRows(Tensor g, Tensor w)
    {
        Tensor y = empty(g.size(0), w.size(1));
        return Run("by_rows", y, g, w, y);
    }

    /// <summary>The gradient by w.</summary>
    public Tensor GradientByWeight(Tensor x, Tensor g)
    {
        Tensor y = OfTypes(x.size(1), g.size(1));
        return Run("by_weight", y, x, g, y);
    }

    /// <summary>The gradient by the bias.</summary>
    public Tensor GradientByBias(Tensor g)
    {
        Tensor y = OfTypes(g.size(1));
        return Run("by_bias", y, g, y);
    }

    /// <summary>The loops write the rows of types that occur; the others stay zero.</summary>
    private Tensor OfTypes(params ReadOnlySpan<long> shape) => hasEmpty ? zeros([types, .. shape]) : empty([types, .. shape]);

    private Tensor Run(string name, Tensor result, params object[] arguments)
    {
        using var noGradient = no_grad();
        loops.invoke(name, arguments);
        return result;
    }
}
