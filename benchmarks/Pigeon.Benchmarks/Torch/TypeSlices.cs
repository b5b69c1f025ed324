using System.Globalization;
using TorchSharp;
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

            def by_rows(g: Tensor, w: Tensor, y: Tensor):
                for t, a, b in [{list}]:
                    torch.mm(g[a:b], w[t].t(), out=y[a:b])

            def by_weight(x: Tensor, g: Tensor, y: Tensor):
                for t, a, b in [{list}]:
                    torch.mm(x[a:b].t(), g[a:b], out=y[t])

            """);
    }

    /// <summary><c>y[a … b] = x[a … b] · w[t]</c> for each segment.</summary>
    public Tensor Forward(Tensor x, Tensor w) => Run("forward", x, w, empty(x.size(0), w.size(2)));

    /// <summary>The gradient by x.</summary>
    public Tensor GradientByRows(Tensor g, Tensor w) => Run("by_rows", g, w, empty(g.size(0), w.size(1)));

    /// <summary>The gradient by w.</summary>
    public Tensor GradientByWeight(Tensor x, Tensor g) =>
        Run("by_weight", x, g, hasEmpty ? zeros(types, x.size(1), g.size(1)) : empty(types, x.size(1), g.size(1)));

    private Tensor Run(string name, Tensor a, Tensor b, Tensor y)
    {
        using var noGradient = no_grad();
        loops.invoke(name, a, b, y);
        return y;
    }
}
