using System.Globalization;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;
using Pigeon.Compiler;

namespace Pigeon.Cli;

/// <summary>Writes why a plan was chosen as one page that needs nothing else: costs, rewrites, the program pass by pass, kernels.</summary>
internal sealed partial class ExplainPage
{
    /// <summary>Nanoseconds in milliseconds.</summary>
    private const double Milli = 1e-6;

    private readonly StringBuilder text = new();
    private readonly ExplainReport report;
    private readonly Explanation explanation;

    private ExplainPage(ExplainReport report, Explanation explanation) => (this.report, this.explanation) = (report, explanation);

    /// <summary>The page.</summary>
    public static string Write(ExplainReport report, Explanation explanation)
    {
        var page = new ExplainPage(report, explanation);
        page.WriteAll();
        return page.text.ToString();
    }

    private void WriteAll()
    {
        string title = Escaped($"{report.Model} on {report.Dataset}, {report.Mode}");
        Line($"<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">");
        Line($"<title>{title} – Pigeon's plan</title>\n<style>\n{Resource("explain.css")}</style>\n<main>");
        Line($"<h1>{title}</h1>");
        string widths = report.In is null ? "" : FormattableString.Invariant($"Rows of {report.In} numbers in, {report.Out} out. ");
        Line($"<p class=\"soft\">{widths}Why Pigeon computes it the way it does.</p>");
        Line($"<ul class=\"chips\">{string.Concat(report.Spaces.Select(s => $"<li>{Escaped(s.Space)} <b>{Format.Count(s.Rows)}</b></li>"))}</ul>");
        WritePlans();
        WriteSteps();
        WritePasses();
        WriteKernels();
        Line($"</main>\n<script>\n{Resource("explain.js")}</script>\n</html>");
    }

    private void WritePlans()
    {
        Line($"<h2>What was considered</h2>\n<p>{Escaped(ExplainText.Verdict(report))}</p>\n<div class=\"wide\"><table>");
        Line($"<tr><th>plan</th><th class=\"n\">predicted ms</th><th class=\"n\">measured CPU ms</th><th class=\"n\">over the best</th><th class=\"n\">kernels</th><th class=\"n\">MFLOP</th><th class=\"n\">MiB moved</th><th class=\"n\">arena MiB</th><th class=\"n\">rewrites</th></tr>");
        double predicted = report.Plans.Max(plan => plan.PredictedMs);
        double measured = report.Plans.Max(plan => plan.MeasuredMs ?? 0);
        foreach (ExplainedPlan plan in report.Plans)
        {
            Line($"<tr{(plan == report.Winner ? " class=\"chosen\"" : "")}><td>{Escaped(string.Join(", ", plan.Names))}</td>");
            Line($"<td class=\"n\">{Format.Number(plan.PredictedMs)}{Bar(plan.PredictedMs / predicted, "")}</td>");
            Line($"<td class=\"n\">{(plan.MeasuredMs is { } ms ? Format.Number(ms) + Bar(ms / measured, " m") : "–")}</td>");
            Line($"<td class=\"n\">{(plan.MeasuredMs is { } m ? Format.Ratio(m / report.BestMs!.Value) + "×" : "–")}</td>");
            Line($"<td class=\"n\">{plan.Kernels}</td><td class=\"n\">{Format.Number(plan.Flops / 1e6)}</td><td class=\"n\">{Format.Mebibytes(plan.BytesMoved)}</td><td class=\"n\">{Format.Mebibytes(plan.ArenaBytes)}</td><td class=\"n\">{plan.Steps.Count}</td></tr>");
        }

        Line($"</table></div>");
    }

    private void WriteSteps()
    {
        Line($"<h2>What the rewrites save</h2>");
        if (report.Winner.Steps.Count == 0)
        {
            Line($"<p>Nothing that could be rewritten would be cheaper on this graph: the author's order stands.</p>");
            return;
        }

        Line($"<p>In the order in which they were done; savings are predicted, of the whole program. One that costs makes way for another.</p>");
        Line($"<div class=\"wide\"><table>\n<tr><th>rewrite</th><th>of</th><th class=\"n\">saves ms</th></tr>");
        double largest = report.Winner.Steps.Max(step => Math.Abs(step.SavedMs));
        foreach (ExplainedStep step in report.Winner.Steps)
        {
            Line($"<tr><td>{Escaped(step.Rule)}</td><td><code>%{step.Value} = {Escaped(step.Text)}</code></td><td class=\"n\">{Format.Number(step.SavedMs)}{Bar(Math.Abs(step.SavedMs) / largest, step.SavedMs < 0 ? " minus" : "")}</td></tr>");
        }

        Line($"</table></div>");
    }

    private void WritePasses()
    {
        IReadOnlyList<TracedPass> passes = explanation.Passes();
        Line($"<h2>The program, pass by pass</h2>\n<p class=\"key\"><span class=\"l new\" style=\"display:inline\">new in this pass</span><span class=\"l old\" style=\"display:inline\">gone after it</span> Point at a value to see where it is used.</p>\n<div class=\"passes\">");
        string[][] lines = [.. passes.Select(pass => pass.Program.ToString().TrimEnd('\n').Split('\n'))];
        for (int i = 0; i < passes.Count; i++)
        {
            if (i > 0 && lines[i].SequenceEqual(lines[i - 1]))
            {
                Line($"<section class=\"pass same\"><h3>{Escaped(passes[i].Name)}</h3><p class=\"soft\">unchanged</p></section>");
                continue;
            }

            string[] next = lines.Skip(i + 1).FirstOrDefault(after => !after.SequenceEqual(lines[i])) ?? lines[i];
            WritePass(passes[i], lines[i], LineDiff.Common(lines[Math.Max(0, i - 1)], lines[i]).After, LineDiff.Common(lines[i], next).Before);
        }

        Line($"</div>");
    }

    private void WritePass(TracedPass pass, string[] lines, bool[] known, bool[] stays)
    {
        Line($"<section class=\"pass\"><h3>{Escaped(pass.Name)}<span>{pass.Program.Values.Length} values</span></h3><div class=\"ir\">");
        for (int i = 0; i < lines.Length; i++)
        {
            string marks = (known[i] ? "" : " new") + (stays[i] ? "" : " old");
            string body = Value().Replace(Escaped(lines[i]), "<span class=\"v\" data-v=\"$1\">%$1</span>");
            Line($"<div class=\"l{marks}\"><span>{body}</span></div>");
        }

        Line($"</div></section>");
    }

    private void WriteKernels()
    {
        Plan plan = explanation.PlanOf(PlanAlternatives.Chosen);
        Line($"<h2>The kernels</h2>\n<p>An arrow is a value that one kernel writes to memory and another reads. What only lives inside a kernel does not show.</p>\n<div class=\"kernels\">{SvgWriter.Write(Diagram.Of(plan))}</div>");
        Line($"<div class=\"wide\"><table>\n<tr><th>kernel</th><th>rows</th><th class=\"n\">predicted ms</th><th class=\"n\">MFLOP</th><th class=\"n\">MiB moved</th><th>what it is</th></tr>");
        IReadOnlyList<double> times = explanation.NanosecondsOf(plan);
        for (int i = 0; i < times.Count; i++)
        {
            Kernel kernel = plan.Kernels[i];
            PlanCost cost = explanation.CostOf(plan, kernel);
            string kind = kernel.Contraction is { } c ? $"{c.K} × {c.N} by {c.Type}" : $"{kernel.Steps.Count(step => step.Loop is not null)} loops";
            Line($"<tr><td><code>{Escaped(kernel.Name)}</code>{(kernel.Once ? " once" : "")}</td><td><code>{Escaped(kernel.Rows.ToString())}</code></td><td class=\"n\">{Format.Number(times[i] * Milli)}{Bar(times[i] / times.Max(), "")}</td><td class=\"n\">{Format.Number(cost.Flops / 1e6)}</td><td class=\"n\">{Format.Mebibytes(cost.BytesMoved)}</td><td>{Escaped(kind)}</td></tr>");
        }

        Line($"</table></div>");
        Line($"<details><summary>The plan as text</summary><pre>{Escaped(plan.ToString())}</pre></details>");
        Line($"<details><summary>The plan of the author's order</summary><pre>{Escaped(explanation.PlanOf(PlanAlternatives.Author).ToString())}</pre></details>");
    }

    private void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Bar(double share, string kind) => FormattableString.Invariant($"<span class=\"bar{kind}\" style=\"width:{100 * share:F0}%\"></span>");

    private static string Escaped(string text) => SecurityElement.Escape(text);

    private static string Resource(string name)
    {
        using Stream stream = typeof(ExplainPage).Assembly.GetManifestResourceStream($"Pigeon.Cli.Output.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("%([0-9]+)")]
    private static partial Regex Value();
}
