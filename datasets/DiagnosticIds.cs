namespace Pigeon.Datasets;

/// <summary>The ids of what can be wrong with a dataset; <c>docs/diagnostics.md</c> explains each.</summary>
internal static class DiagnosticIds
{
    /// <summary>A file or folder is missing or can't be opened.</summary>
    public const string Unreadable = "PG0301";

    /// <summary>A compressed file or an archive is damaged or cut short, or lacks a member.</summary>
    public const string DamagedArchive = "PG0302";

    /// <summary>A line is too long, or not UTF-8.</summary>
    public const string NotText = "PG0303";

    /// <summary>A line is not an N-Triples statement.</summary>
    public const string MalformedTriple = "PG0304";

    /// <summary>No rules are known that turn this RDF into a graph.</summary>
    public const string UnknownRdfRules = "PG0305";

    /// <summary>A row has too few or too many fields.</summary>
    public const string RaggedRow = "PG0306";

    /// <summary>A field is not a whole number in its range.</summary>
    public const string NotAnId = "PG0307";

    /// <summary>A name or id is not in the file that lists the names.</summary>
    public const string UnknownName = "PG0308";

    /// <summary>A count that a file states is not the count that is found.</summary>
    public const string CountDisagrees = "PG0309";

    /// <summary>A header lacks a column, or has it twice.</summary>
    public const string MissingColumn = "PG0310";

    /// <summary>A count is out of proportion to the data that is there.</summary>
    public const string AbsurdCount = "PG0311";

    /// <summary>A Parquet file is damaged.</summary>
    public const string DamagedParquet = "PG0312";

    /// <summary>A Parquet column has the wrong type or holds nulls.</summary>
    public const string WrongColumn = "PG0313";

    /// <summary><c>schema.json</c> is not valid.</summary>
    public const string InvalidSchema = "PG0314";

    /// <summary>A folder would be overwritten that is not a graph folder.</summary>
    public const string NotAGraphFolder = "PG0315";

    /// <summary>A file can't be written.</summary>
    public const string Unwritable = "PG0316";

    /// <summary>No dataset has this name.</summary>
    public const string UnknownDataset = "PG0317";

    /// <summary>The dataset is known, but its files are not here.</summary>
    public const string UnavailableDataset = "PG0318";

    /// <summary>A shape or a scale can't be generated.</summary>
    public const string InvalidShape = "PG0319";

    /// <summary>The format of a file can't be told from its name and content.</summary>
    public const string UnknownFormat = "PG0320";

    /// <summary>A node has two labels in one split.</summary>
    public const string LabelledTwice = "PG0321";

    /// <summary>A label is of something that is not a node of the graph.</summary>
    public const string UnknownLabelledNode = "PG0322";

    /// <summary>A split is neither train, valid nor test.</summary>
    public const string UnknownSplit = "PG0323";

    /// <summary>A class is to be recognised that no train node has.</summary>
    public const string UnknownClass = "PG0324";

    /// <summary>A file of questions has none, or one that can't be.</summary>
    public const string InvalidQuery = "PG0325";

    /// <summary>A date or a number of a time series can't be read.</summary>
    public const string InvalidStep = "PG0326";

    /// <summary>A time series is too short, or does not vary.</summary>
    public const string UnusableSeries = "PG0327";

    /// <summary>A field is not the Python literal that it should be.</summary>
    public const string MalformedLiteral = "PG0328";
}
