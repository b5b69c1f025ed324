namespace Pigeon.Simulator;

/// <summary>What a simulated launch looks for. Bounds are always checked.</summary>
[Flags]
public enum SimulatorChecks
{
    /// <summary>Bounds only.</summary>
    None = 0,

    /// <summary>Registers and memory that are read before they are written.</summary>
    Initialised = 1,

    /// <summary>Accesses that nothing orders.</summary>
    Races = 2,

    /// <summary>Addresses that are no multiple of the access's size.</summary>
    Alignment = 4,

    /// <summary>Everything.</summary>
    All = Initialised | Races | Alignment,
}
