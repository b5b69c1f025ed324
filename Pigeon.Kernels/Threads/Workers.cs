namespace Pigeon.Kernels;

/// <summary>
/// A persistent team of threads that runs one body per part, the caller as part 0. A waiting thread spins for a few
/// microseconds and then parks, so that an idle team costs nothing and an oversubscribed one makes way.
/// </summary>
public sealed class Workers : IDisposable
{
    private const int Spins = 200;
    private readonly Thread[] threads;
    private readonly SemaphoreSlim[] wake;
    private Action<int>? body;
    private int pending;
    private volatile bool stopping;
    private Exception? failure;

    /// <summary>Starts a team.</summary>
    /// <param name="count">The number of parts, at least 1; one thread fewer is started.</param>
    public Workers(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        threads = new Thread[count - 1];
        wake = new SemaphoreSlim[count - 1];
        for (int i = 0; i < threads.Length; i++)
        {
            int part = i + 1;
            wake[i] = new SemaphoreSlim(0);
            threads[i] = new Thread(() => Work(part)) { IsBackground = true, Name = $"pigeon-{part}" };
            threads[i].Start();
        }
    }

    /// <summary>The number of parts that <see cref="Run"/> calls its body for.</summary>
    public int Count { get; }

    /// <summary>Calls <paramref name="work"/> for every part 0 … <see cref="Count"/> − 1 and returns when all have ended.</summary>
    /// <exception cref="AggregateException">A part threw; its exception is inside.</exception>
    public void Run(Action<int> work)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        body = work;
        failure = null;
        Volatile.Write(ref pending, threads.Length);
        foreach (SemaphoreSlim semaphore in wake)
        {
            semaphore.Release();
        }

        Call(0);
        var spin = new SpinWait();
        while (Volatile.Read(ref pending) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        body = null;
        if (failure is { } error)
        {
            throw new AggregateException(error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (stopping)
        {
            return;
        }

        stopping = true;
        foreach (SemaphoreSlim semaphore in wake)
        {
            semaphore.Release();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        foreach (SemaphoreSlim semaphore in wake)
        {
            semaphore.Dispose();
        }
    }

    private void Work(int part)
    {
        SemaphoreSlim semaphore = wake[part - 1];
        while (true)
        {
            for (int spin = 0; spin < Spins && semaphore.CurrentCount == 0; spin++)
            {
                Thread.SpinWait(20);
            }

            semaphore.Wait();
            if (stopping)
            {
                return;
            }

            Call(part);
            Interlocked.Decrement(ref pending);
        }
    }

    private void Call(int part)
    {
        try
        {
            body!(part);
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref failure, error, null);
        }
    }
}
