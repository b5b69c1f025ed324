using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Rows kept in bfloat16: which, what it does to results, and what it saves.</summary>
public sealed class NarrowStorageTests
{
    private const double Tolerance = 1e-2;

    /// <summary>Gradients of these small graphs are sums of few terms that cancel.</summary>
    private const double GradientTolerance = 3e-2;
    private static readonly CompileOptions Narrow = new() { Cache = null, Storage = ElementType.BF16, Lanes = 8 };
    private static readonly int[] Graphs = [1, 5, 11, 17];

    [Theory]
    [InlineData(16, true)]
    [InlineData(8, true)]
    [InlineData(4, true)]
    [InlineData(8, false)]
    public void Kernels_round_what_the_plan_keeps_narrow_and_nothing_else(int lanes, bool fuse)
    {
        Program program = Everything();
        CompiledProgram compiled = ProgramCompiler.Compile(program, Narrow with { Lanes = lanes, Fuse = fuse, FixedWeights = true });
        Assert.Contains(ElementType.BF16, compiled.Plan.Elements);
        foreach (int seed in Graphs)
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            var arguments = Differential.Arguments(program, graph, seed, integers: true, bound: 1);
            IReadOnlyDictionary<string, double[]> expected = Stored(compiled.Plan, graph, arguments);
            foreach (int threads in new[] { 1, 3 })
            {
                var actual = Differential.Compiled(compiled, graph, arguments, threads);
                Assert.All(expected, e => Assert.Null(Differential.Difference(actual[e.Key], e.Value)));
            }

            Dispose(arguments);
        }
    }

    [Fact]
    public void Whole_numbers_up_to_256_stay_exact()
    {
        var p = new ProgramBuilder("exact");
        Value hidden = p.Input("x", Nodes, 16).Linear(p.Weight("first", NodeTypes, 16, 16), NType);
        p.Return("y", hidden.At(Src).Linear(p.Weight("second", EdgeTypes, 16, 16), EType).Sum(Dst));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, Narrow with { FixedWeights = true });
        Assert.Equal(5, compiled.Plan.Elements.Items.Count(element => element == ElementType.BF16));
        foreach (int seed in Graphs)
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            var arguments = Differential.Arguments(program, graph, seed, integers: true, bound: 1);
            Assert.Null(Differential.Difference(Differential.Compiled(compiled, graph, arguments)["y"], Differential.Reference(program, graph, arguments)["y"]));
            Dispose(arguments);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Results_are_near_the_evaluator_at_every_width(int lanes)
    {
        Program program = Everything();
        CompiledProgram compiled = ProgramCompiler.Compile(program, Narrow with { Lanes = lanes, FixedWeights = true });
        foreach (int seed in Graphs)
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            var arguments = Differential.Arguments(program, graph, seed);
            IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
            var actual = Differential.Compiled(compiled, graph, arguments, threads: 2);
            Assert.All(expected, e => Assert.InRange(Differential.Error(actual[e.Key], e.Value), 0, Tolerance));
            Dispose(arguments);
        }
    }

    [Fact]
    public void Rows_that_others_read_are_narrow_and_all_else_is_not()
    {
        var p = new ProgramBuilder("chosen");
        Value x = p.Input("x", Nodes, 32);
        Value shortRows = p.Input("short", Nodes, 15);
        Value state = p.Input("state", EdgeTypes, 32, 32);
        Value weight = p.Weight("weight", EdgeTypes, 32, 32);
        Value hidden = x.Linear(p.Weight("first", NodeTypes, 32, 32), NType);
        Value message = hidden.At(Src).Linear(weight, EType);
        p.Return("next", state + weight);
        p.Return("y", message.Sum(Dst));
        p.Return("z", shortRows.At(Src).Sum(Dst));
        p.Return("logs", p.Input("positive", Nodes, 32).At(Src).Unary(UnaryFunction.Log).Sum(Dst));
        Program program = p.Build();
        Assert.Equal(["first", "hidden", "message", "weight", "x"], NamesOf(ProgramCompiler.Plan(program, Narrow with { FixedWeights = true })));

        // Weights that are learned stay as they are.
        Assert.Equal(["hidden", "message", "x"], NamesOf(ProgramCompiler.Plan(program, Narrow)));
        Assert.Empty(NamesOf(ProgramCompiler.Plan(program, Narrow with { Storage = ElementType.F32 })));

        string[] NamesOf(Plan plan) => [.. plan.Elements.Select((element, value) => (element, value)).Where(v => v.element == ElementType.BF16)
            .Select(v => plan.Program.Values[v.value] switch
            {
                Operator.Input input => input.Name,
                Operator.Weight w => w.Name,
                Operator.TypedLinear { X: var of } => plan.Program.Values[of] is Operator.Input ? "hidden" : "message",
                var op => op.ToString(),
            }).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Weight_gradients_and_what_follows_from_them_are_not_narrow()
    {
        Program program = Differentiate.Run(Gradients.WithLoss(Layers.Rgcn(32, 32)), "loss");
        Plan plan = ProgramCompiler.Plan(program, Narrow);
        Assert.Contains(plan.Elements.Select((element, value) => (element, value)), v =>
            v.element == ElementType.BF16 && plan.Program.Values[v.value] is not Operator.Input);
        for (int value = 0; value < plan.Elements.Count; value++)
        {
            if (plan.Program.Values[value] is Operator.OuterSum or Operator.Weight || plan.Program.Outputs.Any(output => output.Value == value))
            {
                Assert.Equal(ElementType.F32, plan.Elements[value]);
            }
        }
    }

    /// <summary>The state of every optimiser is read by updates alone, wherever they are fused to.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void State_that_is_carried_from_step_to_step_is_not_narrow(double clip)
    {
        TrainingStep step = TrainingStep.Create(Gradients.WithLoss(Layers.Rgat(32, 16, 4)), "loss", new Optimiser.Adam { ClipNorm = clip, WeightDecay = 0.1 });
        using var executable = new Executable(ProgramCompiler.Compile(step.Program, Narrow).Load(), RandomGraphs.Create(5).Binding);
        foreach ((string output, string argument) in step.Links)
        {
            executable.Link(output, argument);
            Assert.True(executable.IsUsedInPlace(argument));
        }

        Assert.False(executable.IsUsedInPlace("x"));
    }

    [Theory]
    [InlineData("rgcn")]
    [InlineData("rgat")]
    [InlineData("hgt")]
    public void Layers_and_their_gradients_are_near_the_evaluator(string name)
    {
        Program layer = name switch { "rgcn" => Layers.Rgcn(64, 32), "rgat" => Layers.Rgat(32, 8, 4), _ => Layers.Hgt(8, 4) };
        Program step = Differentiate.Run(Gradients.WithLoss(layer), "loss");
        foreach ((Program program, bool fixedWeights) in new[] { (layer, true), (step, false) })
        {
            CompiledProgram compiled = ProgramCompiler.Compile(program, Narrow with { FixedWeights = fixedWeights, Graph = RandomGraphs.Create(5).Binding });
            Assert.Contains(ElementType.BF16, compiled.Plan.Elements);
            foreach (int seed in Graphs)
            {
                GraphBinding graph = RandomGraphs.Create(seed).Binding;
                var arguments = Differential.Arguments(program, graph, seed);
                var actual = Differential.Compiled(compiled, graph, arguments, threads: 2);
                Check(Differential.Reference(program, graph, arguments), fixedWeights ? Tolerance : GradientTolerance);

                // What remains is numbers that f32 and f64 round to different sides.
                Check(Stored(compiled.Plan, graph, arguments), Tolerance / 2);
                Dispose(arguments);

                void Check(IReadOnlyDictionary<string, double[]> expected, double tolerance) => Assert.All(expected, e => Assert.True(
                    Differential.Error(actual[e.Key], e.Value) <= tolerance, $"{e.Key} on graph {seed}: {Differential.Error(actual[e.Key], e.Value)}"));
            }
        }
    }

    [Fact]
    public void Memory_shrinks_and_the_callers_tensor_may_go_once_it_is_given()
    {
        GraphBinding graph = RandomGraphs.Create(5).Binding;
        Program program = Everything();
        (CompiledProgram wide, CompiledProgram narrow) = (ProgramCompiler.Compile(program, Narrow with { Storage = ElementType.F32, FixedWeights = true }),
            ProgramCompiler.Compile(program, Narrow with { FixedWeights = true }));
        (MemoryEstimate before, MemoryEstimate after) = (MemoryEstimate.Of(wide.Source.Signature, graph, 1), MemoryEstimate.Of(narrow.Source.Signature, graph, 1));
        Assert.InRange(after.Arguments, before.Arguments * 0.5, before.Arguments * 0.6);
        Assert.InRange(after.Arena, before.Arena * 0.4, before.Arena * 0.7);
        Assert.Equal(before.Outputs, after.Outputs);

        using var executable = new Executable(narrow.Load(), graph);
        Assert.Equal(after.Total, executable.TotalBytes);
        var arguments = Differential.Arguments(program, graph, 5, integers: true, bound: 1);
        var expected = Stored(narrow.Plan, graph, arguments);
        foreach ((string name, Tensor tensor) in arguments)
        {
            executable.Set(name, tensor);
            if (!executable.IsUsedInPlace(name))
            {
                tensor.Dispose();
            }
        }

        executable.Run();
        Assert.All(expected, e => Assert.Null(Differential.Difference(executable.Output(e.Key).Span.ToArray(), e.Value)));
    }

    [Fact]
    public void Executable_moves_to_another_graph_and_takes_its_rows_again()
    {
        Program program = Everything();
        CompiledProgram compiled = ProgramCompiler.Compile(program, Narrow with { FixedWeights = true });
        using var executable = new Executable(compiled.Load(), RandomGraphs.Create(1).Binding);
        foreach (int seed in Graphs)
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            executable.Bind(graph);
            var arguments = Differential.Arguments(program, graph, seed, integers: true, bound: 1);
            foreach ((string name, Tensor tensor) in arguments)
            {
                executable.Set(name, tensor);
            }

            executable.Run();
            Assert.All(Stored(compiled.Plan, graph, arguments), e =>
                Assert.Null(Differential.Difference(executable.Output(e.Key).Span.ToArray(), e.Value)));
            Dispose(arguments);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void One_loop_of_a_softmax_reads_and_sums_narrow_rows(int lanes)
    {
        // Sums that registers hold and that they don't, and logits as wide as rows that are narrow.
        foreach ((int heads, int width) in new[] { (2, 16), (8, 32), (17, 3) })
        {
            var p = new ProgramBuilder("softmax");
            Value x = p.Input("x", Nodes, heads, width);
            Value logits = p.Input("l", Nodes, heads).At(Src) + p.Input("t", Nodes, heads).At(Dst);
            Value weight = (logits - logits.Reduce(Dst, ReduceKind.Max).At(Dst)).Unary(UnaryFunction.Exp);
            Value weighted = (x.At(Src) * weight.Reshape(heads, 1)).Sum(Dst);
            p.Return("y", weighted.At(Src).Sum(Dst));
            Plan plan = NarrowStorage.Run(SoftmaxPrograms.Online(p.Build()), Narrow);
            Assert.Contains(plan.Kernels.SelectMany(kernel => kernel.Steps).Where(step => step.IsOnline).SelectMany(step => step.Stages),
                stage => stage.IsRescaled && plan.Elements[stage.Value] == ElementType.BF16);
            CSharpSource source = CSharpEmitter.Emit(plan, lanes);
            GeneratedProgram kernels = GeneratedImage.Load(CSharpCompiler.Compile(source, null, out _), $"{CSharpEmitter.Namespace}.{source.ClassName}");
            foreach (int seed in Graphs)
            {
                GraphBinding graph = SoftmaxPrograms.Graph(seed);
                var arguments = Differential.Arguments(plan.Program, graph, seed);
                float[] actual = Differential.Loaded(kernels, graph, arguments, threads: 2)["y"];
                Assert.InRange(Differential.Error(actual, Stored(plan, graph, arguments)["y"]), 0, Tolerance / 2);
                Assert.InRange(Differential.Error(actual, Differential.Reference(plan.Program, graph, arguments)["y"]), 0, Tolerance);
                Dispose(arguments);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Loop_buffers_are_narrow_and_threads_share_no_line_of_them(int threads)
    {
        const int width = 18;
        var p = new ProgramBuilder("loops");
        Value a = p.Input("a", Edges, width);
        Value square = a * a + a;
        p.Return("y", (square * square.Reduce(Dst, ReduceKind.Max).At(Dst)).Sum(Dst));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, Narrow);
        ProgramSignature signature = compiled.Source.Signature;
        BufferSignature kept = Assert.Single(signature.Buffers, b => b.Walk >= 0);
        Assert.Equal(ElementType.BF16, kept.Element);
        foreach (int seed in Graphs)
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            long lines = (((Math.Max(graph.Resolve(Dst).Longest, RowBatches.Neighbours) * width * 2L) + 63) / 64) + 1;
            Assert.Equal(threads * lines * 64, MemoryEstimate.BytesOf(kept, signature, graph, threads));
            using var executable = new Executable(compiled.Load(), graph, threads);
            Assert.Equal(MemoryEstimate.Of(signature, graph, threads).Total, executable.TotalBytes);
            var arguments = Differential.Arguments(program, graph, seed, integers: true);
            executable.Set("a", arguments["a"]);
            executable.Run();
            Assert.Null(Differential.Difference(executable.Output("y").Span.ToArray(), Stored(compiled.Plan, graph, arguments)["y"]));
            Dispose(arguments);
        }
    }

    [Fact]
    public void Values_take_the_memory_of_those_of_their_element_type_alone()
    {
        // The exponential reads rows of f32 for the last time where narrow ones are computed; those are read for the last time where others are.
        var p = new ProgramBuilder("places");
        Value w = p.Weight("w", NodeTypes, 32, 32);
        Value x = p.Input("x", Nodes, 32).Linear(w, NType);
        Value y = x.Linear(w, NType) * x.Unary(UnaryFunction.Exp);
        Value z = y.Linear(w, NType) * y;
        p.Return("z", z.At(Src).Sum(Dst));
        Program program = p.Build();
        (Plan wide, Plan narrow) = (ProgramCompiler.Plan(program, Narrow with { Storage = ElementType.F32 }), ProgramCompiler.Plan(program, Narrow));
        Assert.Equal(2, InPlace.Run(wide).Count(over => over >= 0));
        (int Value, int Over) place = Assert.Single(InPlace.Run(narrow).Select((over, value) => (value, over)), p => p.over >= 0);
        Assert.Equal(ElementType.BF16, narrow.Elements[place.Value]);
        Assert.Equal(ElementType.BF16, narrow.Elements[place.Over]);
        CompiledProgram compiled = ProgramCompiler.Compile(program, Narrow);
        foreach (int seed in Graphs)
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            var arguments = Differential.Arguments(program, graph, seed);
            float[] actual = Differential.Compiled(compiled, graph, arguments, threads: 2)["z"];
            Assert.InRange(Differential.Error(actual, Stored(narrow, graph, arguments)["z"]), 0, Tolerance / 2);
            Dispose(arguments);
        }
    }

    [Fact]
    public void What_is_kept_narrow_is_not_carried_from_run_to_run()
    {
        var p = new ProgramBuilder("carried");
        Value x = p.Input("x", Nodes, 16);
        p.Return("next", x.At(Src).Sum(Dst));
        using var executable = new Executable(ProgramCompiler.Compile(p.Build(), Narrow).Load(), RandomGraphs.Create(5).Binding);
        Assert.Equal("PG0221", Assert.Throws<PigeonException>(() => executable.Link("next", "x")).Diagnostic.Id);
    }

    [Fact]
    public void Element_types_without_kernels_and_kernels_of_gpus_are_refused()
    {
        Assert.Equal("PG0130", Assert.Throws<PigeonException>(() =>
            ProgramCompiler.Plan(Everything(), Narrow with { Storage = ElementType.F16 })).Diagnostic.Id);
        Assert.Equal("PG0130", Assert.Throws<PigeonException>(() => CudaEmitter.Emit(ProgramCompiler.Plan(Everything(), Narrow))).Diagnostic.Id);
    }

    /// <summary>What the evaluator gives where every number that the plan keeps narrow is rounded.</summary>
    internal static IReadOnlyDictionary<string, double[]> Stored(Plan plan, GraphBinding graph, Dictionary<string, Tensor> arguments) =>
        Evaluator<double>.Run(plan.Program, graph, Differential.Doubles(arguments), plan.Stored);

    /// <summary>Every kind of kernel that reads or writes narrow rows: products of all shapes, loops in registers and not, views, weight gradients.</summary>
    private static Program Everything()
    {
        var p = new ProgramBuilder("everything");
        Value x = p.Input("x", Nodes, 64);
        Value atSource = x.At(Src);
        Value message = atSource.Linear(p.Weight("whole", EdgeTypes, 64, 37), EType);
        Value columns = atSource.Linear(p.Weight("columns", EdgeTypes, 64, 2), EType);
        Value blocks = x.Reshape(4, 16).At(Src).Linear(p.Weight("blocks", EdgeTypes, 4, 16, 8), EType);
        Value matrices = x.Reshape(4, 16).Linear(p.Weight("matrices", NodeTypes, 16, 8), NType);
        p.Return("messages", message.Sum(Dst));
        p.Return("columns", columns.Sum(Dst));
        p.Return("blocks", (blocks * matrices.At(Dst)).Sum(Dst));
        p.Return("twice", (message - message.Reduce(Dst, ReduceKind.Max).At(Dst)).Sum(Dst));

        // Sums that registers don't hold, sums that they do, and what is read again after them.
        Value wide = p.Input("wide", Nodes, 300);
        Value sums = wide.At(Src).Sum(Dst);
        p.Return("sums", sums.At(Src).Sum(Dst));
        p.Return("extremes", (sums.At(Src).Reduce(Dst, ReduceKind.Max) + wide).At(Src).Reduce(Dst, ReduceKind.Min));
        p.Return("means", x.At(Src).Reduce(Dst, ReduceKind.Sum).At(Src).Reduce(Dst, ReduceKind.Max));

        // Views, parts and rows that are reduced.
        Value parts = p.Concat(0, x.Slice(0, 3, 20), matrices.Transpose(1, 0).Reshape(32));
        p.Return("parts", parts.At(Src).Slice(0, 5, 40).Sum(Dst));
        p.Return("rows", x.Reshape(16, 4).RowReduce(ReduceKind.Sum, 1).At(Src).Sum(Dst));
        Value pairs = p.Weight("pairs", new IndexSpace.Range(2), 16, 8);
        p.Return("regrouped", parts.Slice(0, 0, 32).Linear(pairs.Regroup(IndexSpace.One, 32, 8)));

        p.Return("gradient", p.Add(new Operator.OuterSum(atSource.Id, matrices.Reshape(32).At(Dst).Id, EType)));
        p.Return("narrowGradient", p.Add(new Operator.OuterSum(atSource.Id, columns.Id, EType)));
        p.Return("blockGradient", p.Add(new Operator.OuterSum(x.Reshape(4, 16).Id, matrices.Id, NType, Blocks: true)));
        p.Return("matrixGradient", p.Add(new Operator.OuterSum(x.Reshape(4, 16).Id, matrices.Id, NType)));
        return p.Build();
    }

    private static void Dispose(Dictionary<string, Tensor> arguments)
    {
        foreach (Tensor tensor in arguments.Values)
        {
            tensor.Dispose();
        }
    }
}
