using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Decides which buffers hold their numbers in <see cref="CompileOptions.Storage"/>: kernels round what they store, widen what they load, and
/// compute in f32 as ever. It changes where bytes go, never the program; what is rounded is each stored number, once.
/// <para>
/// Narrow are rows of at least 16 numbers that go through memory for a product, a gather or another kernel: features, intermediate values, and
/// weights that stay as they are. Outputs are the caller's and stay f32, and so does what rounding would spoil: weight gradients and all that
/// follows from them (optimiser state, read at its own rows only, is no feature), weights that are learned and what follows from
/// them alone, and what an exponential or a logarithm reads, whose absolute error becomes a relative one.
/// </para>
/// </summary>
internal static class NarrowStorage
{
    /// <summary>Shorter rows lie inside a cache line either way.</summary>
    private const int ShortestRow = 16;

    /// <summary>Chooses for a plan; returns the same reference where everything stays f32.</summary>
    /// <exception cref="PigeonException">PG0130: there are no kernels for the element type.</exception>
    public static Plan Run(Plan plan, CompileOptions options)
    {
        if (options.Storage == ElementType.F32)
        {
            return plan;
        }

        if (options.Storage != ElementType.BF16)
        {
            throw new PigeonException("PG0130", $"rows can't be kept in {options.Storage.ToString().ToLowerInvariant()} yet", plan.Program.Name,
                "keep them in bf16 or f32");
        }

        Program program = plan.Program;
        bool[] narrow = new bool[program.Values.Length];
        bool[] ofInputs = new bool[narrow.Length];
        bool[] ofGradients = new bool[narrow.Length];
        (HashSet<int> rows, HashSet<int> exact) = Readings(plan);
        for (int v = narrow.Length - 1; v >= 0; v--)
        {
            if (program.Values[v] is Operator.Regroup view && rows.Contains(v))
            {
                rows.Add(view.X);
            }
        }

        exact.UnionWith(program.Outputs.Select(output => output.Value));
        for (int v = 0; v < narrow.Length; v++)
        {
            Operator op = program.Values[v];
            ofInputs[v] = op is Operator.Input || (op is Operator.Weight && options.FixedWeights) || op.Operands.Any(o => ofInputs[o]);
            ofGradients[v] = op is Operator.OuterSum || op.Operands.Any(o => ofGradients[o]);
            narrow[v] = plan.Storage[v] is Storage.Buffer or Storage.LoopBuffer && MayNarrow(op, program.Types[v].Row.Width, options) &&
                ofInputs[v] && !ofGradients[v] && !exact.Contains(v) && (op is not (Operator.Input or Operator.Weight) || rows.Contains(v));
        }

        ShareWithViews(program, narrow);

        return plan with { Elements = [.. narrow.Select(n => n ? options.Storage : ElementType.F32)] };
    }

    /// <summary>Whether a value could be narrow, as far as its own operator and width tell: what a cost without a plan goes by.</summary>
    public static bool MayNarrow(Operator op, double width, CompileOptions options) =>
        options.Storage != ElementType.F32 && width >= ShortestRow && op is not Operator.OuterSum && (op is not Operator.Weight || options.FixedWeights);

    /// <summary>A regroup is another name for the same memory: all names are narrow, or none.</summary>
    private static void ShareWithViews(Program program, bool[] narrow)
    {
        for (int v = narrow.Length - 1; v >= 0; v--)
        {
            if (program.Values[v] is Operator.Regroup view)
            {
                narrow[view.X] &= narrow[v];
            }
        }

        for (int v = 0; v < narrow.Length; v++)
        {
            if (program.Values[v] is Operator.Regroup view)
            {
                narrow[v] = narrow[view.X];
            }
        }
    }

    /// <summary>The values whose rows a product or a gather reads, and those that an exponential or a logarithm reads.</summary>
    private static (HashSet<int> Rows, HashSet<int> Exact) Readings(Plan plan)
    {
        var rows = new HashSet<int>();
        var exact = new HashSet<int>();
        foreach (Kernel kernel in plan.Kernels)
        {
            if (kernel.Contraction is { } contraction)
            {
                rows.Add(contraction.X.Value);
                rows.Add(contraction.Y.Value);
            }

            foreach (Stage stage in kernel.Steps.SelectMany(step => step.Stages))
            {
                rows.UnionWith(stage.Arguments.Where(a => a.Index.Along is not (Map.Identity or Map.Unit)).Select(a => a.Value));
                Collect(stage.Expression, isInside: false, stage, exact);
            }
        }

        return (rows, exact);
    }

    private static void Collect(Expr expression, bool isInside, Stage stage, HashSet<int> exact)
    {
        isInside |= expression is Expr.Unary { Function: UnaryFunction.Exp or UnaryFunction.Log };
        if (isInside && expression is Expr.Arg argument)
        {
            exact.Add(stage.Arguments[argument.Position].Value);
        }

        foreach (Expr child in expression.Children)
        {
            Collect(child, isInside, stage, exact);
        }
    }
}
