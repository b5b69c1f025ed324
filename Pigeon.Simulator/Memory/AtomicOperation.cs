namespace Pigeon.Simulator;

/// <summary><c>atom</c> and <c>red</c>: lane by lane, beginning at a lane that the seed decides.</summary>
/// <param name="address">The address.</param>
/// <param name="to">Where the old value goes; None of a reduction.</param>
/// <param name="b">The operand.</param>
/// <param name="c">The second operand of <c>cas</c>, else None.</param>
/// <param name="bytes">2, 4 or 8 bytes.</param>
/// <param name="function">From the old value and the operands to the new value, as bits.</param>
/// <param name="fence">Whether it also orders other accesses.</param>
internal sealed unsafe class AtomicOperation(
    AddressOperand address, Row to, Row b, Row c, int bytes, Func<ulong, ulong, ulong, ulong> function, bool fence)
        : MemoryOperation(address)
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        Count(warp, lanes, bytes);
        if (fence)
        {
            warp.Clock.Fence(device: true);
        }
        AccessStamp stamp = warp.Stamp(atomic: true);
        int first = warp.Launch.Random.Next(32);
        for (int i = 0; i < 32; i++)
        {
            int lane = (first + i) & 31;
            if ((lanes >> lane & 1) == 0)
            {
                continue;
            }
            byte* at = warp.Locate(Space, lane, Address(warp, lane), bytes, AccessMode.Read | AccessMode.Write | AccessMode.Atomic, stamp);
            ulong old = at is null ? 0 : bytes == 4 ? *(uint*)at : bytes == 8 ? *(ulong*)at : *(ushort*)at;
            if (at is not null)
            {
                ulong value = function(old, LaneOperation.Load(warp, b, lane), LaneOperation.Load(warp, c, lane));
                switch (bytes)
                {
                    case 4:
                        *(uint*)at = (uint)value;
                        break;
                    case 8:
                        *(ulong*)at = value;
                        break;
                    default:
                        *(ushort*)at = (ushort)value;
                        break;
                }
            }
            if (to.Exists)
            {
                LaneOperation.Store(warp, to, lane, old);
            }
        }
        if (fence)
        {
            warp.Clock.Fence(device: true);
        }
    }

    /// <summary>The function of an atomic operation; null where there is none.</summary>
    public static Func<ulong, ulong, ulong, ulong>? Find(string name, PtxType type)
    {
        int bytes = type.Bytes();
        return (name, type) switch
        {
            ("add", PtxType.F32) => (a, b, _) => Bits(Single(a) + Single(b)),
            ("add", PtxType.F64) => (a, b, _) => BitConverter.DoubleToUInt64Bits(Double(a) + Double(b)),
            ("add", PtxType.F16 or PtxType.BF16 or PtxType.F16X2 or PtxType.BF16X2) => AddHalves(type),
            ("add", _) when type.IsInteger() => (a, b, _) => a + b,
            ("min", PtxType.S32 or PtxType.S64) => (a, b, _) => BitFunctions.Signed(a, bytes) < BitFunctions.Signed(b, bytes) ? a : b,
            ("max", PtxType.S32 or PtxType.S64) => (a, b, _) => BitFunctions.Signed(a, bytes) > BitFunctions.Signed(b, bytes) ? a : b,
            ("min", PtxType.U32 or PtxType.U64) => (a, b, _) => Math.Min(a, b),
            ("max", PtxType.U32 or PtxType.U64) => (a, b, _) => Math.Max(a, b),
            ("and", _) => (a, b, _) => a & b,
            ("or", _) => (a, b, _) => a | b,
            ("xor", _) => (a, b, _) => a ^ b,
            ("exch", _) => (_, b, _) => b,
            ("cas", _) => (a, b, c) => a == b ? c : a,
            ("inc", PtxType.U32) => (a, b, _) => a >= b ? 0 : a + 1,
            ("dec", PtxType.U32) => (a, b, _) => a == 0 || a > b ? b : a - 1,
            _ => null,
        };
    }

    private static float Single(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static double Double(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static ulong Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    private static Func<ulong, ulong, ulong, ulong> AddHalves(PtxType type) => (a, b, _) =>
    {
        bool bfloat = type is PtxType.BF16 or PtxType.BF16X2;
        ulong result = 0;
        for (int shift = 0; shift < type.Bytes() * 8; shift += 16)
        {
            (ushort x, ushort y) = ((ushort)(a >> shift), (ushort)(b >> shift));
            ushort sum = bfloat
                ? HalfFormats.ToBFloat(Rounding.AddToOdd(HalfFormats.FromBFloat(x), HalfFormats.FromBFloat(y)), RoundingMode.Nearest)
                : HalfFormats.ToHalf(Rounding.AddToOdd(HalfFormats.FromHalf(x), HalfFormats.FromHalf(y)), RoundingMode.Nearest);
            result |= (ulong)sum << shift;
        }
        return result;
    };
}
