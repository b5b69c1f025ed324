using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes a kernel that need not know what a row is: each number is computed from those at the same place of other values, and from a few that are
/// the same for all, as an optimiser's update of a weight is. What is computed apart from the rest becomes a kernel of its own: those of one
/// expression are then launched together, however large their values are.
/// </summary>
internal sealed class CudaNumbers(Plan plan, Kernel kernel, ProgramSymbols program, string name) : CudaKernel(plan, kernel, program)
{
    private const int Threads = 256;
    private const int Resident = 4;
    private const int Vector = 4;

    /// <summary>Stands for the number at the place that is computed, among what is known.</summary>
    private const int All = -1;

    /// <summary>Takes out of a kernel what can be written so: kernels with stages that need each other, and the rest, null if nothing is left.</summary>
    public static (IReadOnlyList<Kernel> Numbers, Kernel? Others) Split(Plan plan, Kernel kernel)
    {
        if (kernel is not { Contraction: null, Before: [{ Loop: null } step] })
        {
            return ([], kernel);
        }

        Kernel With(IEnumerable<Stage> stages) => kernel with { Before = [step with { Stages = [.. stages] }] };
        IReadOnlyList<Stage[]> parts = Parts(step);
        Kernel[] numbers = [.. parts.Where(part => part.All(stage => IsPlain(plan, kernel, stage))).Select(With)];
        Stage[] others = [.. parts.Where(part => !part.All(stage => IsPlain(plan, kernel, stage))).SelectMany(part => part)];
        return (numbers, others.Length == 0 ? null : With(others));
    }

    /// <summary>Writes the kernel.</summary>
    public CudaFunction Emit()
    {
        Stage[] stages = [.. Kernel.Before[0].Stages];
        CudaKernelSymbols symbols = new(Program, Plan, stages.Select(s => s.Value).Where(v => Plan.Storage[v] == Storage.Buffer).ToHashSet());
        var body = new CodeWriter();
        var names = new CudaNames();
        var known = new Dictionary<(int Value, int Place), Code>();
        int stored = stages.Select(s => s.Value).First(v => Plan.Storage[v] == Storage.Buffer);
        body.Line($"const long long at = ((long long)block * {Threads} + threadIdx.x) * {Vector};");
        body.Line($"const int left = (int)({symbols.Length(stored)} - at < {Vector} ? length - at : {Vector});");
        using (body.Block($"if (left <= 0)"))
        {
            body.Line($"return;");
        }

        int[] computed = [.. stages.Select(s => s.Value)];
        foreach (Stage stage in stages)
        {
            foreach (Access access in stage.Arguments.Where(a => !computed.Contains(a.Value)))
            {
                Read(body, symbols, names, known, stage, access);
            }
        }

        foreach (int value in computed)
        {
            Code y = known[(value, All)] = names.Next("y");
            body.Line($"float {y}[{Vector}];");
        }

        body.Line($"PG_UNROLL");
        using (body.Block($"for (int c = 0; c < {Vector}; c++)"))
        {
            foreach (Stage stage in stages)
            {
                Code Argument(int a) => known.TryGetValue((stage.Arguments[a].Value, All), out Code all) && IsOfPlace(Plan, stage, stage.Arguments[a])
                    ? Code.Of($"{all}[c]")
                    : known[(stage.Arguments[a].Value, stage.Arguments[a].Offset)];
                body.Line($"{known[(stage.Value, All)]}[c] = {CudaExpression.Evaluate(stage.Expression, Argument)};");
            }
        }

        foreach (int value in computed.Where(v => Plan.Storage[v] == Storage.Buffer))
        {
            body.Line($"pg_store_some({symbols.Buffer(value)} + at, {known[(value, All)]}, left);");
        }

        var member = new GpuLaunchMember(Kernel.Name, Program.Buffer(stored), [], [.. symbols.Parameters.Select(p => p.Argument)]);
        return new(new(name, Kernel.Once, GpuGridKind.Numbers, Threads * Vector, 1, 1, 1, Threads, 0, [member]), Resident, symbols.Parameters, body);
    }

    private void Read(CodeWriter body, CudaKernelSymbols symbols, CudaNames names, Dictionary<(int, int), Code> known, Stage stage, Access access)
    {
        bool ofPlace = IsOfPlace(Plan, stage, access);
        if (!known.TryAdd((access.Value, ofPlace ? All : access.Offset), default))
        {
            return;
        }

        Code name = known[(access.Value, ofPlace ? All : access.Offset)] = names.Next(ofPlace ? "x" : "s");
        if (ofPlace)
        {
            body.Line($"float {name}[{Vector}];");
            body.Line($"pg_load_some({name}, {symbols.Buffer(access.Value)} + at, left);");
        }
        else
        {
            body.Line($"const float {name} = {symbols.Buffer(access.Value)}[{access.Offset}];");
        }
    }

    /// <summary>Stages that read each other's results, in order.</summary>
    private static IReadOnlyList<Stage[]> Parts(Step step)
    {
        var parts = new List<List<Stage>>();
        foreach (Stage stage in step.Stages)
        {
            List<Stage>[] needed = [.. parts.Where(part => part.Any(s => s.Value == stage.Value || stage.Arguments.Any(a => a.Value == s.Value)))];
            List<Stage> joined = [.. needed.SelectMany(part => part), stage];
            parts.RemoveAll(needed.Contains);
            parts.Add(joined);
        }

        return [.. parts.Select(part => part.ToArray())];
    }

    private static bool IsPlain(Plan plan, Kernel kernel, Stage stage) =>
        stage is { Kind: StageKind.Map, Offset: 0 } && plan.Storage[stage.Value] is Storage.Buffer or Storage.Scratch &&
        stage.Domain.Width == plan.Program.Types[stage.Value].Row.Width && IsDense(stage.Domain, stage.Strides) &&
        stage.Arguments.All(a => plan.Program.Values[a.Value] is not Operator.Uniform &&
            (IsOfPlace(plan, stage, a) || (IsSame(stage.Domain, a) && (a.Index.Along is Map.Unit || kernel.Rows == IndexSpace.One))));

    private static bool IsOfPlace(Plan plan, Stage stage, Access access) =>
        access is { Offset: 0, Index: { OfNeighbour: false, Along: Map.Identity } } && IsDense(stage.Domain, access.Strides) &&
        plan.Program.Types[access.Value].Row.Width == stage.Domain.Width;

    private static bool IsSame(Shape domain, Access access) => Enumerable.Range(0, domain.Rank).All(axis => domain[axis] == 1 || access.Strides[axis] == 0);

    private static bool IsDense(Shape domain, EquatableArray<int> strides)
    {
        long stride = 1;
        for (int axis = domain.Rank - 1; axis >= 0; axis--)
        {
            if (domain[axis] != 1 && strides[axis] != stride)
            {
                return false;
            }

            stride *= domain[axis];
        }

        return true;
    }
}
