using System.Diagnostics;
using Pigeon.Datasets;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Cli.Tests;

/// <summary>The real process, ended as the system ends one: without a chance to say goodbye.</summary>
public sealed class KilledTrainingTests
{
    private const int Nodes = 40;
    private const int Epochs = 200;
    private const int Moments = 5;
    private static readonly string[] Checkpoints = [Trainer.Last, Trainer.Best];

    [Fact]
    public void A_process_that_is_killed_at_any_moment_resumes_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        int[] members = [.. Enumerable.Range(2, Nodes - 2)];
        var graph = HeteroGraph.Create(Nodes, ["member"], [.. members.Select(v => v % 2)], members, new int[members.Length]).WithReverse();
        var labels = new NodeLabels(["even", "odd"], LabelledNodes.Create(members, [.. members.Select(v => v % 2)]),
            LabelledNodes.None, LabelledNodes.None);
        GraphFolder.Write(folder["graph"], new("two groups", graph, "generated") { Labels = labels });
        File.WriteAllText(folder["r.json"], $$"""
            {
              "model": "rgcn", "dataset": "any", "set": { "featureless": "true", "layers": "2", "hidden": "16" },
              "epochs": {{Epochs}}, "validation": 0.3
            }
            """);

        // Twice, never killed: the same bits.
        Finish(Command("whole"));
        Finish(Command("again"));
        string[] expected = Bits(folder["whole"]);
        Assert.Equal(expected, Bits(folder["again"]));

        var random = new Random(1);
        for (int moment = 0; moment < Moments; moment++)
        {
            string run = $"run{moment}";
            while (!IsKilled(Command(run), random.Next(1, 9), TimeSpan.FromMilliseconds(random.Next(20))))
            {
                // It was faster than the signal.
                Directory.Delete(folder[run], recursive: true);
            }

            using (Checkpoint last = Checkpoint.Open(Path.Combine(folder[run], Trainer.Last)))
            {
                Assert.InRange(last.Record.Epoch, 1, Epochs);
            }

            Finish([.. Command(run), "--resume"]);
            Assert.Equal(expected, Bits(folder[run]));
            Assert.Equal(Checkpoints.Order(), Directory.GetFiles(folder[run]).Select(Path.GetFileName).Order());
        }

        string[] Command(string run) => ["train", "rgcn", "--dataset", folder["graph"], "--recipe", folder["r.json"], "--checkpoint-every", "0",
            "-o", folder[run]];
    }

    private static void Finish(IReadOnlyList<string> command)
    {
        Outcome outcome = Tool.Run(command);
        Assert.True(outcome.Code == 0, outcome.Messages);
    }

    /// <summary>Starts the tool and kills it some time after it has told of so many tenths of its epochs.</summary>
    private static bool IsKilled(IEnumerable<string> command, int tenths, TimeSpan delay)
    {
        const int killed = 128 + 9;
        var start = new ProcessStartInfo("dotnet", [typeof(PigeonTool).Assembly.Location, .. command])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        for (int told = 0; told < tenths && process.StandardError.ReadLine() is { } line;)
        {
            told += line.Contains("epoch", StringComparison.Ordinal) ? 1 : 0;
        }

        Thread.Sleep(delay);
        process.Kill();
        process.WaitForExit();
        return process.ExitCode == killed;
    }

    private static string[] Bits(string folder) => [.. Checkpoints.SelectMany(name => Bits(folder, name))];

    private static IEnumerable<string> Bits(string folder, string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, name));
        foreach (string tensor in file.Tensors.Keys.Order(StringComparer.Ordinal))
        {
            using Tensor numbers = file.Read(tensor);
            yield return $"{name} {tensor} {string.Join(',', numbers.Span.ToArray().Select(BitConverter.SingleToInt32Bits))}";
        }
    }
}
