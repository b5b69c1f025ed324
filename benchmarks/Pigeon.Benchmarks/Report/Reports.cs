namespace Pigeon.Benchmarks;

/// <summary>The folder with the reports: <c>report.json</c>, <c>report.md</c> and the plots.</summary>
internal static class Reports
{
    /// <summary>Adds cells to the reports of a folder; a cell that is there already is replaced.</summary>
    public static void Add(string folder, BenchmarkReport newer)
    {
        string json = Path.Combine(folder, "report.json");
        BenchmarkReport all = File.Exists(json) ? ReportJson.Read(json).With(newer) : newer;
        ReportJson.Write(json, all);
        File.WriteAllText(Path.Combine(folder, "report.md"), ReportMarkdown.Of(all));
        ReportPlot.Write(folder, all);
    }
}
