using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>All allocations of a device.</summary>
internal sealed class DeviceMemory : IDisposable
{
    private readonly List<Allocation?> windows = [.. new Allocation?[AddressMap.FirstAllocation]];

    /// <summary>The allocations that have not been given back.</summary>
    public IEnumerable<Allocation> Live => windows.Where(allocation => allocation is { IsFreed: false })!;

    /// <summary>Allocates memory with undefined contents.</summary>
    /// <exception cref="PigeonException">PG0652: too much, or too often.</exception>
    public Allocation Allocate(string name, long bytes, bool constant = false)
    {
        if (bytes is < 0 or > AddressMap.MaxBytes || windows.Count >= AddressMap.Windows)
        {
            throw new PigeonException("PG0652", $"the simulator can't allocate {bytes} bytes", name, "use a smaller graph");
        }
        var allocation = new Allocation(windows.Count, name, bytes, constant);
        windows.Add(allocation);
        return allocation;
    }

    /// <summary>The allocation that an address belongs to, given back or not; null where it belongs to none.</summary>
    public Allocation? Find(ulong address)
    {
        int window = AddressMap.Window(address);
        return window < windows.Count ? windows[window] : null;
    }

    /// <summary>A range of an allocation that the host means.</summary>
    /// <exception cref="PigeonException">PG0653: it is not inside one allocation.</exception>
    public Allocation Range(ulong address, long bytes)
    {
        Allocation? allocation = Find(address);
        long offset = AddressMap.Offset(address);
        return allocation is { IsFreed: false } && offset >= 0 && bytes >= 0 && offset <= allocation.Bytes - bytes
            ? allocation
            : throw new PigeonException("PG0653", $"{bytes} bytes at 0x{address:x} are not inside one buffer", allocation?.Name,
                "copy to and from memory that was allocated and not given back");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Allocation allocation in Live.ToList())
        {
            allocation.Dispose();
        }
    }
}
