using System.Numerics;

namespace Pigeon.Simulator;

/// <summary>Which bytes of a memory have been written: one bit each.</summary>
internal sealed class InitialisedBytes(long bytes)
{
    // One word more than needed, so that any 16 bytes can be looked at through two words.
    private readonly uint[] bits = new uint[((bytes + 31) >> 5) + 1];

    /// <summary>Whether these bytes, at most 16, have all been written.</summary>
    public bool Has(long offset, int count)
    {
        uint wanted = (1u << count) - 1;
        long word = offset >> 5;
        int shift = (int)offset & 31;
        ulong pair = bits[word] | ((ulong)bits[word + 1] << 32);
        return (uint)((pair >> shift) & wanted) == wanted;
    }

    /// <summary>Whether a range has been written whole.</summary>
    public bool HasRange(long offset, int count)
    {
        for (int shift = (int)offset & 31; count > 0; shift = 0)
        {
            int here = Math.Min(count, 32 - shift);
            uint wanted = (here == 32 ? uint.MaxValue : (1u << here) - 1) << shift;
            if ((bits[offset >> 5] & wanted) != wanted)
            {
                return false;
            }
            offset += here;
            count -= here;
        }
        return true;
    }

    /// <summary>Notes that these bytes, at most 16, have been written.</summary>
    public void Set(long offset, int count)
    {
        uint wanted = (1u << count) - 1;
        long word = offset >> 5;
        int shift = (int)offset & 31;
        bits[word] |= wanted << shift;
        if (shift + count > 32)
        {
            bits[word + 1] |= (uint)((ulong)wanted << shift >> 32);
        }
    }

    /// <summary>Notes that a range has been written.</summary>
    public void SetRange(long offset, long count)
    {
        while (count > 0 && (offset & 31) != 0)
        {
            bits[offset >> 5] |= 1u << (int)(offset & 31);
            offset++;
            count--;
        }
        Array.Fill(bits, uint.MaxValue, (int)(offset >> 5), (int)(count >> 5));
        offset += count & ~31;
        for (long end = offset + (count & 31); offset < end; offset++)
        {
            bits[offset >> 5] |= 1u << (int)(offset & 31);
        }
    }

    /// <summary>The first byte of a range that has not been written, or -1.</summary>
    public long FirstMissing(long offset, long count)
    {
        for (long end = offset + count; offset < end;)
        {
            if ((offset & 31) == 0 && end - offset >= 32 && bits[offset >> 5] == uint.MaxValue)
            {
                offset += 32;
                continue;
            }
            if ((bits[offset >> 5] >> (int)(offset & 31) & 1) == 0)
            {
                return offset;
            }
            offset++;
        }
        return -1;
    }

    /// <summary>How many bytes have been written.</summary>
    public long Count() => bits.Sum(word => (long)BitOperations.PopCount(word));

    /// <summary>Forgets everything.</summary>
    public void Clear() => Array.Clear(bits);
}
