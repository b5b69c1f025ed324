using System.Reflection;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Every case of the language works everywhere: whoever adds one is told here what is missing.</summary>
public sealed class CompletenessTests
{
    private static readonly int[] Seeds = [1, 3, 11];

    public static TheoryData<string> Examples => [.. ExamplePrograms.All.Select(example => example.Name)];

    public static TheoryData<string> Cases => [.. AllCases().Select(c => c.Name).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_has_an_example(string name)
    {
        object wanted = AllCases().Single(x => x.Name == name).Case;
        Assert.Contains(ExamplePrograms.All, example => CasesOf(example.Parse()).Any(wanted.Equals));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_prints_and_parses_back(string name)
    {
        Program program = Find(name).Parse();
        Program again = ProgramParser.Parse(program.ToString());
        Assert.Equal([.. program.Values], again.Values.ToArray());
        Assert.Equal([.. program.Types], again.Types.ToArray());
        Assert.Equal([.. program.Outputs], again.Outputs.ToArray());
        Assert.Equal(program.ToString(), again.ToString());
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Broken_example_is_refused(string name)
    {
        Example example = Find(name);
        Assert.Equal(2, example.Text.Split(example.Part).Length);
        string broken = example.Text.Replace(example.Part, example.Broken, StringComparison.Ordinal);
        Assert.Equal(example.Id, Assert.Throws<PigeonException>(() => ProgramParser.Parse(broken)).Diagnostic.Id);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Evaluator_equals_the_definition(string name)
    {
        Program program = Find(name).Parse();
        foreach (int seed in Seeds)
        {
            HeteroGraph graph = RandomGraphs.Create(seed);
            var arguments = Differential.Arguments(program, graph.Binding, seed);
            var expected = new NaiveEvaluator(program, graph).Run(Differential.Doubles(arguments));
            foreach ((string output, double[] actual) in Differential.Reference(program, graph.Binding, arguments))
            {
                Assert.Equal(expected[output].Length, actual.Length);
                Assert.All(actual.Zip(expected[output]), pair => Assert.Equal(pair.Second, pair.First, 1e-11));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Kernels_equal_the_evaluator(string name)
    {
        Program program = Find(name).Parse();
        foreach (bool fuse in new[] { true, false })
        {
            GeneratedProgram kernels = ProgramCompiler.Compile(program, new() { Fuse = fuse, Cache = null }).Load();
            foreach (int seed in Seeds)
            {
                GraphBinding graph = RandomGraphs.Create(seed).Binding;
                var arguments = Differential.Arguments(program, graph, seed);
                var expected = Differential.Reference(program, graph, arguments);
                var actual = Differential.Loaded(kernels, graph, arguments, threads: 2);
                Assert.All(program.Outputs, o => Assert.InRange(Differential.Error(actual[o.Name], expected[o.Name]), 0, 1e-5));
            }
        }
    }

    private static Example Find(string name) => ExamplePrograms.All.Single(example => example.Name == name);

    /// <summary>The cases of the language's closed families and enumerations: a type, or an enumeration's value.</summary>
    private static IEnumerable<(string Name, object Case)> AllCases()
    {
        foreach (Type family in new[] { typeof(Operator), typeof(Expr), typeof(IndexSpace), typeof(Map) })
        {
            foreach (Type type in family.GetNestedTypes(BindingFlags.Public).Where(type => type.IsSubclassOf(family)))
            {
                Assert.True(type.IsSealed, $"{type} is a case: seal it");
                yield return ($"{family.Name}.{type.Name}", type);
            }
        }

        foreach (Enum value in Enum.GetValues<UnaryFunction>().Cast<Enum>().Concat(Enum.GetValues<BinaryFunction>().Cast<Enum>()))
        {
            yield return ($"{value.GetType().Name}.{value}", value);
        }

        foreach (ReduceKind kind in Enum.GetValues<ReduceKind>())
        {
            yield return ($"Reduce.{kind}", (typeof(Operator.Reduce), kind));
            yield return ($"RowReduce.{kind}", (typeof(Operator.RowReduce), kind));
        }
    }

    /// <summary>The cases that a program shows, once or more.</summary>
    private static IEnumerable<object> CasesOf(Program program)
    {
        for (int id = 0; id < program.Values.Length; id++)
        {
            Operator op = program.Values[id];
            yield return op.GetType();
            IEnumerable<object> parts = op switch
            {
                Operator.Pointwise p => CasesOf(p.Expression),
                Operator.Reduce r => [(typeof(Operator.Reduce), r.Kind)],
                Operator.RowReduce r => [(typeof(Operator.RowReduce), r.Kind)],
                _ => [],
            };
            Map? map = op.GetType().GetProperties().Select(p => p.GetValue(op)).OfType<Map>().FirstOrDefault();
            foreach (object part in parts.Concat(CasesOf(program.Types[id].Space)).Concat(map is null ? [] : CasesOf(map)))
            {
                yield return part;
            }
        }
    }

    private static IEnumerable<object> CasesOf(Expr expression)
    {
        object[] own = expression switch
        {
            Expr.Unary e => [typeof(Expr.Unary), e.Function],
            Expr.Binary e => [typeof(Expr.Binary), e.Function],
            _ => [expression.GetType()],
        };
        return own.Concat(expression.Children.SelectMany(CasesOf));
    }

    private static IEnumerable<object> CasesOf(IndexSpace space) => [space.GetType()];

    private static IEnumerable<object> CasesOf(Map map) => [map.GetType()];
}
