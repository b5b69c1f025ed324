using System.Text;
using CsCheck;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Whatever text there is: it parses, or it is refused with a place. Nothing else is thrown, and nothing hangs.</summary>
public sealed class ParserFuzzTests
{
    private const int Longest = 20_000;
    private static readonly string[] Texts = [.. ExamplePrograms.All.Select(example => example.Text)];

    private static readonly string[] Tokens = [.. Texts.SelectMany(text => text.Split([' ', '\n', ',', '('])).Distinct(),
        "(", ")", ",", "{", "}", "[", "]", "%", "$", ":", "->", "-", "#", "\n", "\0", "é", "😀", "999999999999", "-1", "1e308", "1e-400",
        "reduce.7", "row.", "pair(", "((((", "%-1"];

    private static readonly Gen<string> GenMutated =
        from text in OneOf(Texts)
        from edits in Gen.Select(Gen.Int[0, Longest], Gen.Int[0, 12], OneOf(Tokens)).Array[1, 4]
        select edits.Aggregate(text, (mutated, edit) =>
        {
            int start = edit.Item1 % (mutated.Length + 1);
            return mutated.Remove(start, Math.Min(edit.Item2, mutated.Length - start)).Insert(start, edit.Item3);
        });

    [Fact]
    public void Mutated_text_is_parsed_or_refused() => GenMutated.Sample(IsParsedOrRefused, iter: 20_000);

    [Fact]
    public void Noise_is_refused() => OneOf(Tokens).Array[0, 60].Select(tokens => "program p " + string.Join(' ', tokens))
        .Sample(IsParsedOrRefused, iter: 5_000);

    [Fact]
    public void Every_prefix_is_parsed_or_refused() => Assert.All(Texts, text =>
    {
        for (int length = 0; length < text.Length; length++)
        {
            Assert.True(IsParsedOrRefused(text[..length]));
        }
    });

    [Theory]
    [InlineData("(", "$0", ")")]
    [InlineData("exp(", "$0", ")")]
    [InlineData("- ", "$0", "")]
    [InlineData("$0 + ", "$0", "")]
    [InlineData("$0 * ", "$0", "")]
    [InlineData("select($0, ", "$0", ", $0)")]
    public void Deep_expression_is_refused(string open, string middle, string close)
    {
        string deep = Repeat(open, 100_000) + middle + Repeat(close, 100_000);
        Refused($"program p %0 = input x : A[1] %1 = pointwise {{{deep}}} %0 : A[1] return y = %1");
    }

    [Theory]
    [InlineData("pair(", "m, m", ")")]
    [InlineData("index(", "m, m", ")")]
    [InlineData("first(", "m, m", ")")]
    [InlineData("unit(distinct(", "m, m", "))")]
    [InlineData("compose(m, ", "m", ")")]
    public void Deep_map_is_refused(string open, string middle, string close)
    {
        string deep = Repeat(open, 100_000) + middle + Repeat(close, 100_000);
        Refused($"program p map m : A -> A %0 = input x : A[1] %1 = gather {deep} %0 : A[1] return y = %1");
    }

    [Fact]
    public void Nested_pairs_take_no_exponential_time()
    {
        // Both components hold the pair below, so that careless comparisons double their work at each level.
        string map = "m";
        for (int level = 0; level < 15; level++)
        {
            map = $"pair({map}, m)";
        }

        Program program = ProgramParser.Parse(
            $"program p map m : A -> A %0 = input x : A[1] %1 = reduce.sum {map} %0 : {Distinct(map)}[1] return y = %1");
        Assert.Equal(program.ToString(), ProgramParser.Parse(program.ToString()).ToString());
        Map outer = ((Operator.Reduce)program.Values[1]).Map;
        Assert.Equal(outer, ((Operator.Reduce)ProgramParser.Parse(program.ToString()).Values[1]).Map);
        Assert.NotNull(Map.Factor(Map.Compose(new Map.Component((IndexSpace.Distinct)outer.To, 0), outer), outer));
        Assert.NotNull(ProgramCompiler.Plan(program));
    }

    [Fact]
    public void Long_program_of_small_steps_is_planned()
    {
        var text = new StringBuilder("program p map m : A -> B %0 = input x : A[2]\n");
        const int steps = 1_500;
        for (int i = 1; i <= steps; i++)
        {
            text.Append($"%{i} = pointwise {{$0 * $0 - $0}} %{i - 1} : A[2]\n");
        }

        Program program = ProgramParser.Parse(text.Append($"return y = %{steps}").ToString());
        Plan plan = ProgramCompiler.Plan(program);
        Assert.InRange(plan.ToString().Length, 1, 100 * text.Length);
    }

    private static Gen<string> OneOf(string[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    private static string Distinct(string pair) => "distinct" + pair["pair".Length..];

    private static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    private static void Refused(string text) =>
        Assert.Equal("PG0110", Assert.Throws<PigeonException>(() => ProgramParser.Parse(text)).Diagnostic.Id);

    private static bool IsParsedOrRefused(string text)
    {
        try
        {
            Program program = ProgramParser.Parse(text);
            return program.ToString() == ProgramParser.Parse(program.ToString()).ToString();
        }
        catch (PigeonException error)
        {
            Assert.StartsWith("program text:", error.Diagnostic.Place);
            return true;
        }
    }
}
