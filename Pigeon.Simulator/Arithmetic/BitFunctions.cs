using System.Numerics;

namespace Pigeon.Simulator;

/// <summary>Integer instructions that work on raw bits.</summary>
internal static class BitFunctions
{
    /// <summary>Sign-extends the lower bytes.</summary>
    public static long Signed(ulong bits, int bytes) => bytes switch
    {
        1 => (sbyte)bits,
        2 => (short)bits,
        4 => (int)bits,
        _ => (long)bits,
    };

    /// <summary>Zero-extends the lower bytes.</summary>
    public static ulong Unsigned(ulong bits, int bytes) => bytes switch
    {
        1 => (byte)bits,
        2 => (ushort)bits,
        4 => (uint)bits,
        _ => bits,
    };

    /// <summary>The function of an opcode; null where there is none.</summary>
    public static Func<ulong, ulong, ulong, ulong>? Find(string opcode, string[] qualifiers, PtxType type)
    {
        int bytes = type.Bytes(), bits = bytes * 8;
        bool signed = type.IsSigned();
        return opcode switch
        {
            "not" => (a, _, _) => ~a,
            "cnot" => (a, _, _) => Unsigned(a, bytes) == 0 ? 1u : 0,
            "neg" => (a, _, _) => 0 - a,
            "abs" => (a, _, _) => (ulong)(Signed(a, bytes) < 0 ? -Signed(a, bytes) : Signed(a, bytes)),
            "div" when signed => (a, b, _) => Divide(Signed(a, bytes), Signed(b, bytes)),
            "div" => (a, b, _) => b == 0 ? ulong.MaxValue : a / b,
            "rem" when signed => (a, b, _) => Remainder(Signed(a, bytes), Signed(b, bytes)),
            "rem" => (a, b, _) => b == 0 ? a : a % b,
            "sad" when signed => (a, b, c) => c + (ulong)Math.Abs(Signed(a, bytes) - Signed(b, bytes)),
            "sad" => (a, b, c) => c + (a > b ? a - b : b - a),
            "shl" => (a, b, _) => b >= (ulong)bits ? 0 : a << (int)b,
            "shr" when signed => (a, b, _) => (ulong)(Signed(a, bytes) >> (int)Math.Min(b, (ulong)bits - 1)),
            "shr" => (a, b, _) => b >= (ulong)bits ? 0 : a >> (int)b,
            "popc" => (a, _, _) => ulong.PopCount(a),
            "clz" => (a, _, _) => ulong.LeadingZeroCount(a) - (ulong)(64 - bits),
            "brev" => (a, _, _) => Reverse(a) >> (64 - bits),
            "bfind" => (a, _, _) => Highest(a, bytes, signed, qualifiers.Contains("shiftamt")),
            "bfe" => (a, b, c) => Extract(a, (int)(b & 255), (int)(c & 255), bytes, signed),
            "prmt" when qualifiers.Length == 2 => (a, b, c) => Permute(a, b, (uint)c),
            "mul" or "mad" when qualifiers.Contains("hi") => High(bytes, signed),
            "mul24" or "mad24" => null,
            "dp4a" => (a, b, c) => DotProduct((uint)a, (uint)b, (uint)c, qualifiers[1] == "s32", qualifiers[2] == "s32"),
            _ => null,
        };
    }

    /// <summary><c>bfi</c>: b with bits of a from a position on.</summary>
    public static ulong Insert(ulong a, ulong b, int position, int length, int bits)
    {
        if (position >= bits || length == 0)
        {
            return b;
        }
        ulong mask = length >= 64 ? ulong.MaxValue : (1UL << length) - 1;
        return (b & ~(mask << position)) | ((a & mask) << position);
    }

    /// <summary><c>shf</c>: 32 bits of a shifted pair.</summary>
    public static uint Funnel(uint low, uint high, uint shift, bool left, bool wrap)
    {
        int by = (int)(wrap ? shift & 31 : Math.Min(shift, 32));
        ulong pair = ((ulong)high << 32) | low;
        return left ? (uint)(pair << by >> 32) : (uint)(pair >> by);
    }

    /// <summary><c>lop3</c>: any function of three bits, by its table.</summary>
    public static uint Logic(uint a, uint b, uint c, uint table)
    {
        uint result = 0;
        for (int i = 0; i < 8; i++)
        {
            if ((table >> i & 1) != 0)
            {
                result |= ((i & 4) != 0 ? a : ~a) & ((i & 2) != 0 ? b : ~b) & ((i & 1) != 0 ? c : ~c);
            }
        }
        return result;
    }

    private static ulong Divide(long a, long b) => b == 0 ? ulong.MaxValue : b == -1 ? 0 - (ulong)a : (ulong)(a / b);

    private static ulong Remainder(long a, long b) => b == 0 ? (ulong)a : b == -1 ? 0 : (ulong)(a % b);

    private static ulong Reverse(ulong bits)
    {
        ulong result = 0;
        for (int i = 0; i < 64; i++)
        {
            result |= (bits >> i & 1) << (63 - i);
        }
        return result;
    }

    private static ulong Highest(ulong a, int bytes, bool signed, bool shiftAmount)
    {
        ulong value = signed && Signed(a, bytes) < 0 ? Unsigned(~a, bytes) : a;
        return value == 0 ? uint.MaxValue : shiftAmount ? (ulong)((bytes * 8) - 1 - BitOperations.Log2(value))
            : (ulong)BitOperations.Log2(value);
    }

    private static ulong Extract(ulong a, int position, int length, int bytes, bool signed)
    {
        int bits = bytes * 8;
        ulong value = position >= 64 ? 0 : a >> position;
        value = length >= 64 ? value : value & ((1UL << length) - 1);
        if (!signed || length == 0)
        {
            return value;
        }
        int sign = Math.Min(position + length - 1, bits - 1);
        bool negative = (a >> sign & 1) != 0;
        int from = Math.Min(length, Math.Max(bits - position, 0));
        return negative && from < 64 ? value | (ulong.MaxValue << from) : value;
    }

    private static ulong Permute(ulong a, ulong b, uint selector)
    {
        ulong pair = (b << 32) | (uint)a;
        uint result = 0;
        for (int i = 0; i < 4; i++)
        {
            uint select = selector >> (4 * i) & 15;
            uint chosen = (uint)(pair >> (int)(8 * (select & 7))) & 255;
            chosen = (select & 8) != 0 ? ((chosen & 128) != 0 ? 255u : 0) : chosen;
            result |= chosen << (8 * i);
        }
        return result;
    }

    private static Func<ulong, ulong, ulong, ulong> High(int bytes, bool signed)
    {
        int bits = bytes * 8;
        return signed
            ? (a, b, c) => c + (ulong)(long)((Int128)Signed(a, bytes) * Signed(b, bytes) >> bits)
            : (a, b, c) => c + (ulong)((UInt128)Unsigned(a, bytes) * Unsigned(b, bytes) >> bits);
    }

    private static ulong DotProduct(uint a, uint b, uint c, bool signedA, bool signedB)
    {
        int sum = (int)c;
        for (int i = 0; i < 32; i += 8)
        {
            int x = signedA ? (sbyte)(a >> i) : (byte)(a >> i);
            int y = signedB ? (sbyte)(b >> i) : (byte)(b >> i);
            sum += x * y;
        }
        return (uint)sum;
    }
}
