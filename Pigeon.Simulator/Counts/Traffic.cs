namespace Pigeon.Simulator;

/// <summary>Requests to a memory. A request is what one instruction of one warp asks for.</summary>
/// <param name="Requests">How many there were.</param>
/// <param name="Bytes">The bytes that lanes asked for, counted as often as they did.</param>
/// <param name="Units">Sectors of 32 bytes of the device's memory, or wavefronts of shared memory, summed over requests.</param>
/// <param name="IdealUnits">The fewest that could have served so many bytes of each request.</param>
public readonly record struct Traffic(long Requests, long Bytes, long Units, long IdealUnits)
{
    /// <summary>Sectors or wavefronts of a request, on average.</summary>
    public double UnitsPerRequest => Requests == 0 ? 0 : (double)Units / Requests;

    /// <summary>Wavefronts beyond the fewest: what bank conflicts cost.</summary>
    public long Excess => Units - IdealUnits;

    /// <summary>The sum of two.</summary>
    public static Traffic operator +(Traffic a, Traffic b) =>
        new(a.Requests + b.Requests, a.Bytes + b.Bytes, a.Units + b.Units, a.IdealUnits + b.IdealUnits);
}
