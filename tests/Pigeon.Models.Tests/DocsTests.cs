using System.Text.RegularExpressions;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Models.Tests;

/// <summary>
/// The documentation says what the code does. A fenced block whose opening line carries a name, as in <c>```text rgat:plan</c>, is
/// what Pigeon prints now; with <c>PIGEON_BLESS=1</c> the test writes it into the page.
/// </summary>
public sealed partial class DocsTests
{
    private static readonly string Docs = Path.Combine(Repository.Root, "docs");

    public static TheoryData<string> Pages =>
        [.. Directory.GetFiles(Docs, "*.md").Append(Path.Combine(Repository.Root, "CONTRIBUTING.md")).Order(StringComparer.Ordinal)
            .Select(page => Path.GetRelativePath(Repository.Root, page))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Named_blocks_are_what_Pigeon_prints(string page)
    {
        string path = Path.Combine(Repository.Root, page);
        string written = File.ReadAllText(path);
        string printed = NamedBlock().Replace(written, block => $"{block.Groups["open"].Value}{Printed[block.Groups["name"].Value]}```");
        if (Environment.GetEnvironmentVariable("PIGEON_BLESS") == "1")
        {
            File.WriteAllText(path, printed);
            return;
        }

        Assert.Equal(printed, written);
    }

    [Fact]
    public void Every_printed_text_stands_on_a_page() => Assert.Equal(Printed.Keys.Order(StringComparer.Ordinal),
        Directory.GetFiles(Docs, "*.md").SelectMany(page => NamedBlock().Matches(File.ReadAllText(page)))
            .Select(block => block.Groups["name"].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_diagnostic_of_the_source_is_explained_and_no_other()
    {
        string tests = Path.Combine(Repository.Root, "tests");
        var used = Directory.EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.StartsWith(tests, StringComparison.Ordinal) && !BuildOutput().IsMatch(file))
            .SelectMany(file => QuotedId().Matches(File.ReadAllText(file))).Select(id => id.Groups["id"].Value);
        string[] explained = [.. ExplainedId().Matches(File.ReadAllText(Path.Combine(Docs, "diagnostics.md"))).Select(id => id.Groups["id"].Value)];
        Assert.Equal(used.Distinct().Order(StringComparer.Ordinal), explained);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Relative_links_lead_somewhere(string page)
    {
        string path = Path.Combine(Repository.Root, page);
        Assert.All(Link().Matches(File.ReadAllText(path)).Select(link => link.Groups["target"].Value), target =>
        {
            string file = target.StartsWith('#') ? path : Path.Combine(Path.GetDirectoryName(path)!, target.Split('#')[0]);
            Assert.True(Path.Exists(file), $"{page} links to {target}");
            if (target.Split('#') is [_, var anchor])
            {
                Assert.Contains(anchor, Heading().Matches(File.ReadAllText(file)).Select(heading => AnchorOf(heading.Groups["text"].Value)));
            }
        });
    }

    /// <summary>Every text that the pages show, by name.</summary>
    private static Dictionary<string, string> Printed => LazyPrinted.Value;

    private static readonly Lazy<Dictionary<string, string>> LazyPrinted = new(() => new([ExampleText(), .. RgatTexts(), .. GradientTexts()]));

    private static KeyValuePair<string, string> ExampleText()
    {
        var p = new ProgramBuilder("average");
        var pairs = (IndexSpace.Distinct)HeteroSchema.DestinationPair.To;
        Value average = p.Input("x", HeteroSchema.Nodes, 16).At(HeteroSchema.Src).Reduce(HeteroSchema.DestinationPair, ReduceKind.Mean);
        Value message = average.Linear(p.Weight("w", HeteroSchema.EdgeTypes, 16, 8), new Map.Component(pairs, 0));
        p.Return("y", message.Sum(new Map.Component(pairs, 1)));
        return new("ir:example", $"{p.Build()}");
    }

    private static IEnumerable<KeyValuePair<string, string>> RgatTexts()
    {
        Program program = Rgat.Build(new RgatOptions { Widths = [8, 8], Heads = 2 });
        var texts = new Dictionary<string, string>
        {
            ["rgat:source"] = Member(File.ReadAllText(Path.Combine(Repository.Root, "models/Rgat/Rgat.cs")), "public static Value Layer("),
        };
        string before = "";
        Plan plan = ProgramCompiler.Plan(program, new()
        {
            Trace = (pass, after) =>
            {
                texts["rgat:" + pass] = $"{after}" == before ? "(unchanged)\n" : $"{after}";
                before = $"{after}";
            },
        });
        texts["rgat:plan"] = $"{plan}";

        // Eight lanes on every machine, so that the page does not depend on the one that prints it.
        string source = CSharpEmitter.Emit(plan, lanes: 8).Source;
        Kernel traversal = plan.Kernels.First(k => k.Contraction is null && k.Steps.Any(s => s.Loop is not null));
        Kernel gemm = plan.Kernels.First(k => k.Contraction is not null);
        texts["rgat:traversal"] = Member(source, $"private void {traversal.Name}(");
        texts["rgat:gemm"] = Member(source, $"private void {gemm.Name}(");
        texts["rgat:tile"] = Member(source, $"private static void {gemm.Name}_tile8(");
        texts["rgat:run"] = Member(source, "public override void Run(");
        texts["rgat:signature"] = Member(source, "private static readonly ProgramSignature Declared");
        return texts;
    }

    private static IEnumerable<KeyValuePair<string, string>> GradientTexts()
    {
        var p = new ProgramBuilder("regression");
        Value x = p.Input("x", HeteroSchema.Nodes, 8);
        Value w = p.Weight("w", HeteroSchema.NodeTypes, 8, 4);
        Value error = x.Linear(w, HeteroSchema.NType) - p.Input("target", HeteroSchema.Nodes, 4);
        p.Return("loss", (error * error).RowReduce(ReduceKind.Sum, 0).Reshape().Sum(new Map.Unit(HeteroSchema.Nodes)));
        Program forward = p.Build();
        Program differentiated = Differentiate.Run(forward, "loss");
        Plan plan = ProgramCompiler.Plan(differentiated);
        Kernel outer = plan.Kernels.Single(k => k.Contraction is { Kind: ContractionKind.OuterSum });
        string source = CSharpEmitter.Emit(plan, lanes: 8).Source;
        return new Dictionary<string, string>
        {
            ["gradient:forward"] = $"{forward}",
            ["gradient:differentiated"] = $"{differentiated}",
            ["gradient:plan"] = $"{plan}",
            ["gradient:kernel"] = Member(source, $"private void {outer.Name}("),
            ["gradient:join"] = Member(source, $"private void {outer.Name}_join("),
        };
    }

    /// <summary>A member of a class from its first line to its last, without the indentation of the class.</summary>
    private static string Member(string source, string start)
    {
        string[] lines = [.. source.Split('\n').SkipWhile(line => !line.StartsWith("    " + start, StringComparison.Ordinal))];
        int last = Array.FindIndex(lines, line => line is "    }" || (line.EndsWith(';') && line.Length > 4 && lines[0].EndsWith('(')));
        return string.Concat(lines[..(last + 1)].Select(line => $"{(line.Length > 4 ? line[4..] : "")}\n"));
    }

    private static string AnchorOf(string heading) => string.Concat(heading.ToLowerInvariant().Replace(' ', '-').Where(c =>
        char.IsLetterOrDigit(c) || c is '-' or '_'));

    [GeneratedRegex("(?<open>^```[a-z]+ (?<name>[a-z]+:[a-z-]+)\n).*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NamedBlock();

    [GeneratedRegex("\"(?<id>PG[0-9]{4})\"")]
    private static partial Regex QuotedId();

    [GeneratedRegex("^\\| (?<id>PG[0-9]{4}) \\|", RegexOptions.Multiline)]
    private static partial Regex ExplainedId();

    [GeneratedRegex("\\]\\((?<target>(?![a-z]+:)[^)\\s]+)\\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("[/\\\\](bin|obj)[/\\\\]")]
    private static partial Regex BuildOutput();
}
