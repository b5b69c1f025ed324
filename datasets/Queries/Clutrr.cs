using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// CLUTRR (Sinha et al. 2019): how are two members of a family related, told some of the family's ties? Read from a release as it is
/// published: a zip archive with one <c>…_train.csv</c> and files <c>1.5_test.csv</c>, the number behind the point being that of the ties.
/// Stories are not read, only their graphs.
/// </summary>
public static partial class Clutrr
{
    private const string Train = "_train.csv";

    /// <summary>Reads an archive.</summary>
    /// <param name="path">The archive.</param>
    /// <exception cref="PigeonException">PG0302: it is damaged, or has not exactly one training file. As <see cref="QueryCsv"/>.</exception>
    public static QueryDataset Read(string path)
    {
        Dictionary<string, TextSource> files = TextSource.FindInZip(path, name => name.EndsWith(Train, StringComparison.Ordinal) ||
            TestName().IsMatch(name));
        if (files.Keys.Count(name => name.EndsWith(Train, StringComparison.Ordinal)) != 1)
        {
            throw new PigeonException(DiagnosticIds.DamagedArchive, $"it has not exactly one file …{Train}", path, "use a release of CLUTRR");
        }

        // Targets of the tests are among the relations, too: a name that training lacks gets a number and is never right.
        ImmutableArray<string> relations = QueryCsv.RelationsOf(files.Values);
        string train = files.Keys.Single(name => name.EndsWith(Train, StringComparison.Ordinal));
        return new("clutrr", QueryCsv.Read(files[train], relations) with { Name = "clutrr" },
        [
            .. files.Where(file => file.Key != train)
                .Select(file => new QueryCell(Ties(file.Key), 1, QueryCsv.Read(file.Value, relations))).OrderBy(cell => cell.Length),
        ]);
    }

    private static int Ties(string name) => int.Parse(TestName().Match(name).Groups["k"].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("^1\\.(?<k>[0-9]{1,3})_test\\.csv$", RegexOptions.CultureInvariant)]
    private static partial Regex TestName();
}
