using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes what a kernel needs so that threads share one row's neighbours: a method that walks a thread's shares, loop by loop, and a method that does
/// what is done once for a row: the joins of sums, and the steps between loops. See <see cref="GeneratedProgram.LaunchShared"/>.
/// </summary>
internal sealed class SharedRowEmitter(CodeWriter methods, ProgramSymbols program, Plan plan, Kernel kernel, int number, int lanes)
{
    /// <summary>
    /// Whether a kernel's rows can be shared: their loops run along one map, and none has a maximum that rises, whose sums have no common scale.
    /// A product's rows are not matrices.
    /// </summary>
    public static bool Fits(Kernel kernel) => kernel.Contraction is null or { Kind: ContractionKind.Linear, Lead: 1 } &&
        Loops(kernel) is { Length: > 0 } loops && loops.All(step => step.Loop == loops[0].Loop && !step.IsOnline);

    /// <summary>The loops over a row's neighbours, in order.</summary>
    public static Step[] Loops(Kernel kernel) => [.. kernel.Before.Where(step => step.Loop is not null)];

    /// <summary>Writes both methods.</summary>
    public void Emit()
    {
        EmitShares();
        EmitOnce();
    }

    private Code Name => Code.Identifier(kernel.Name);

    private KernelSymbols Symbols => new(program, plan, tiled: false);

    private void EmitShares()
    {
        KernelSymbols symbols = Symbols;
        var body = new CodeWriter();
        var stages = new StageEmitter(body, symbols, lanes);
        Step[] loops = Loops(kernel);
        body.Line($"float* scratch = ScratchOf(part);");
        body.Line($"int walked = 0;");
        using (body.Block($"for (int shared = 0; shared < SharedRows({number}); shared++)"))
        {
            EmitRow(body, symbols, Code.Of($"shared"));
            body.Line($"int from = ShareOf({number}, shared, part);");
            body.Line($"int to = ShareOf({number}, shared, part + 1);");

            // Loop buffers hold the shares of one row behind those of another.
            body.Line($"int first = from - walked;");
            body.Line($"walked += to - from;");
            body.Line($"float* row = ScratchOfShared(shared);");
            body.Line($"float* sums = SumsOfShared(shared, part);");
            for (int loop = 0; loop < loops.Length; loop++)
            {
                using (loops.Length == 1 ? body.Block() : body.Block($"if (Loop == {loop})"))
                {
                    stages.EmitShare(loops[loop]);
                }
            }
        }

        EmitMethod(Code.Of($"{Name}_share(int part)"), symbols, body);
    }

    private void EmitOnce()
    {
        KernelSymbols symbols = Symbols;
        var body = new CodeWriter();
        var stages = new StageEmitter(body, symbols, lanes);
        body.Line($"int parts = this.splits[{number}].Length - 1;");
        using (body.Block($"for (int row = 0; row < SharedRows({number}); row++)"))
        {
            EmitRow(body, symbols, Code.Of($"row"));
            body.Line($"float* scratch = ScratchOfShared(row);");
            int loops = 0;
            Step? before = null;
            var steps = new List<Step>();
            foreach (Step step in kernel.Before)
            {
                if (step.Loop is null)
                {
                    steps.Add(step);
                    continue;
                }

                EmitBetween(loops++, last: false);
                before = step;
                steps.Clear();
            }

            EmitBetween(loops, last: true);

            void EmitBetween(int loop, bool last)
            {
                if (before is null && steps.Count == 0)
                {
                    return;
                }

                using (body.Block($"if (Loop == {loop})"))
                {
                    if (before is not null)
                    {
                        stages.EmitJoin(before);
                    }

                    stages.Emit(steps);
                    if (last && kernel.Contraction is not null)
                    {
                        new GemmEmitter(body, symbols, kernel, lanes).EmitAlone();
                    }
                }
            }
        }

        EmitMethod(Code.Of($"{Name}_once()"), symbols, body);
    }

    /// <summary>Declares the row <c>i</c>, and for a product its position.</summary>
    private void EmitRow(CodeWriter body, KernelSymbols symbols, Code row)
    {
        Code at = Code.Of($"SharedAt({number}, {row})");
        if (kernel.Contraction is not { } product)
        {
            body.Line($"int i = {at};");
            return;
        }

        Code order = symbols.Order(product.Type);
        body.Line($"int at = {at};");
        body.Line($"int i = {order} == null ? at : {order}[at];");
    }

    private void EmitMethod(Code signature, KernelSymbols symbols, CodeWriter body)
    {
        methods.Line();
        using (methods.Block($"private void {signature}"))
        {
            foreach (Code local in symbols.Locals)
            {
                methods.Line($"{local}");
            }

            methods.Lines(body);
        }
    }
}
