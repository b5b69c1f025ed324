using System.Collections.Immutable;

namespace Pigeon.Datasets;

/// <summary>
/// The region connection calculus RCC-8 (Randell, Cui and Cohn 1992): eight relations, of which exactly one holds between two regions. A set
/// of relations is a mask of eight bits, relation i being bit i.
/// </summary>
public static class Rcc8
{
    /// <summary>The mask of all relations: nothing is known.</summary>
    public const byte Any = 0xFF;

    /// <summary>The mask of the identity.</summary>
    public const byte Equal = 0x80;

    /// <summary>The composition of each two relations: which may hold from x to z where one holds from x to y and one from y to z.</summary>
    private static readonly byte[] Table =
    [
        0xFF, 0x1F, 0x1F, 0x1F, 0x1F, 0x01, 0x01, 0x01,
        0x67, 0xAF, 0x1F, 0x1E, 0x1C, 0x03, 0x01, 0x02,
        0x67, 0x67, 0xFF, 0x1C, 0x1C, 0x67, 0x67, 0x04,
        0x01, 0x03, 0x1F, 0x18, 0x10, 0xAF, 0x67, 0x08,
        0x01, 0x01, 0x1F, 0x10, 0x10, 0x1F, 0xFF, 0x10,
        0x67, 0x66, 0x64, 0xAC, 0x1C, 0x60, 0x40, 0x20,
        0x67, 0x64, 0x64, 0x64, 0xFC, 0x40, 0x40, 0x40,
        0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80,
    ];

    /// <summary>The relations' names, in the order of the bits.</summary>
    public static ImmutableArray<string> Names { get; } = ["DC", "EC", "PO", "TPP", "NTPP", "TPPI", "NTPPI", "EQ"];

    /// <summary>The relations that may hold from x to z, where one of <paramref name="left"/> holds from x to y and one of
    /// <paramref name="right"/> from y to z.</summary>
    public static byte Compose(byte left, byte right)
    {
        int result = 0;
        for (int i = 0; i < Names.Length; i++)
        {
            for (int j = 0; j < Names.Length; j++)
            {
                result |= (left >> i & 1) != 0 && (right >> j & 1) != 0 ? Table[(i * Names.Length) + j] : 0;
            }
        }

        return (byte)result;
    }

    /// <summary>The relations that hold from y to x where one of these holds from x to y.</summary>
    public static byte Converse(byte relations)
    {
        // Parts and wholes change places: TPP with TPPI, NTPP with NTPPI.
        const int symmetric = 0x87;
        const int parts = 0x18;
        const int wholes = 0x60;
        const int apart = 2;
        return (byte)((relations & symmetric) | ((relations & parts) << apart) | ((relations & wholes) >> apart));
    }
}
