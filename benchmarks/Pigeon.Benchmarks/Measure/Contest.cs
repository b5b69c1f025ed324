using System.Diagnostics;

namespace Pigeon.Benchmarks;

/// <summary>
/// Peers of one cell take turns, so that what else the machine does meets all of them. A turn begins with a run that does not count: it finds the
/// caches full of another peer's rows, as no step of training and no answer of a server does. At least one run follows; short ones are repeated.
/// </summary>
internal sealed class Contest(ContestOptions options)
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(25);

    /// <summary>Runs every peer once and compares what they computed with the first; then measures them.</summary>
    /// <param name="peers">The peers; the first sets the standard.</param>
    /// <returns>For each peer, its times and its difference from the first.</returns>
    /// <exception cref="InvalidOperationException">Two peers disagree.</exception>
    public IReadOnlyList<(Peer Peer, Times Times, double Error)> Run(IReadOnlyList<Peer> peers)
    {
        var errors = new List<double>();
        foreach (Peer peer in peers)
        {
            peer.Run();
            errors.Add(Agreement.Check(peer.Variant, peer.Result(), peers[0].Result()));
        }

        Times[] times = [.. peers.Select(_ => new Times())];
        foreach (Peer peer in peers)
        {
            WarmUp(peer);
        }

        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < options.Rounds || Stopwatch.GetElapsedTime(start) < options.LeastTime; round++)
        {
            bool any = false;
            for (int i = 0; i < peers.Count; i++)
            {
                if (times[i].Total < options.MostTime || times[i].Count < options.LeastRuns)
                {
                    Take(peers[i], times[i]);
                    any = true;
                }
            }

            if (!any)
            {
                break;
            }
        }

        return [.. peers.Select((peer, i) => (peer, times[i], errors[i]))];
    }

    /// <summary>TorchScript specialises a function in its first runs, and caches fill.</summary>
    private static void WarmUp(Peer peer)
    {
        const int most = 4;
        var least = TimeSpan.FromMilliseconds(200);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < most && (i == 0 || Stopwatch.GetElapsedTime(start) < least); i++)
        {
            peer.Run();
        }
    }

    private static void Take(Peer peer, Times times)
    {
        peer.Run();
        long start = Stopwatch.GetTimestamp();
        do
        {
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long began = Stopwatch.GetTimestamp();
            peer.Run();
            times.Add(Stopwatch.GetElapsedTime(began), Environment.CpuUsage.TotalTime - cpu);
        }
        while (Stopwatch.GetElapsedTime(start) < Turn);
    }
}
