namespace Pigeon.Simulator;

/// <summary>What a launch did.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Findings">Its faults.</param>
/// <param name="OmittedFindings">Distinct faults beyond those that are kept.</param>
/// <param name="Counters">What it counted.</param>
public sealed record LaunchReport(string Kernel, IReadOnlyList<Finding> Findings, int OmittedFindings, KernelCounters Counters);
