using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Models.Tests;

public class TpgnTests
{
    private const int Windows = 3;
    private static readonly TpgnOptions Small = new(Length: 12, Horizon: 6, Width: 2, Marks: 2, Period: 3);

    [Theory]
    [InlineData(168, 2, 431)]
    [InlineData(336, 2, 466)]
    [InlineData(720, 2, 546)]
    [InlineData(1440, 8, 3372)]
    public void Parameters_are_as_many_as_published(int horizon, int width, int expected)
    {
        var options = new TpgnOptions(168, horizon, width);
        Program program = Tpgn.Build(options);
        GraphBinding graph = WindowSchema.Bind(1, options.Rows, options.Period);
        Assert.Equal(expected, program.Values.OfType<Operator.Weight>().Sum(w => (long)graph.SizeOf(w.Type.Space) * w.Type.Row.Width));
        Assert.Equal(expected, options.ParameterCount);
    }

    [Fact]
    public void Relations_between_cells_equal_dense_maps()
    {
        TpgnOptions options = Small;
        Program program = Tpgn.Build(options);
        GraphBinding graph = Bind(options);
        var arguments = Differential.Arguments(program, graph, 1);
        double[] expected = DenseTpgn.Forecast(options, Windows, Differential.Doubles(arguments));
        Assert.InRange(Reference.RelativeError(Differential.Reference(program, graph, arguments)["y"], expected), 0, 1e-12);
        foreach (CompileOptions compile in (CompileOptions[])[new() { Cache = null }, new() { Cache = null, Fuse = false }, new() { Cache = null, Graph = graph }])
        {
            float[] actual = Differential.Compiled(ProgramCompiler.Compile(program, compile), graph, arguments)["y"];
            Assert.InRange(Differential.Error(actual, expected), 0, 1e-5);
        }
    }

    [Fact]
    public void Offset_relations_become_one_product_over_concatenated_inputs()
    {
        const int windows = 32;
        var options = new TpgnOptions(Length: 168, Horizon: 24, Width: 64);
        Program program = Tpgn.Build(options);
        GraphBinding graph = WindowSchema.Bind(windows, options.Rows, options.Period);
        var arguments = Differential.Arguments(program, graph, 1);
        double[] expected = DenseTpgn.Forecast(options, windows, Differential.Doubles(arguments));
        PlanAlternative[] plans = [.. PlanAlternatives.Of(program, new() { Graph = graph, Cache = null }, 2)
            .Where(plan => plan.Rewritten.Steps.Any(step => step.Rule == "types side by side" && step.Text.Contains("reduce.sum later", StringComparison.Ordinal)))];
        Assert.Contains(plans, plan => plan.Names.Contains(PlanAlternatives.Chosen));
        foreach (PlanAlternative plan in plans)
        {
            Assert.Contains("reduce.sum index(later, offset)", plan.Rewritten.Program.ToString(), StringComparison.Ordinal);
            float[] actual = Differential.Compiled(ProgramCompiler.Compile(plan.Rewritten.Program, new() { Cache = null }), graph, arguments)["y"];
            Assert.InRange(Differential.Error(actual, expected), 0, 1e-5);
        }
    }

    [Fact]
    public void Every_plan_of_the_training_step_agrees()
    {
        TrainingStep step = TrainingStep.Create(Tpgn.BuildLoss(Small), "loss", new Optimiser.Sgd());
        Plans.AssertAgree(step.Program, Bind(Small), seed: 3);
    }

    [Fact]
    public void Gradient_equals_central_differences() =>
        Assert.InRange(Gradients.Error(Tpgn.Build(Small with { Normalise = false }), Bind(Small), seed: 3), 0, 1e-6);

    // The windows' means are detached, so the series' gradient is not its derivative.
    [Fact]
    public void Gradient_of_weights_equals_central_differences_through_the_normalisation() =>
        Assert.InRange(Gradients.Error(Tpgn.Build(Small), Bind(Small), seed: 3, constants: ["series"]), 0, 1e-6);

    [Fact]
    public void History_reads_earlier_rows_only()
    {
        var p = new ProgramBuilder("history");
        p.Return("h", Tpgn.History(p, p.Input("z", WindowSchema.Cells, Small.CellWidth), Small));
        Program program = p.Build();
        GraphBinding graph = Bind(Small);
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Cache = null });
        var arguments = Differential.Arguments(program, graph, 5);
        float[] before = Differential.Compiled(compiled, graph, arguments)["h"];
        const int changed = 2;
        for (int cell = 0; cell < graph.SizeOf(WindowSchema.Cells); cell++)
        {
            if (cell % Small.Rows == changed)
            {
                arguments["z"].Span.Slice(cell * Small.CellWidth, Small.CellWidth).Fill(7);
            }
        }

        float[] after = Differential.Compiled(compiled, graph, arguments)["h"];
        for (int cell = 0; cell < graph.SizeOf(WindowSchema.Cells); cell++)
        {
            Range row = (cell * Small.Width)..((cell + 1) * Small.Width);
            if (cell % Small.Rows <= changed)
            {
                Assert.Equal(before[row], after[row]);
            }
            else
            {
                Assert.NotEqual(before[row], after[row]);
            }

            // What has no history is the bias alone.
            if (cell % Small.Rows == 0)
            {
                Assert.Equal(arguments["history.bias"].Span.ToArray(), after[row]);
            }
        }
    }

    [Theory]
    [InlineData(170, 168, 2)]
    [InlineData(168, 170, 2)]
    [InlineData(24, 168, 2)]
    [InlineData(168, 0, 2)]
    [InlineData(168, 168, 0)]
    public void Options_that_cannot_be_are_refused(int length, int horizon, int width) =>
        Assert.Equal("PG0404", Assert.Throws<PigeonException>(() => Tpgn.Build(new(length, horizon, width))).Diagnostic.Id);

    private static GraphBinding Bind(TpgnOptions options) => WindowSchema.Bind(Windows, options.Rows, options.Period);
}
