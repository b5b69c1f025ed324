namespace Pigeon.Datasets;

/// <summary>
/// A structure in Thrift's compact encoding, as the footers and page headers of Parquet are: fields by number, each a
/// <see cref="long"/>, a <see cref="byte"/> array, a list or a structure. Parsing costs no more than the bytes it is given.
/// </summary>
internal sealed class ThriftStruct
{
    private readonly Dictionary<long, object> fields;

    private ThriftStruct(Dictionary<long, object> fields) => this.fields = fields;

    /// <summary>Parses the structure at the start of some bytes.</summary>
    /// <param name="bytes">The bytes; more may follow.</param>
    /// <param name="length">How many bytes it takes.</param>
    /// <exception cref="FormatException">It is malformed, or doesn't end within the bytes.</exception>
    public static ThriftStruct Parse(ReadOnlySpan<byte> bytes, out int length)
    {
        var parser = new Parser(bytes);
        var result = parser.Struct(depth: 0);
        length = parser.Position;
        return result;
    }

    /// <summary>A whole number; 0 where the field is absent.</summary>
    public long Number(int field) => fields.TryGetValue(field, out object? value) ? value as long? ?? throw Mismatch(field) : 0;

    /// <summary>Whether the field is there.</summary>
    public bool Has(int field) => fields.ContainsKey(field);

    /// <summary>A structure.</summary>
    public ThriftStruct Struct(int field) => fields.GetValueOrDefault(field) as ThriftStruct ?? throw Mismatch(field);

    /// <summary>A list of structures.</summary>
    public IReadOnlyList<ThriftStruct> Structs(int field) => fields.GetValueOrDefault(field) is List<object> list
        ? list.ConvertAll(item => item as ThriftStruct ?? throw Mismatch(field))
        : throw Mismatch(field);

    private static FormatException Mismatch(int field) => new($"field {field} of its metadata is missing or of another type");

    private ref struct Parser(ReadOnlySpan<byte> bytes)
    {
        private const int Deepest = 16;
        private readonly ReadOnlySpan<byte> bytes = bytes;

        public int Position { get; private set; }

        public ThriftStruct Struct(int depth)
        {
            var fields = new Dictionary<long, object>();
            long id = 0;
            while (true)
            {
                byte header = Byte();
                if (header == 0)
                {
                    return new(fields);
                }

                id = header >> 4 == 0 ? Integer() : id + (header >> 4);
                fields[id] = (header & 15) switch
                {
                    1 => 1L,
                    2 => 0L,
                    int type => Value(type, depth + 1),
                };
            }
        }

        private object Value(int type, int depth)
        {
            if (depth > Deepest)
            {
                throw new FormatException("its metadata is nested too deeply");
            }

            return type switch
            {
                1 or 2 or 3 => (long)(sbyte)Byte(),
                4 or 5 or 6 => Integer(),
                7 => Bytes(8),
                8 => Bytes(Length()),
                9 or 10 => List(depth),
                12 => Struct(depth),
                13 => Bytes(16),
                _ => throw new FormatException("its metadata holds a value of unknown type"),
            };
        }

        private List<object> List(int depth)
        {
            byte header = Byte();
            int count = header >> 4 == 15 ? Length() : header >> 4;
            var items = new List<object>();
            for (int i = 0; i < count; i++)
            {
                items.Add(Value(header & 15, depth + 1));
            }

            return items;
        }

        private byte[] Bytes(int count)
        {
            if (count > bytes.Length - Position)
            {
                throw Ended();
            }

            byte[] value = bytes.Slice(Position, count).ToArray();
            Position += count;
            return value;
        }

        /// <summary>A length; since every item takes a byte at least, none is longer than what is left.</summary>
        private int Length()
        {
            ulong length = Varint();
            return length <= (ulong)(bytes.Length - Position) ? (int)length : throw Ended();
        }

        private long Integer()
        {
            ulong zigzag = Varint();
            return (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
        }

        private ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; shift < 64; shift += 7)
            {
                byte next = Byte();
                value |= (ulong)(next & 127) << shift;
                if (next < 128)
                {
                    return value;
                }
            }

            throw new FormatException("its metadata holds a number of more than 64 bits");
        }

        private byte Byte() => Position < bytes.Length ? bytes[Position++] : throw Ended();

        private static FormatException Ended() => new("its metadata ends too early");
    }
}
