namespace Pigeon.Cli;

/// <summary>Tells on the terminal why a plan was chosen.</summary>
internal static class ExplainText
{
    private const double Close = 1.01;

    /// <summary>One paragraph: how the chosen plan compares.</summary>
    public static string Verdict(ExplainReport report)
    {
        (ExplainedPlan winner, ExplainedPlan author) = (report.Winner, report.Author);
        string predicted = winner == author ? "The author's order is chosen: no rewrite is predicted to pay."
            : $"The chosen plan is predicted to be {Format.Ratio(author.PredictedMs / winner.PredictedMs)}× as fast as the author's order";
        if (winner.MeasuredMs is not { } own)
        {
            return winner == author ? predicted : predicted + "; nothing was measured.";
        }

        string measured = winner == author ? "" : $", and was measured to be {Format.Ratio(author.MeasuredMs!.Value / own)}×.";
        ExplainedPlan best = report.Plans.MinBy(plan => plan.MeasuredMs)!;
        string rank = own <= Close * best.MeasuredMs ? " Nothing measured was faster."
            : $" The fastest measured, {best.Names[0]}, takes {Format.Ratio(best.MeasuredMs!.Value / own)} of its time.";
        return predicted + measured + rank;
    }

    /// <summary>Writes the alternatives, and the rewrites of the one that was chosen.</summary>
    public static void Write(Terminal terminal, ExplainReport report)
    {
        terminal.Out.WriteLine($"{report.Model} on {report.Dataset}, {report.Mode}: {Verdict(report)}");
        terminal.Out.WriteLine();
        var plans = new Table("plan", ">predicted ms", ">CPU ms", ">over best", ">kernels", ">MFLOP", ">MiB moved", ">arena MiB", ">rewrites");
        foreach (ExplainedPlan plan in report.Plans)
        {
            plans.Add(string.Join(", ", plan.Names), Format.Number(plan.PredictedMs), Optional(plan.MeasuredMs),
                Optional(plan.MeasuredMs / report.BestMs), Format.Count(plan.Kernels), Format.Number(plan.Flops / 1e6),
                Format.Mebibytes(plan.BytesMoved), Format.Mebibytes(plan.ArenaBytes), Format.Count(plan.Steps.Count));
        }

        plans.Write(terminal);
        foreach (ExplainedPlan plan in report.Plans.Where(plan => plan.PerKernel is not null))
        {
            WriteKernels(terminal, plan);
        }

        if (report.Winner.Steps.Count == 0 && report.Winner.RecomputeSavedMs == 0)
        {
            return;
        }

        terminal.Out.WriteLine();
        var steps = new Table("rewrite", ">saves ms", "of");
        foreach (ExplainedStep step in report.Winner.Steps)
        {
            steps.Add(step.Rule, Format.Number(step.SavedMs), $"%{step.Value} = {step.Text}");
        }

        if (report.Winner.RecomputeSavedMs != 0)
        {
            steps.Add("compute again", Format.Number(report.Winner.RecomputeSavedMs), "values that several kernels read, or later ones");
        }

        steps.Write(terminal);
    }

    private static void WriteKernels(Terminal terminal, ExplainedPlan plan)
    {
        terminal.Out.WriteLine();
        var kernels = new Table($"kernels of {plan.Names[0]}", "does", ">rows", ">predicted ms", ">CPU ms");
        foreach (ExplainedKernel kernel in plan.PerKernel!)
        {
            kernels.Add(kernel.Name, kernel.Does, Format.Count(kernel.Rows), Format.Number(kernel.PredictedMs), Optional(kernel.MeasuredMs));
        }

        kernels.Write(terminal);
    }

    private static string Optional(double? number) => number is { } there ? Format.Number(there) : "-";
}
