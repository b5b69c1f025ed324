using System.Text.Json;
using CsCheck;
using Xunit;

namespace Pigeon.Runtime.Tests;

public class EvaluationScheduleTests
{
    private static readonly Gen<LearningRate> Schedule = Gen.Recursive<LearningRate>((depth, schedule) =>
    {
        var rate = Gen.Double[1e-6, 1];
        var length = Gen.Long[1, 1_000_000];
        var plain = Gen.OneOf<LearningRate>(
            rate.Select(r => (LearningRate)new LearningRate.Constant(r)),
            Gen.Select(rate, length, rate, (r, every, factor) => (LearningRate)new LearningRate.Steps(r, every, factor)),
            Gen.Select(rate, rate, (r, factor) => (LearningRate)new LearningRate.Exponential(r, factor)),
            Gen.Select(rate, length, (r, steps) => (LearningRate)new LearningRate.Cosine(r, steps, r / 10)));
        var warmUp = Gen.Select(length, schedule, (steps, inner) => (LearningRate)new LearningRate.WarmUp(steps, inner));
        return depth >= 3 ? plain : Gen.OneOf(plain, warmUp);
    });

    [Fact]
    public void Schedules_survive_json() => Schedule.Sample(schedule =>
    {
        string json = JsonSerializer.Serialize(schedule);
        Assert.Equal(schedule, JsonSerializer.Deserialize<LearningRate>(json));
    });

    [Fact]
    public void Rates_are_never_negative_nor_above_the_first_after_warming_up() => Gen.Select(Schedule, Gen.Long[0, long.MaxValue])
        .Sample((schedule, step) => Assert.InRange(schedule.At(step), 0, 1));

    [Fact]
    public void Schedules_follow_their_formulas()
    {
        Assert.Equal([0.5, 0.5], Rates(new LearningRate.Constant(0.5), 0, 1_000));
        Assert.Equal([1, 1, 0.5, 0.5, 0.25], Rates(new LearningRate.Steps(1, 10, 0.5), 0, 9, 10, 19, 20));
        Assert.Equal([1, 0.5, 0.25], Rates(new LearningRate.Exponential(1, 0.5), 0, 1, 2));
        Assert.Equal([1, 0.75, 0.5, 0.25, 0, 0], Rates(new LearningRate.Cosine(1, 12), 0, 4, 6, 8, 12, 13));
        Assert.Equal([1.0, 0.6, 0.2], Rates(new LearningRate.Cosine(1, 2, 0.2), 0, 1, 2));
        var halving = new LearningRate.Exponential(1, 0.5);
        Assert.Equal([0.25, 0.5, 0.75, 1, 1, 0.5], Rates(new LearningRate.WarmUp(4, halving), 0, 1, 2, 3, 4, 5));
    }

    [Fact]
    public void Schedules_are_read_from_text()
    {
        var schedule = JsonSerializer.Deserialize<LearningRate>(
            """{"kind": "warm-up", "Length": 10, "Inner": {"kind": "cosine", "Rate": 0.01, "Length": 100}}""");
        Assert.Equal(new LearningRate.WarmUp(10, new LearningRate.Cosine(0.01, 100)), schedule);
        Assert.Equal("""{"kind":"step","Rate":0.1,"Every":5,"Factor":0.5}""",
            JsonSerializer.Serialize<LearningRate>(new LearningRate.Steps(0.1, 5, 0.5)));
    }

    [Fact]
    public void Schedules_that_can_not_be_are_refused()
    {
        Refusal.Of("PG0240", () => new LearningRate.Constant(0));
        Refusal.Of("PG0240", () => new LearningRate.Constant(double.NaN));
        Refusal.Of("PG0240", () => new LearningRate.Constant(double.PositiveInfinity));
        Refusal.Of("PG0240", () => new LearningRate.Steps(1, 0, 0.5));
        Refusal.Of("PG0240", () => new LearningRate.Steps(1, 1, 1.5));
        Refusal.Of("PG0240", () => new LearningRate.Exponential(1, 0));
        Refusal.Of("PG0240", () => new LearningRate.Cosine(1, 1, 2));
        Refusal.Of("PG0240", () => new LearningRate.Cosine(1, 1, double.NaN));
        Refusal.Of("PG0240", () => new LearningRate.WarmUp(-1, new LearningRate.Constant(1)));
        Refusal.Of("PG0240", () => JsonSerializer.Deserialize<LearningRate>("""{"kind": "warm-up", "Length": 10}"""));
        Refusal.Of("PG0240", () => JsonSerializer.Deserialize<LearningRate>("""{"kind": "constant"}"""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<LearningRate>("""{"kind": "magic", "Rate": 1}"""));
    }

    [Fact]
    public void Stopping_waits_for_its_patience()
    {
        var stopping = Run(new EarlyStopping(MetricMode.HigherIsBetter, Patience: 2), 0.5, 0.7, 0.7, 0.6);
        Assert.Equal((true, false, 0.7, 1, 4), (stopping.ShouldStop, stopping.IsBest, stopping.Best, stopping.BestAt, stopping.Seen));
        Assert.False(Run(new EarlyStopping(MetricMode.HigherIsBetter, Patience: 2), 0.5, 0.7, 0.7).ShouldStop);
        Assert.True(Run(new EarlyStopping(MetricMode.HigherIsBetter, Patience: 2), 0.5, 0.7, 0.7, 0.8).IsBest);
    }

    [Fact]
    public void Stopping_knows_which_way_is_better()
    {
        Assert.True(Run(new EarlyStopping(MetricMode.LowerIsBetter, Patience: 1), 3, 2, 1).IsBest);
        Assert.True(Run(new EarlyStopping(MetricMode.LowerIsBetter, Patience: 1), 3, 4).ShouldStop);
    }

    [Fact]
    public void Improvements_must_exceed_the_least_one()
    {
        Assert.True(Run(new EarlyStopping(MetricMode.HigherIsBetter, Patience: 3, MinDelta: 0.25), 1, 1.25, 1.5 - 0.25, 1).ShouldStop);
        Assert.True(Run(new EarlyStopping(MetricMode.HigherIsBetter, Patience: 3, MinDelta: 0.25), 1, 1.125, 1.5).IsBest);
        Assert.True(Run(new EarlyStopping(MetricMode.LowerIsBetter, Patience: 1, MinDelta: 0.25), 1, 0.75).ShouldStop);
    }

    [Fact]
    public void Metrics_that_are_not_finite_do_not_improve()
    {
        Assert.Null(Run(new EarlyStopping(MetricMode.HigherIsBetter, Patience: 9), double.NaN, double.PositiveInfinity).Best);
        Assert.True(Run(new EarlyStopping(MetricMode.LowerIsBetter, Patience: 2), double.NaN, double.NaN).ShouldStop);
        Assert.False(new EarlyStopping(MetricMode.LowerIsBetter, Patience: 1).ShouldStop);
        Assert.False(new EarlyStopping(MetricMode.LowerIsBetter, Patience: 1).IsBest);
    }

    [Fact]
    public void Stopping_that_is_resumed_from_json_goes_on_as_before() =>
        Gen.Select(Gen.Double[-1, 1].Array[0, 20], Gen.Double[-1, 1].Array[0, 20], Gen.Int[1, 5]).Sample((before, after, patience) =>
        {
            var stopping = Run(new EarlyStopping(MetricMode.HigherIsBetter, patience, 0.125), before);
            var resumed = JsonSerializer.Deserialize<EarlyStopping>(JsonSerializer.Serialize(stopping))!;
            Assert.Equal(stopping, resumed);
            Assert.Equal(Run(stopping, after), Run(resumed, after));
        });

    [Fact]
    public void Stopping_that_can_not_be_is_refused()
    {
        Refusal.Of("PG0241", () => new EarlyStopping(MetricMode.LowerIsBetter, Patience: 0));
        Refusal.Of("PG0241", () => new EarlyStopping(MetricMode.LowerIsBetter, Patience: 1, MinDelta: -1));
        Refusal.Of("PG0241", () => new EarlyStopping(MetricMode.LowerIsBetter, Patience: 1, MinDelta: double.NaN));
        Assert.Contains("\"lower\"", JsonSerializer.Serialize(new EarlyStopping(MetricMode.LowerIsBetter, Patience: 1)));
    }

    private static double[] Rates(LearningRate schedule, params long[] steps) =>
        [.. steps.Select(step => Math.Round(schedule.At(step), 12))];

    private static EarlyStopping Run(EarlyStopping stopping, params double[] metrics) =>
        metrics.Aggregate(stopping, (state, metric) => state.After(metric));
}
