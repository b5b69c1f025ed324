namespace Pigeon.Models;

/// <summary>A figure that models are judged by.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsShare">Whether it is a share, which is written in percent.</param>
public sealed record Metric(string Name, bool IsShare);
