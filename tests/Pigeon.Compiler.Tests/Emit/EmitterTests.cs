using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>No name and no culture gets into generated code.</summary>
[Collection(nameof(Alone))]
public sealed class EmitterTests
{
    [Fact]
    public void Name_that_is_no_text_is_refused_everywhere() => Assert.All(["", "\ud800", "a\udc00b", "\udc00\ud800", new('a', 1001)], name =>
    {
        Refused(() => Program(program: name));
        Refused(() => Program(input: name));
        Refused(() => Program(weight: name));
        Refused(() => Program(output: name));
        Refused(() => Program(map: name));
        Refused(() => Program(space: name));
        Refused(() => Program(hidden: name));
    });

    [Fact]
    public void Any_text_names_anything() => Assert.All(HostileNames.All, name =>
    {
        Program program = Program(name, name, name + "w", name, name, name, name + "h");
        Assert.All(program.ToString(), c => Assert.True(c is '\n' or (>= ' ' and <= '~')));
        Assert.Equal(program.ToString(), ProgramParser.Parse(program.ToString()).ToString());
        Program parsed = ProgramParser.Parse(program.ToString());
        Assert.Equal((name, name), (parsed.Name, parsed.Outputs[0].Name));
        CompiledProgram compiled = ProgramCompiler.Compile(parsed, new() { Cache = null });
        Assert.Equal(name, compiled.Load().Signature.Name);
        Assert.All(compiled.Source.Source, c => Assert.True(c is '\n' or (>= ' ' and <= '~')));
    });

    [Theory]
    [InlineData("Code.Of($\"{name}\")", false)]
    [InlineData("Code.Of(name)", false)]
    [InlineData("Code.Of($\"{(object)name}\")", false)]
    [InlineData("Code.Of($\"{1.5}\")", false)]
    [InlineData("new CodeWriter().Line(name)", false)]
    [InlineData("new CodeWriter().Line($\"{name}\")", false)]
    [InlineData("new CodeWriter().Block($\"{name}\")", false)]
    [InlineData("Code.Of($\"{Code.Quoted(name)} {Code.Comment(name)} {1} {2L} {0.5f}\")", true)]
    [InlineData("new CodeWriter().Line($\"{Code.Identifier(name)}\")", true)]
    public void Raw_string_does_not_compile_into_code(string expression, bool compiles)
    {
        string source = $"using Pigeon.Compiler; static class C {{ static void M(string name) {{ {expression}; }} }}";
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("raw", [CSharpSyntaxTree.ParseText(source)], references,
            new(OutputKind.DynamicallyLinkedLibrary));
        Assert.Equal(compiles, !compilation.GetDiagnostics().Any(d => d.Severity == DiagnosticSeverity.Error));
    }

    [Fact]
    public void Comment_and_quotation_hold_whatever_they_are_given()
    {
        const string hostile = "\"; Evil(); //\r\n\u2028\u0085 x \\";
        Assert.DoesNotContain('\n', Code.Comment(hostile).ToString());
        SyntaxToken token = SyntaxFactory.ParseToken(Code.Quoted(hostile).ToString());
        Assert.Equal(hostile, token.ValueText);
        Assert.Empty(CSharpSyntaxTree.ParseText(Code.Comment(hostile).ToString()).GetRoot().ChildNodes());
    }

    [Theory]
    [InlineData(",", "-")]
    [InlineData(".", "\u2212")]
    public void Source_is_the_same_under_every_culture(string decimalSeparator, string negativeSign)
    {
        Program program = ProgramParser.Parse("""
            program culture
              %0 = input x : Nodes[3]
              %1 = constant -1.5 : Nodes[3]
              %2 = pointwise {select(less($0, -0.25), $0 * -1234.5, $1 + -2)} %0, %1 : Nodes[3]
              return y = %2
            """);
        string expected = Emit(program);
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            culture.NumberFormat.NumberDecimalSeparator = decimalSeparator;
            culture.NumberFormat.NumberGroupSeparator = "'";
            culture.NumberFormat.NegativeSign = negativeSign;
            CultureInfo.CurrentCulture = culture;
            Assert.Equal(expected, Emit(program));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Products_of_one_shape_share_their_tiles()
    {
        var p = new ProgramBuilder("tiles");
        var rows = new IndexSpace.Declared("Rows");
        Value x = p.Input("x", rows, 32);
        for (int i = 0; i < 3; i++)
        {
            p.Return($"y{i}", x.Linear(p.Weight($"w{i}", IndexSpace.One, 32, i == 2 ? 16 : 32)));
        }

        string source = CSharpEmitter.Emit(ProgramCompiler.Plan(p.Build()), 8).Source;
        string[] tiles = [.. source.Split('\n').Where(line => line.Contains("static void", StringComparison.Ordinal)).Select(line => line.Trim().Split('(')[0].Split(' ')[^1])];
        Assert.Equal(["k0_gemm_tile1", "k0_gemm_tile3", "k0_gemm_tile6", "k2_gemm_tile1", "k2_gemm_tile3", "k2_gemm_tile6"], tiles.Order());
        Assert.Equal(2, source.Split("Tiles.k0_gemm_tile6(").Length - 1);
    }

    /// <summary>The program's text, parsed again, its plan, and its source.</summary>
    private static string Emit(Program program)
    {
        Plan plan = ProgramCompiler.Plan(ProgramParser.Parse(program.ToString()));
        return $"{program}\n{plan}\n{CSharpEmitter.Emit(plan, 8).Source}";
    }

    private static void Refused(Func<Program> create) => Assert.Equal("PG0101", Assert.Throws<PigeonException>(create).Diagnostic.Id);

    /// <summary>A program with a name in every place where one may stand.</summary>
    private static Program Program(string program = "p", string input = "x", string weight = "w", string output = "y", string map = "m",
        string space = "A", string hidden = "B")
    {
        var p = new ProgramBuilder(program);
        IndexSpace from = new IndexSpace.Declared(space);
        IndexSpace to = new IndexSpace.Product(new IndexSpace.Declared(hidden), IndexSpace.One);
        Value x = p.Input(input, from, 2);
        Value w = p.Weight(weight, to, 2);
        p.Return(output, x + w.At(new Map.Stored(map, from, to)));
        return p.Build();
    }
}
