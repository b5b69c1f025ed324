using System.Formats.Tar;
using System.IO.Compression;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>A file that can be opened more than once: plain, gzipped, or a member of a compressed archive; mostly a text.</summary>
/// <param name="name">What diagnostics call it.</param>
/// <param name="open">Opens it, decompressed; what has to be closed afterwards may be more than the stream itself.</param>
internal sealed class TextSource(string name, Func<(Stream Text, IDisposable Owner)> open)
{
    private const string Gzip = ".gz";
    private const long LargestCopy = 1L << 34;

    public string Name => name;

    /// <summary>A file, decompressed if its name ends in <c>.gz</c>.</summary>
    public static TextSource OfFile(string path) => new(path, () =>
    {
        Stream stream = path.EndsWith(Gzip, StringComparison.OrdinalIgnoreCase) ? CheckedGzipStream.Open(path) : File.OpenRead(path);
        return (stream, stream);
    });

    /// <summary>The file of a folder, or its compressed form; null where there is neither.</summary>
    public static TextSource? Find(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? OfFile(path) : File.Exists(path + Gzip) ? OfFile(path + Gzip) : null;
    }

    /// <summary>The file of a folder, or its compressed form.</summary>
    public static TextSource Require(string folder, string name) => Find(folder, name) ??
        throw new PigeonException(DiagnosticIds.Unreadable, $"neither {name} nor {name}{Gzip} is there", folder);

    /// <summary>The members of a <c>.tar.gz</c> archive whose file name, without its folder, is one of those given.</summary>
    public static Dictionary<string, TextSource> FindInArchive(string archive, IReadOnlyCollection<string> names)
    {
        var found = new Dictionary<string, TextSource>();
        Guard(archive, () =>
        {
            using var tar = new TarReader(CheckedGzipStream.Open(archive));
            while (tar.GetNextEntry() is { } entry)
            {
                string file = Path.GetFileName(entry.Name);
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && names.Contains(file))
                {
                    string member = entry.Name;
                    found.TryAdd(file, new($"{archive}!{member}", () => OpenMember(archive, member)));
                }
            }

            return 0;
        });
        return found;
    }

    /// <summary>The members of a zip archive's top folder whose names are wanted.</summary>
    public static Dictionary<string, TextSource> FindInZip(string archive, Func<string, bool> wanted)
    {
        const int mostMembers = 1 << 16;
        return Guard(archive, () =>
        {
            using ZipArchive zip = ZipFile.OpenRead(archive);
            return zip.Entries.Count > mostMembers
                ? throw new InvalidDataException($"holds more than {mostMembers} files")
                : zip.Entries.Select(entry => entry.FullName).Where(wanted).Distinct(StringComparer.Ordinal).ToDictionary(name => name,
                    name => new TextSource($"{archive}!{name}", () => OpenZipped(archive, name)), StringComparer.Ordinal);
        });
    }

    /// <summary>Reads the lines, first to last.</summary>
    public LineReader Lines()
    {
        var (text, owner) = Guard(name, open);
        return new(name, text, owner);
    }

    /// <summary>Runs a reader that needs a plain file, on a decompressed copy if need be; diagnostics name the original.</summary>
    public T WithPlainFile<T>(Func<string, T> read)
    {
        if (!name.EndsWith(Gzip, StringComparison.OrdinalIgnoreCase))
        {
            return read(name);
        }

        string copy = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            Guard(name, () => Decompress(copy));
            return read(copy);
        }
        catch (PigeonException e) when (e.Diagnostic.Place == copy)
        {
            throw new PigeonException(e.Diagnostic with { Place = name }, e);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    /// <summary>Runs something that reads, and turns what the file system and the decompressor throw into diagnostics.</summary>
    public static T Guard<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new PigeonException(new Diagnostic(DiagnosticIds.DamagedArchive, $"the compressed data is damaged: {e.Message}", name,
                "fetch the file again; a gzip file of several parts has to be unpacked first"), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PigeonException(new Diagnostic(DiagnosticIds.Unreadable, $"can't be read: {e.Message}", name), e);
        }
    }

    private long Decompress(string copy)
    {
        var (text, owner) = open();
        using (owner)
        {
            using var target = new FileStream(copy, FileMode.CreateNew);
            byte[] buffer = new byte[1 << 16];
            for (int count; (count = text.Read(buffer)) > 0;)
            {
                target.Write(buffer.AsSpan(0, count));
                if (target.Length > LargestCopy)
                {
                    throw new InvalidDataException($"holds more than {LargestCopy} bytes");
                }
            }

            return target.Length;
        }
    }

    private static (Stream Text, IDisposable Owner) OpenZipped(string archive, string member)
    {
        ZipArchive zip = ZipFile.OpenRead(archive);
        try
        {
            ZipArchiveEntry entry = zip.GetEntry(member) ?? throw new InvalidDataException($"{member} is gone");
            return (new SizedStream(entry.Open(), entry.Length), zip);
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }

    private static (Stream Text, IDisposable Owner) OpenMember(string archive, string member)
    {
        var tar = new TarReader(CheckedGzipStream.Open(archive));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.Name == member)
            {
                return (entry.DataStream ?? Stream.Null, tar);
            }
        }

        throw new InvalidDataException($"{member} is gone");
    }
}
