using System.Collections.Immutable;

namespace Pigeon.Models;

/// <summary>A forecast with what it was made from and what came, step by step, scaled.</summary>
/// <param name="History">The history.</param>
/// <param name="Truth">What came.</param>
/// <param name="Forecast">What was forecast.</param>
public sealed record ForecastExample(ImmutableArray<float> History, ImmutableArray<float> Truth, ImmutableArray<float> Forecast);
