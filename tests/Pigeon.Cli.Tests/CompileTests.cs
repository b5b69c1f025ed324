using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class CompileTests
{
    [Theory]
    [InlineData("rgcn", "num_bases=3", "aggr=add")]
    [InlineData("rgat", "heads=4", "layers=2")]
    [InlineData("hgt", "heads=2", "layers=1")]
    public void Compile_writes_every_stage_into_the_folder_and_nowhere_else(string model, params string[] set)
    {
        using var folder = new TemporaryFolder();
        JsonElement report = Tool.Json(["compile", model, "--in", "8", "--out", "8", "--dataset", "gen:aifb@0.01", "-o", folder["out"],
            "--set", .. set]);
        Assert.Equal([folder["out"]], Directory.EnumerateFileSystemEntries(folder.Path));
        string[] files = [.. Directory.EnumerateFiles(folder["out"]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        Assert.Equal(files, report.GetProperty("files").EnumerateArray()
            .Select(file => Path.GetFileName(file.GetProperty("path").GetString())!).Order(StringComparer.Ordinal));
        Assert.All((string[])["00-author.pig", "01-simplify.pig", "plan.txt", "program.cs", "host.txt", "program.dot", "program.svg",
            "kernels.dot", "kernels.svg"], name => Assert.Contains(name, files));
        Assert.Contains("launch k0", File.ReadAllText(Path.Combine(folder["out"], "host.txt")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("epignn", "gen:rcc8", "rounds=1", "linear etype")]
    [InlineData("tpgn", "etth1", "horizon=48", "range(6)")]
    public void Models_with_a_task_compile_for_a_batch(string model, string dataset, string option, string text)
    {
        using var folder = new TemporaryFolder();
        Outcome result = Tool.Run("compile", model, "--dataset", dataset, "--set", option, "--training", "--emit", "ir,cs,host", "-o", folder.Path);
        Assert.True(result.Code == 0, result.Messages);
        Assert.Contains(text, File.ReadAllText(Path.Combine(folder.Path, "00-author.pig")), StringComparison.Ordinal);
        Assert.Equal(0, Tool.Run("compile", Path.Combine(folder.Path, "00-author.pig"), "--emit", "plan", "-o", folder["again"]).Code);
    }

    [Theory]
    [InlineData("tpgn", "etth9", "PG0317")]
    [InlineData("epignn", "aifb", "PG0317")]
    public void A_dataset_that_is_none_of_the_task_is_refused(string model, string dataset, string culprit) =>
        Tool.Run("compile", model, "--dataset", dataset, "-o", "nowhere").AssertRefused(culprit);

    [Fact]
    public void A_program_that_compile_wrote_compiles_to_the_same_plan()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, Tool.Run("compile", "rgat", "--emit", "ir,plan", "-o", folder["a"]).Code);
        Assert.Equal(0, Tool.Run("compile", Path.Combine(folder["a"], "00-author.pig"), "--emit", "plan", "-o", folder["b"]).Code);
        Assert.Equal(File.ReadAllText(Path.Combine(folder["a"], "plan.txt")), File.ReadAllText(Path.Combine(folder["b"], "plan.txt")));
    }

    [Theory]
    [InlineData("program p\n  %0 = input x Nodes[4]\n  return y = %0\n", "p.pig:2:")]
    [InlineData("program p\n  %0 = input x : Nodes[4]\n  return y = %7\n", "%7")]
    [InlineData("", "p.pig:1:")]
    public void A_malformed_program_is_refused_with_its_place(string text, string culprit)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["p.pig"], text);
        Tool.Run("compile", folder["p.pig"], "-o", folder["out"]).AssertRefused(culprit);
    }

    [Fact]
    public void A_programs_text_takes_no_widths()
    {
        using var folder = new TemporaryFolder();
        Tool.Run("compile", folder["p.pig"], "--in", "3", "-o", folder["out"]).AssertRefused("--in");
        Tool.Run("compile", folder["p.pig"], "-o", folder["out"]).AssertRefused("p.pig");
    }

    [Fact]
    public void Pictures_have_boxes_that_do_not_overlap()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, Tool.Run("compile", "hgt", "--heads", "4", "--set", "layers=2", "--emit", "dot", "-o", folder.Path).Code);
        foreach (string name in (string[])["program", "kernels"])
        {
            XElement svg = XDocument.Load(folder[name + ".svg"]).Root!;
            Area canvas = new(0, 0, Number(svg, "width"), Number(svg, "height"));
            Area[] boxes = [.. svg.Elements().Where(e => e.Name.LocalName == "rect" && e.Attribute("x") is not null)
                .Select(e => new Area(Number(e, "x"), Number(e, "y"), Number(e, "width"), Number(e, "height")))];
            Assert.True(boxes.Length > 10);
            Assert.All(boxes, box => Assert.True(box.IsIn(canvas), $"{box} is in {canvas}"));
            Assert.All(boxes, box => Assert.Single(boxes, other => other.Meets(box)));

            string dot = File.ReadAllText(folder[name + ".dot"]);
            Assert.Equal(boxes.Length, dot.Split('\n').Count(line => line.Contains("fillcolor", StringComparison.Ordinal)));
        }
    }

    private static double Number(XElement element, string attribute) => (double)element.Attribute(attribute)!;

    private sealed record Area(double X, double Y, double Width, double Height)
    {
        public bool IsIn(Area other) => X >= other.X && Y >= other.Y && X + Width <= other.X + other.Width && Y + Height <= other.Y + other.Height;

        public bool Meets(Area other) => X < other.X + other.Width && other.X < X + Width && Y < other.Y + other.Height && other.Y < Y + Height;
    }
}
