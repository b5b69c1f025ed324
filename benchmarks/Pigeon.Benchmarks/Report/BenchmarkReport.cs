namespace Pigeon.Benchmarks;

/// <summary>What a run of the benchmarks found.</summary>
/// <param name="Machine">What it ran on.</param>
/// <param name="Cells">The cells, in the order they were measured.</param>
internal sealed record BenchmarkReport(Machine Machine, IReadOnlyList<Cell> Cells)
{
    /// <summary>This report with another's cells; a cell that both have is the other's.</summary>
    public BenchmarkReport With(BenchmarkReport newer) => newer with
    {
        Cells = [.. Cells.Where(old => !newer.Cells.Any(cell => Key(cell) == Key(old))), .. newer.Cells],
    };

    private static (string, string, string, int) Key(Cell cell) => (cell.Model, cell.Graph, cell.Mode, cell.Threads);
}
