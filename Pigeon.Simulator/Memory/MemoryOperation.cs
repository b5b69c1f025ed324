using System.Numerics;

namespace Pigeon.Simulator;

/// <summary>An address operand: a register or constant, and an offset.</summary>
/// <param name="Space">The state space.</param>
/// <param name="Base">The register.</param>
/// <param name="Offset">What is added.</param>
internal readonly record struct AddressOperand(PtxSpace Space, Row Base, long Offset);

/// <summary>An operation that accesses memory.</summary>
internal abstract unsafe class MemoryOperation(AddressOperand address) : Operation
{
    /// <summary>The state space.</summary>
    protected PtxSpace Space => address.Space;

    /// <summary>One lane's address.</summary>
    protected ulong Address(Warp warp, int lane) => unchecked((address.Base.Bytes == 8
        ? warp.Values<ulong>(address.Base)[lane] : warp.Values<uint>(address.Base)[lane]) + (ulong)address.Offset);

    /// <summary>Finds memory for all lanes where they access it side by side, and counts the request; null where they don't.</summary>
    protected byte* Run(Warp warp, uint lanes, int bytes, AccessMode mode)
    {
        if (lanes != AllLanes || address.Base.Bytes != 8)
        {
            return null;
        }
        ulong* addresses = warp.Values<ulong>(address.Base);
        byte* run = warp.LocateRun(Space, addresses, address.Offset, bytes, mode, warp.Stamp(readOnly: (mode & AccessMode.ReadOnly) != 0));
        if (run is not null && warp.Launch.Counters.Enabled)
        {
            warp.Launch.Counters.GlobalRun(warp.At, unchecked(addresses[0] + (ulong)address.Offset), bytes);
        }
        return run;
    }

    /// <summary>Counts a request.</summary>
    protected void Count(Warp warp, uint lanes, int bytes) => Count(warp, lanes, bytes, address);

    /// <summary>Counts a request.</summary>
    protected static void Count(Warp warp, uint lanes, int bytes, AddressOperand place)
    {
        if (!warp.Launch.Counters.Enabled || place.Space is PtxSpace.Local or PtxSpace.Param or PtxSpace.Const)
        {
            return;
        }
        Span<ulong> addresses = stackalloc ulong[32];
        int count = 0;
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            addresses[count++] = unchecked((place.Base.Bytes == 8
                ? warp.Values<ulong>(place.Base)[lane] : warp.Values<uint>(place.Base)[lane]) + (ulong)place.Offset);
        }
        bool shared = place.Space == PtxSpace.Shared
            || (place.Space == PtxSpace.Generic && AddressMap.Window(addresses[0]) == AddressMap.SharedWindow);
        if (shared)
        {
            warp.Launch.Counters.Shared(warp.At, addresses[..count], bytes);
        }
        else
        {
            warp.Launch.Counters.Global(warp.At, addresses[..count], bytes);
        }
    }
}

/// <summary><c>ld</c>: one value or a short vector of them.</summary>
internal sealed unsafe class LoadOperation(AddressOperand address, Row[] to, int bytes, bool signed, AccessMode mode, bool acquire)
    : MemoryOperation(address)
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        int total = bytes * to.Length;
        byte* run = acquire ? null : Run(warp, lanes, total, mode);
        if (run is not null)
        {
            for (int lane = 0; lane < 32; lane++, run += total)
            {
                Take(warp, lane, run);
            }
            return;
        }
        Count(warp, lanes, total);
        AccessStamp stamp = warp.Stamp(mode.HasFlag(AccessMode.Atomic), mode.HasFlag(AccessMode.ReadOnly));
        ulong last = ulong.MaxValue;
        int same = 0;
        byte* from = null;
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            ulong at = Address(warp, lane);

            // Each lane has local memory of its own. Of many lanes that read one other place, two that nothing orders say all that a later write is held against.
            same = at == last && from is not null && mode == AccessMode.Read && (Space is PtxSpace.Global or PtxSpace.Shared) ? same + 1 : 0;
            if (same < 2)
            {
                long reports = warp.Launch.Findings.Reports;
                from = warp.Locate(Space, lane, at, total, mode, stamp);
                last = warp.Launch.Findings.Reports == reports ? at : ulong.MaxValue;
            }
            Take(warp, lane, from);
        }
        if (acquire)
        {
            warp.Clock.Fence(device: true);
        }
    }

    private void Take(Warp warp, int lane, byte* from)
    {
        for (int i = 0; i < to.Length; i++)
        {
            Row row = to[i];
            if (!row.Exists)
            {
                continue;
            }
            if (from is null)
            {
                LaneOperation.Store(warp, row, lane, 0);
            }
            else if (bytes == 4 && row.Bytes == 4)
            {
                warp.Values<uint>(row)[lane] = ((uint*)from)[i];
            }
            else
            {
                ulong bits = bytes switch
                {
                    1 => from[i],
                    2 => ((ushort*)from)[i],
                    4 => ((uint*)from)[i],
                    _ => ((ulong*)from)[i],
                };
                LaneOperation.Store(warp, row, lane, signed ? (ulong)BitFunctions.Signed(bits, bytes) : bits);
            }
        }
    }
}

/// <summary><c>st</c>: one value or a short vector of them.</summary>
internal sealed unsafe class StoreOperation(AddressOperand address, Row[] from, int bytes, AccessMode mode, bool release)
    : MemoryOperation(address)
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        int total = bytes * from.Length;
        byte* run = release ? null : Run(warp, lanes, total, mode);
        if (run is not null)
        {
            for (int lane = 0; lane < 32; lane++, run += total)
            {
                Give(warp, lane, run);
            }
            return;
        }
        Count(warp, lanes, total);
        if (release)
        {
            warp.Clock.Fence(device: true);
        }
        AccessStamp stamp = warp.Stamp(mode.HasFlag(AccessMode.Atomic));
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            byte* to = warp.Locate(Space, lane, Address(warp, lane), total, mode, stamp);
            if (to is not null)
            {
                Give(warp, lane, to);
            }
        }
    }

    private void Give(Warp warp, int lane, byte* to)
    {
        for (int i = 0; i < from.Length; i++)
        {
            ulong bits = LaneOperation.Load(warp, from[i], lane);
            switch (bytes)
            {
                case 1:
                    to[i] = (byte)bits;
                    break;
                case 2:
                    ((ushort*)to)[i] = (ushort)bits;
                    break;
                case 4:
                    ((uint*)to)[i] = (uint)bits;
                    break;
                default:
                    ((ulong*)to)[i] = bits;
                    break;
            }
        }
    }
}

/// <summary><c>ld.param</c> of a kernel, at a known place: the same value in every lane.</summary>
internal sealed unsafe class ParameterOperation(int offset, Row[] to, int bytes, bool signed) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        ReadOnlySpan<byte> parameters = warp.Launch.Parameters;
        for (int i = 0; i < to.Length; i++)
        {
            ulong bits = BitFunctions.Unsigned(BitConverter.ToUInt64(parameters[(offset + (i * bytes))..]), bytes);
            bits = signed ? (ulong)BitFunctions.Signed(bits, bytes) : bits;
            for (uint left = lanes; left != 0; left &= left - 1)
            {
                LaneOperation.Store(warp, to[i], BitOperations.TrailingZeroCount(left), bits);
            }
        }
    }
}

/// <summary><c>ld.param</c> at a place that only the run knows.</summary>
internal sealed unsafe class IndexedParameterOperation(AddressOperand address, Row[] to, int bytes, bool signed) : MemoryOperation(address)
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        ReadOnlySpan<byte> parameters = warp.Launch.Parameters;
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            ulong at = Address(warp, lane);
            int limit = warp.Launch.Code.ParameterBytes;
            if (at > (ulong)limit || at + (ulong)(bytes * to.Length) > (ulong)limit)
            {
                warp.Launch.Findings.Report(FindingKind.OutOfBounds, warp, lane, () => $"reads byte {at} of {limit} bytes of parameters");
                at = 0;
            }
            for (int i = 0; i < to.Length; i++)
            {
                ulong bits = BitFunctions.Unsigned(BitConverter.ToUInt64(parameters[((int)at + (i * bytes))..]), bytes);
                LaneOperation.Store(warp, to[i], lane, signed ? (ulong)BitFunctions.Signed(bits, bytes) : bits);
            }
        }
    }
}

/// <summary><c>ld.param</c> and <c>st.param</c> of what a call takes and returns.</summary>
internal sealed unsafe class ArgumentOperation(int storage, int stride, int offset, Row[] rows, int bytes, bool signed, bool load)
    : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            for (int i = 0; i < rows.Length; i++)
            {
                byte* at = warp.File + storage + ((long)lane * stride) + offset + (i * bytes);
                if (load)
                {
                    ulong bits = bytes switch
                    {
                        1 => *at,
                        2 => *(ushort*)at,
                        4 => *(uint*)at,
                        _ => *(ulong*)at,
                    };
                    LaneOperation.Store(warp, rows[i], lane, signed ? (ulong)BitFunctions.Signed(bits, bytes) : bits);
                }
                else
                {
                    ulong bits = LaneOperation.Load(warp, rows[i], lane);
                    new ReadOnlySpan<byte>(&bits, bytes).CopyTo(new Span<byte>(at, bytes));
                }
            }
        }
    }
}
