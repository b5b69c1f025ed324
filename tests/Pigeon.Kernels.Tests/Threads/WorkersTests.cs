using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public sealed class WorkersTests
{
    public static TheoryData<int> Counts => [1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [MemberData(nameof(Counts))]
    public void Every_part_runs_once_each_time(int count)
    {
        using var workers = new Workers(count);
        Assert.Equal(count, workers.Count);
        int[] runs = new int[count];
        for (int i = 0; i < 100; i++)
        {
            workers.Run(part => Interlocked.Increment(ref runs[part]));
            Assert.All(runs, r => Assert.Equal(i + 1, r));
        }
    }

    [Fact]
    public void What_parts_write_is_seen_after_the_run()
    {
        using var workers = new Workers(4);
        int[] numbers = new int[4];
        for (int i = 1; i <= 3_000; i++)
        {
            int value = i;
            workers.Run(part => numbers[part] = value);
            if (numbers.Sum() != 4 * i)
            {
                Assert.Fail($"run {i} gave {string.Join(", ", numbers)}");
            }
        }
    }

    [Fact]
    public void Runs_long_apart_work()
    {
        using var workers = new Workers(2);
        int sum = 0;
        for (int i = 0; i < 5; i++)
        {
            workers.Run(part => Interlocked.Add(ref sum, part + 1));
            Thread.Sleep(20);
        }

        Assert.Equal(15, sum);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(8, 5)]
    public void Exception_of_a_part_comes_out_and_the_team_goes_on(int count, int thrower)
    {
        using var workers = new Workers(count);
        for (int i = 0; i < 10; i++)
        {
            int others = 0;
            var error = Assert.Throws<AggregateException>(() => workers.Run(part =>
            {
                if (part == thrower)
                {
                    throw new InvalidOperationException("as planned");
                }

                Interlocked.Increment(ref others);
            }));
            Assert.Equal("as planned", Assert.IsType<InvalidOperationException>(error.InnerException).Message);
            Assert.Equal(count - 1, others);
            int runs = 0;
            workers.Run(_ => Interlocked.Increment(ref runs));
            Assert.Equal(count, runs);
        }
    }

    [Fact]
    public void Several_exceptions_give_one()
    {
        using var workers = new Workers(4);
        Assert.Single(Assert.Throws<AggregateException>(() => workers.Run(_ => throw new InvalidOperationException())).InnerExceptions);
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void Disposed_team_is_gone(int count)
    {
        var workers = new Workers(count);
        workers.Run(_ => { });
        workers.Dispose();
        workers.Dispose();
        Assert.Throws<ObjectDisposedException>(() => workers.Run(_ => { }));
    }

    [Fact]
    public void Teams_do_not_disturb_each_other()
    {
        Parallel.For(0, 6, _ =>
        {
            using var workers = new Workers(3);
            int runs = 0;
            for (int i = 0; i < 50; i++)
            {
                workers.Run(_ => Interlocked.Increment(ref runs));
            }

            Assert.Equal(150, runs);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Team_of_nobody_is_refused(int count) => Assert.Throws<ArgumentOutOfRangeException>(() => new Workers(count));
}
