using System.Collections.Immutable;
using Xunit;

namespace Pigeon.Benchmarks.Tests;

public class ContestTests
{
    private static readonly ContestOptions Short = new(Rounds: 3, TimeSpan.Zero, MostTime: TimeSpan.FromSeconds(5), LeastRuns: 3);

    [Fact]
    public void Every_peer_runs_and_is_compared_with_the_first()
    {
        Counting[] peers = [new("a", [1, 2, 3]), new("b", [1, 2, 3.000001f])];

        var results = new Contest(Short).Run(peers);

        Assert.All(results, r => Assert.True(r.Times.Count >= 3));
        Assert.Equal(0, results[0].Error);
        Assert.InRange(results[1].Error, 1e-9, 1e-6);
    }

    [Theory]
    [InlineData(1f, 2f, 3.01f)]
    [InlineData(1f, 2f, float.NaN)]
    public void A_peer_that_computes_something_else_is_an_error(params float[] output)
    {
        Peer[] peers = [new Counting("a", [1, 2, 3]), new Counting("b", output)];

        var e = Assert.Throws<InvalidOperationException>(() => new Contest(Short).Run(peers));

        Assert.Contains("b: output differs", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_without_an_output_does_not_agree_with_one_that_has_it() =>
        Assert.Throws<InvalidOperationException>(() => new Contest(Short).Run([new Counting("a", [1]), new Counting("b", null)]));

    [Fact]
    public void A_slow_peer_is_out_after_its_least_runs()
    {
        var slow = new Counting("slow", [1], TimeSpan.FromMilliseconds(40));
        var options = new ContestOptions(Rounds: 20, TimeSpan.Zero, MostTime: TimeSpan.FromMilliseconds(50), LeastRuns: 3);

        Assert.Equal(3, new Contest(options).Run([slow])[0].Times.Count);
    }

    [Fact]
    public void The_first_run_of_a_turn_does_not_count()
    {
        const int turns = 10;
        var slow = new Counting("slow", [1], TimeSpan.FromMilliseconds(26));

        int counted = new Contest(Short with { Rounds = turns }).Run([slow])[0].Times.Count;

        // One to compare, up to four to warm up, and two a turn.
        Assert.Equal(turns, counted);
        Assert.InRange(slow.Runs, 2 + (2 * turns), 5 + (2 * turns));
    }

    private sealed class Counting(string name, float[]? output, TimeSpan pause = default) : Peer(PeerKind.Pigeon, name)
    {
        public int Runs { get; private set; }

        public override void Run()
        {
            Runs++;
            Thread.Sleep(pause == default ? TimeSpan.FromMilliseconds(1) : pause);
        }

        public override PeerResult Result() =>
            new(output, null, ImmutableDictionary<string, float[]>.Empty, ImmutableDictionary<string, float[]>.Empty);

        public override void Dispose()
        {
        }
    }
}
