using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// STaR (Khalid and Schockaert 2025): questions in a calculus of space (RCC-8) or time (Allen's intervals), whose answer follows from b
/// ways of k edges together. A folder holds files <c>test_rcc8_k_5_b_1.csv</c>, each may be gzipped. The published training files are not
/// among them, so the cells with k ≤ 4 and b ≤ 3, which have their shape, are learned from, and those with k ≥ 5 test.
/// </summary>
public static partial class Star
{
    private const int LongestToLearn = 4;
    private const int MostPathsToLearn = 3;

    /// <summary>Reads the cells of one calculus, shortest first.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="calculus"><c>rcc8</c> or <c>interval</c>.</param>
    /// <exception cref="PigeonException">PG0301: the folder has no cells to learn from, or none to test. As <see cref="QueryCsv"/>.</exception>
    public static QueryDataset Read(string folder, string calculus)
    {
        var cells = CellsIn(folder, calculus);
        TextSource[] train = [.. cells.Where(cell => cell.Length <= LongestToLearn && cell.Paths <= MostPathsToLearn).Select(cell => cell.File)];
        if (train.Length == 0)
        {
            throw new PigeonException(DiagnosticIds.Unreadable, $"there are no files test_{calculus}_k_2_b_1.csv and the like", folder);
        }

        QuerySet learned = QueryCsv.Combine("star-" + calculus, train);
        return new("star-" + calculus, learned, ReadCells(cells.Where(cell => cell.Length > LongestToLearn), learned.Relations));
    }

    /// <summary>All cells of one calculus, as tests.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="calculus"><c>rcc8</c> or <c>interval</c>.</param>
    /// <param name="relations">The relations.</param>
    /// <exception cref="PigeonException">As <see cref="QueryCsv"/>.</exception>
    public static ImmutableArray<QueryCell> ReadTests(string folder, string calculus, ImmutableArray<string> relations) =>
        ReadCells(CellsIn(folder, calculus), relations);

    /// <summary>The cell that a file of questions is, as its name says; of another name nothing is known.</summary>
    /// <param name="path">The file.</param>
    /// <param name="questions">What it holds.</param>
    public static QueryCell CellOf(string path, QuerySet questions) => CellName().Match(Path.GetFileName(path)) is { Success: true } match
        ? new(Number(match.Groups["k"]), Number(match.Groups["b"]), questions)
        : new(0, 0, questions);

    private static ImmutableArray<QueryCell> ReadCells(IEnumerable<(int Length, int Paths, TextSource File)> cells, ImmutableArray<string> relations) =>
        [.. cells.Select(cell => new QueryCell(cell.Length, cell.Paths, QueryCsv.Read(cell.File, relations)))];

    private static List<(int Length, int Paths, TextSource File)> CellsIn(string folder, string calculus) => TextSource.Guard(folder, () =>
        Directory.EnumerateFiles(folder).Select(path => (Path: path, Match: CellName().Match(Path.GetFileName(path))))
            .Where(file => file.Match.Success && file.Match.Groups["calculus"].Value == calculus)
            .Select(file => (Length: Number(file.Match.Groups["k"]), Paths: Number(file.Match.Groups["b"]), File: TextSource.OfFile(file.Path)))
            .OrderBy(cell => cell.Length).ThenBy(cell => cell.Paths).ToList());

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("^test_(?<calculus>[a-z0-9]+)_k_(?<k>[0-9]{1,3})_b_(?<b>[0-9]{1,3})\\.csv(\\.gz)?$", RegexOptions.CultureInvariant)]
    private static partial Regex CellName();
}
