using System.Text.Json.Serialization;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// How fast a model learns at each step: a function of the step alone, counted from 0. Schedules are data: their JSON form has the
/// kind under <c>kind</c> and the parameters beside it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Constant), "constant")]
[JsonDerivedType(typeof(Steps), "step")]
[JsonDerivedType(typeof(Exponential), "exponential")]
[JsonDerivedType(typeof(Cosine), "cosine")]
[JsonDerivedType(typeof(WarmUp), "warm-up")]
[JsonDerivedType(typeof(Hold), "hold")]
public abstract record LearningRate
{
    private LearningRate()
    {
    }

    /// <summary>The rate at a step.</summary>
    /// <param name="step">The step, from 0.</param>
    public abstract double At(long step);

    /// <summary>The same rate at every step.</summary>
    /// <param name="Rate">The rate.</param>
    public sealed record Constant(double Rate) : LearningRate
    {
        /// <summary>The rate, positive.</summary>
        public double Rate { get; } = Positive(Rate, nameof(Rate));

        /// <inheritdoc/>
        public override double At(long step) => Rate;
    }

    /// <summary><c>rate · factor^⌊step / every⌋</c>.</summary>
    /// <param name="Rate">The rate at first.</param>
    /// <param name="Every">After how many steps it changes.</param>
    /// <param name="Factor">What it is multiplied by.</param>
    public sealed record Steps(double Rate, long Every, double Factor) : LearningRate
    {
        /// <summary>The rate at first, positive.</summary>
        public double Rate { get; } = Positive(Rate, nameof(Rate));

        /// <summary>After how many steps it changes, positive.</summary>
        public long Every { get; } = Positive(Every, nameof(Every));

        /// <summary>What it is multiplied by, in (0, 1].</summary>
        public double Factor { get; } = Share(Factor, nameof(Factor));

        /// <inheritdoc/>
        public override double At(long step) => Rate * Math.Pow(Factor, step / Every);
    }

    /// <summary><c>rate · factor^step</c>.</summary>
    /// <param name="Rate">The rate at first.</param>
    /// <param name="Factor">What it is multiplied by at each step.</param>
    public sealed record Exponential(double Rate, double Factor) : LearningRate
    {
        /// <summary>The rate at first, positive.</summary>
        public double Rate { get; } = Positive(Rate, nameof(Rate));

        /// <summary>What it is multiplied by at each step, in (0, 1].</summary>
        public double Factor { get; } = Share(Factor, nameof(Factor));

        /// <inheritdoc/>
        public override double At(long step) => Rate * Math.Pow(Factor, step);
    }

    /// <summary>
    /// Half a cosine from the rate to a floor, which then stays (Loshchilov and Hutter 2017, without restarts):
    /// <c>floor + (rate − floor) · (1 + cos(π · step / length)) / 2</c>.
    /// </summary>
    /// <param name="Rate">The rate at first.</param>
    /// <param name="Length">The step that reaches the floor.</param>
    /// <param name="Floor">The rate in the end.</param>
    public sealed record Cosine(double Rate, long Length, double Floor = 0) : LearningRate
    {
        /// <summary>The rate at first, positive.</summary>
        public double Rate { get; } = Positive(Rate, nameof(Rate));

        /// <summary>The step that reaches the floor, positive.</summary>
        public long Length { get; } = Positive(Length, nameof(Length));

        /// <summary>The rate in the end, from 0 to the rate.</summary>
        public double Floor { get; } = Floor >= 0 && Floor <= Rate ? Floor : throw Invalid(nameof(Floor), Floor, "be from 0 to the rate");

        /// <inheritdoc/>
        public override double At(long step) =>
            step >= Length ? Floor : Floor + ((Rate - Floor) * (1 + Math.Cos(Math.PI * step / Length)) / 2);
    }

    /// <summary>The first rate of another schedule, which then begins: <c>inner(0)</c>, then <c>inner(step − length)</c>.</summary>
    /// <param name="Length">How many steps it holds.</param>
    /// <param name="Inner">The schedule that follows.</param>
    public sealed record Hold(long Length, LearningRate Inner) : LearningRate
    {
        /// <summary>How many steps it holds, positive.</summary>
        public long Length { get; } = Positive(Length, nameof(Length));

        /// <summary>The schedule that follows.</summary>
        public LearningRate Inner { get; } = Inner ?? throw new PigeonException("PG0240", "a hold needs a schedule that follows it",
            remedy: "give an inner schedule, as a constant");

        /// <inheritdoc/>
        public override double At(long step) => Inner.At(Math.Max(0, step - Length));
    }

    /// <summary>
    /// Rises to the first rate of another schedule, which then begins: <c>inner(0) · (step + 1) / length</c>, then
    /// <c>inner(step − length)</c>.
    /// </summary>
    /// <param name="Length">How many steps it rises.</param>
    /// <param name="Inner">The schedule that follows.</param>
    public sealed record WarmUp(long Length, LearningRate Inner) : LearningRate
    {
        /// <summary>How many steps it rises, positive.</summary>
        public long Length { get; } = Positive(Length, nameof(Length));

        /// <summary>The schedule that follows.</summary>
        public LearningRate Inner { get; } = Inner ?? throw new PigeonException("PG0240", "a warm-up needs a schedule that follows it",
            remedy: "give an inner schedule, as a constant");

        /// <inheritdoc/>
        public override double At(long step) => step < Length ? Inner.At(0) * (step + 1) / Length : Inner.At(step - Length);
    }

    private static double Positive(double value, string name) =>
        value > 0 && double.IsFinite(value) ? value : throw Invalid(name, value, "be positive");

    private static long Positive(long value, string name) => value > 0 ? value : throw Invalid(name, value, "be positive");

    private static double Share(double value, string name) =>
        value is > 0 and <= 1 ? value : throw Invalid(name, value, "be above 0 and at most 1");

    private static PigeonException Invalid(string name, double value, string must) => new("PG0240",
        FormattableString.Invariant($"the learning rate's {name.ToLowerInvariant()} is {value}"), remedy: $"it must {must}");
}
