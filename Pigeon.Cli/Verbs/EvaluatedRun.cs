using System.Collections.Immutable;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>What one checkpoint is worth.</summary>
/// <param name="Record">How it was trained.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="Metric">What it is judged by.</param>
/// <param name="Splits">The figures on each split that has rows, the test split last.</param>
/// <param name="Example">A forecast, where one is to be drawn.</param>
internal sealed record EvaluatedRun(TrainingRecord Record, string Dataset, Metric Metric, ImmutableArray<SplitFigures> Splits, ForecastExample? Example);
