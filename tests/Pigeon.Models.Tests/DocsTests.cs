using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Models.Tests;

/// <summary>
/// The pages say what the code does. A fenced block with a name on its opening line, as in <c>text rgat:plan</c>, is what Pigeon
/// prints now; where <c>PIGEON_BLESS</c> is 1 it is written into the page instead.
/// </summary>
public sealed partial class DocsTests
{
    private const int Lanes = 8;
    private const string Unchanged = "(unchanged)\n";
    private static readonly Lazy<Dictionary<string, string>> Printed = new(() => new([.. Example(), .. RgatStages(), .. GradientStages()]));
    private static readonly string[] PageFiles = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md")
        .Append(Path.Combine(Repository.Root, "CONTRIBUTING.md")).Select(page => Path.GetRelativePath(Repository.Root, page)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Pages => [.. PageFiles];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Named_blocks_are_what_Pigeon_prints(string page)
    {
        string written = Read(page);
        string printed = NamedBlock().Replace(written, block => $"{block.Groups["open"]}{Printed.Value[block.Groups["name"].Value]}```");
        if (Environment.GetEnvironmentVariable("PIGEON_BLESS") == "1")
        {
            File.WriteAllText(Path.Combine(Repository.Root, page), printed);
            return;
        }

        Assert.Equal(printed, written);
    }

    [Fact]
    public void Every_printed_text_stands_on_one_page()
    {
        string[] shown = [.. PageFiles.SelectMany(page => NamedBlock().Matches(Read(page))).Select(block => block.Groups["name"].Value)];
        Assert.Equal(shown.Distinct(), shown);
        Assert.Empty(Printed.Value.Where(text => text.Value != Unchanged).Select(text => text.Key).Except(shown));
    }

    [Fact]
    public void Language_page_has_every_operator_and_function()
    {
        var operators = typeof(Operator).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(Operator)))
            .Select(type => ProgramPrinter.Print(Some(type)).Split(' ', '.')[0]);
        var functions = Enum.GetNames<UnaryFunction>().Concat(Enum.GetNames<BinaryFunction>()).Concat(Enum.GetNames<ReduceKind>());
        var words = CodeSpan().Matches(Read("docs/ir.md")).SelectMany(span => Word().Matches(span.Value)).Select(word => word.Value);
        Assert.Empty(operators.Concat(functions.Select(name => name.ToLowerInvariant())).Except(words));

        // A name is the one thing that is printed and can't be null.
        static Operator Some(Type type) => (Operator)RuntimeHelpers.GetUninitializedObject(type) switch
        {
            Operator.Input op => op with { Name = "x" },
            Operator.Weight op => op with { Name = "x" },
            var op => op,
        };
    }

    [Fact]
    public void Every_diagnostic_of_the_source_is_explained_and_no_other()
    {
        string[] used = [.. Directory.EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file)).Where(file => !NoSource().IsMatch(file))
            .SelectMany(file => QuotedId().Matches(Read(file))).Select(id => id.Groups["id"].Value).Distinct()];
        string[] explained = [.. ExplainedId().Matches(Read("docs/diagnostics.md")).Select(id => id.Groups["id"].Value)];
        Assert.Empty(used.Except(explained));
        Assert.Empty(explained.Except(used));
        Assert.Equal(explained.Distinct().Order(StringComparer.Ordinal), explained);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Relative_links_lead_somewhere(string page) => Assert.All(
        Link().Matches(Read(page)).Select(link => link.Groups["target"].Value), target =>
        {
            string[] parts = target.Split('#');
            string file = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
            Assert.True(Path.Exists(Path.Combine(Repository.Root, file)), $"{page} links to {target}");
            if (parts.Length == 2)
            {
                Assert.Contains(parts[1], Heading().Matches(Read(file)).Select(heading => Anchor(heading.Groups["text"].Value)));
            }
        });

    private static Dictionary<string, string> Example()
    {
        var p = new ProgramBuilder("average");
        var pairs = (IndexSpace.Distinct)HeteroSchema.DestinationPair.To;
        Value average = p.Input("x", HeteroSchema.Nodes, 16).At(HeteroSchema.Src).Reduce(HeteroSchema.DestinationPair, ReduceKind.Mean);
        Value message = average.Linear(p.Weight("w", HeteroSchema.EdgeTypes, 16, 8), new Map.Component(pairs, 0));
        p.Return("y", message.Sum(new Map.Component(pairs, 1)));
        return new() { ["ir:example"] = $"{p.Build()}" };
    }

    private static Dictionary<string, string> RgatStages()
    {
        var stages = new Dictionary<string, string> { ["rgat:source"] = Member(Read("models/Rgat/Rgat.cs"), "public static Value Layer(") };
        string before = "";
        Plan plan = ProgramCompiler.Plan(Rgat.Build(new RgatOptions { Widths = [8, 8], Heads = 2 }), new()
        {
            Trace = (pass, program) =>
            {
                stages[$"rgat:{pass}"] = $"{program}" == before ? Unchanged : $"{program}";
                before = $"{program}";
            },
        });
        stages["rgat:plan"] = $"{plan}";
        string source = CSharpEmitter.Emit(plan, Lanes).Source;
        Kernel traversal = plan.Kernels.First(k => k.Contraction is null && k.Steps.Any(s => s.Loop is not null));
        Kernel gemm = plan.Kernels.First(k => k.Contraction is not null);
        stages["rgat:traversal"] = Member(source, $"private void {traversal.Name}(");
        stages["rgat:gemm"] = Member(source, $"private void {gemm.Name}(");
        stages["rgat:tile"] = Member(source, $"internal static void {gemm.Name}_tile8(");
        stages["rgat:run"] = Member(source, "public override void Run(");
        stages["rgat:signature"] = Member(source, "private static readonly ProgramSignature Declared");
        return stages;
    }

    private static Dictionary<string, string> GradientStages()
    {
        var p = new ProgramBuilder("regression");
        Value error = p.Input("x", HeteroSchema.Nodes, 8).Linear(p.Weight("w", HeteroSchema.NodeTypes, 8, 4), HeteroSchema.NType) -
            p.Input("target", HeteroSchema.Nodes, 4);
        p.Return("loss", (error * error).RowReduce(ReduceKind.Sum, 0).Reshape().Sum(new Map.Unit(HeteroSchema.Nodes)));
        Program forward = p.Build();
        Program differentiated = Differentiate.Run(forward, "loss");
        Plan plan = ProgramCompiler.Plan(differentiated);
        string source = CSharpEmitter.Emit(plan, Lanes).Source;
        Kernel outer = plan.Kernels.Single(k => k.Contraction is { Kind: ContractionKind.OuterSum });
        return new()
        {
            ["gradient:forward"] = $"{forward}",
            ["gradient:differentiated"] = $"{differentiated}",
            ["gradient:plan"] = $"{plan}",
            ["gradient:kernel"] = Member(source, $"private void {outer.Name}("),
            ["gradient:join"] = Member(source, $"private void {outer.Name}_join("),
        };
    }

    /// <summary>A member of a class, from the line that starts so to its end, without the indentation of the class.</summary>
    private static string Member(string source, string start)
    {
        string[] lines = [.. source.Split('\n').SkipWhile(line => !line.StartsWith("    " + start, StringComparison.Ordinal))];
        bool isField = lines[0].EndsWith('(');
        int last = Array.FindIndex(lines, line => isField ? line.EndsWith(");", StringComparison.Ordinal) : line == "    }");
        return string.Concat(lines[..(last + 1)].Select(line => $"{(line.Length > 4 ? line[4..] : "")}\n"));
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path)).ReplaceLineEndings("\n");

    private static string Anchor(string heading) =>
        string.Concat(heading.ToLowerInvariant().Replace(' ', '-').Where(c => char.IsLetterOrDigit(c) || c is '-' or '_'));

    [GeneratedRegex("(?<open>^```[a-z]+ (?<name>[a-z]+:[a-z-]+)\n).*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NamedBlock();

    [GeneratedRegex("(?<!`)`(?!`)[^`]+`(?!`)")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("[a-z]+")]
    private static partial Regex Word();

    [GeneratedRegex("\"(?<id>PG[0-9]{4})\"")]
    private static partial Regex QuotedId();

    [GeneratedRegex("^\\| (?<id>PG[0-9]{4}) \\|", RegexOptions.Multiline)]
    private static partial Regex ExplainedId();

    [GeneratedRegex("\\]\\((?<target>(?![a-z]+:)[^)\\s]+)\\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("(^|[/\\\\])(bin|obj|tests)[/\\\\]")]
    private static partial Regex NoSource();
}
