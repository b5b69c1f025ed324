using System.Buffers.Binary;
using System.Text;

namespace Pigeon.Benchmarks;

/// <summary>
/// The symbol versions that a 64-bit little-endian ELF library needs (section <c>.gnu.version_r</c>). The loader refuses a library whose
/// needed version is missing from its libstdc++, even where nothing is bound to it; a need that is marked weak is only a wish.
/// </summary>
internal static class ElfVersions
{
    private const uint NeedsSection = 0x6FFFFFFE;
    private const ushort Weak = 2;

    /// <summary>Marks the need of one version as weak, in place.</summary>
    /// <param name="library">The library's bytes.</param>
    /// <param name="version">The version, such as <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>The number of entries that were changed; 0 where the library does not need the version, or is marked already.</returns>
    /// <exception cref="InvalidDataException">The bytes are no such library, or are cut off.</exception>
    public static int MarkWeak(Span<byte> library, string version)
    {
        if (!library.StartsWith((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
        {
            throw new InvalidDataException("it is not a 64-bit little-endian ELF file");
        }

        try
        {
            return MarkWeak(new Sections(library), Encoding.ASCII.GetBytes(version));
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("the ELF file is cut off", e);
        }
    }

    private static int MarkWeak(Sections sections, ReadOnlySpan<byte> version)
    {
        int changed = 0;
        for (int section = 0; section < sections.Count; section++)
        {
            if (sections.Type(section) != NeedsSection)
            {
                continue;
            }

            int names = sections.Offset(sections.Link(section));
            int file = sections.Offset(section);
            for (int left = sections.Info(section); left > 0; left--)
            {
                changed += MarkEntries(sections, file, names, version);
                file = checked(file + sections.I32(file + 12));
            }
        }

        return changed;
    }

    /// <summary>A file has a count at +2 and the first entry at +8; an entry has flags at +4, its name at +8, the next at +12.</summary>
    private static int MarkEntries(Sections sections, int file, int names, ReadOnlySpan<byte> version)
    {
        int changed = 0;
        int entry = checked(file + sections.I32(file + 8));
        for (int left = sections.U16(file + 2); left > 0; left--)
        {
            ReadOnlySpan<byte> name = sections.Bytes[checked(names + sections.I32(entry + 8))..];
            ushort flags = sections.U16(entry + 4);
            if (name.StartsWith(version) && name[version.Length] == 0 && (flags & Weak) == 0)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(sections.Bytes[(entry + 4)..], (ushort)(flags | Weak));
                changed++;
            }

            entry = checked(entry + sections.I32(entry + 12));
        }

        return changed;
    }

    private readonly ref struct Sections(Span<byte> bytes)
    {
        public Span<byte> Bytes { get; } = bytes;

        public int Count => U16(60);

        public uint Type(int section) => (uint)I32(Header(section) + 4);

        public int Offset(int section) => checked((int)BinaryPrimitives.ReadInt64LittleEndian(Bytes[(Header(section) + 24)..]));

        public int Link(int section) => I32(Header(section) + 40);

        public int Info(int section) => I32(Header(section) + 44);

        public ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes[at..]);

        public int I32(int at) => BinaryPrimitives.ReadInt32LittleEndian(Bytes[at..]);

        private int Header(int section) => checked((int)(BinaryPrimitives.ReadInt64LittleEndian(Bytes[40..]) + ((long)section * U16(58))));
    }
}
