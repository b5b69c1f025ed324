using Parquet;
using Parquet.Schema;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>Reads and writes whole columns of a Parquet file that nobody trusts.</summary>
internal sealed class ParquetTable : IAsyncDisposable
{
    private const int RowsPerGroup = 1 << 20;

    private readonly string path;
    private readonly ParquetReader reader;

    private ParquetTable(string path, ParquetReader reader)
    {
        this.path = path;
        this.reader = reader;
    }

    /// <summary>Opens a file and checks that it has that many rows.</summary>
    /// <exception cref="PigeonException">PG0301: it can't be opened. PG0309: another number of rows. PG0312: damaged.</exception>
    public static async Task<ParquetTable> OpenAsync(string path, int rows, CancellationToken cancellation)
    {
        TextSource.Guard(path, () => File.GetAttributes(path));
        long found = await Guard(path, () => Task.FromResult(ParquetLayout.CountRows(path)));
        Counts.RequireEqual(rows, found, $"rows in {FolderSchema.FileName}", path);
        return await Guard(path, async () => new ParquetTable(path, await ParquetReader.CreateAsync(path, null, cancellation)));
    }

    /// <summary>Reads a column without nulls.</summary>
    /// <exception cref="PigeonException">PG0310: there is none. PG0312: damaged. PG0313: another type, or nulls.</exception>
    public async Task<T[]> ReadAsync<T>(string column, CancellationToken cancellation)
        where T : struct
    {
        var field = Require(column, typeof(T));
        T[] values = new T[reader.RowGroups.Sum(group => group.RowCount)];
        int start = 0;
        foreach (var group in reader.RowGroups)
        {
            int count = (int)group.RowCount;
            if (field.IsNullable)
            {
                T?[] part = new T?[count];
                await Guard(path, async () =>
                {
                    await group.ReadAsync(field, part.AsMemory(), null, cancellation);
                    return 0;
                });
                for (int i = 0; i < count; i++)
                {
                    values[start + i] = part[i] ?? throw Wrong(column, $"row {start + i} is null");
                }
            }
            else
            {
                await Guard(path, async () =>
                {
                    await group.ReadAsync(field, values.AsMemory(start, count), null, cancellation);
                    return 0;
                });
            }

            start += count;
        }

        return values;
    }

    /// <summary>Reads a column of strings without nulls.</summary>
    /// <exception cref="PigeonException">As for numbers.</exception>
    public async Task<string[]> ReadTextAsync(string column, CancellationToken cancellation)
    {
        var field = Require(column, typeof(string), typeof(ReadOnlyMemory<char>));
        string?[] values = new string?[reader.RowGroups.Sum(group => group.RowCount)];
        int start = 0;
        foreach (var group in reader.RowGroups)
        {
            int count = (int)group.RowCount;
            int first = start;
            await Guard(path, async () =>
            {
                await group.ReadAsync(field, values.AsMemory(first, count), null, cancellation);
                return 0;
            });
            start += count;
        }

        int missing = Array.IndexOf(values, null);
        return (missing < 0 ? values : throw Wrong(column, $"row {missing} is null"))!;
    }

    /// <summary>Writes a file, a million rows a group.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fields">Its columns.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="write">Writes the rows from a first one on, as many as said, of all columns in order.</param>
    /// <param name="cancellation">Stops the writing.</param>
    public static async Task WriteAsync(string path, DataField[] fields, int rows, Func<ParquetRowGroupWriter, int, int, Task> write,
        CancellationToken cancellation)
    {
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream, cancellationToken: cancellation);
        int start = 0;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(RowsPerGroup, rows - start);
            using var group = writer.CreateRowGroup();
            await write(group, start, count);
            start += count;
        }
        while (start < rows);
    }

    public ValueTask DisposeAsync() => reader.DisposeAsync();

    private static async Task<T> Guard<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is not (PigeonException or OperationCanceledException))
        {
            // A damaged file makes Parquet.Net throw whatever its decoders stumble over.
            throw new PigeonException(new Diagnostic(DiagnosticIds.DamagedParquet, $"is not a sound Parquet file: {e.Message}", path,
                "write the file again"), e);
        }
    }

    private DataField Require(string column, params ReadOnlySpan<Type> types)
    {
        // The schema is decoded when it is asked for, and may turn out damaged.
        var fields = Guard(path, () => Task.FromResult(reader.Schema.DataFields)).GetAwaiter().GetResult();
        var field = Array.Find(fields, field => field.Path.ToString() == column) ??
            throw new PigeonException(DiagnosticIds.MissingColumn, $"has no column '{column}'", path);
        return types.Contains(field.ClrType) && !field.IsArray ? field : throw Wrong(column, $"its type is {field.ClrType.Name}");
    }

    private PigeonException Wrong(string column, string what) => new(DiagnosticIds.WrongColumn, $"column '{column}': {what}", path,
        "columns are: type int32 for nodes; src int64, dst int64, type int32 for edges; name string; node int64, class int32, " +
        "split string for labels; none with nulls");
}
