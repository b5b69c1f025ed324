using System.Text.Json.Nodes;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class CheckpointTests
{
    private static readonly TrainingRecord Record = new TrainingRecord
    {
        Identity = new(new string('A', 64), "rgcn", new JsonObject { ["embedding"] = 16 }, 1, "aifb", new string('B', 64), Threads: 1),
        Stopping = new(MetricMode.HigherIsBetter, 3),
    }.After(new(1, 0.5, 0.25, 12), steps: 1).After(new(2, 0.25, 0.125, 11), steps: 1);

    [Fact]
    public void A_checkpoint_reads_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        using Tensor weight = Tensor.Random([2, 3], seed: 1);
        Checkpoint.Write(folder["c.safetensors"], new Dictionary<string, Tensor> { ["w"] = weight }, Record);
        using Checkpoint read = Checkpoint.Open(folder["c.safetensors"]);
        using Tensor w = read.Read("w");
        Assert.Equal(weight.Span.ToArray(), w.Span.ToArray());
        Assert.Equal(Record.History.AsEnumerable(), read.Record.History.AsEnumerable());
        Assert.Equal(Record.Stopping, read.Record.Stopping);
        Assert.Equal((2, 2L, 0.25, 1), (read.Record.Epoch, read.Record.Step, read.Record.Best, read.Record.BestEpoch));
        Record.Identity.RequireRun(read.Record.Identity, read.Path);
    }

    [Fact]
    public void Another_version_s_program_serves_the_weights_and_ends_the_run()
    {
        TrainingIdentity mine = Record.Identity;
        TrainingIdentity found = mine with { Program = new string('C', 64) };
        mine.RequireWeights(found, "c.safetensors");
        Assert.Equal("PG0254", Assert.Throws<PigeonException>(() => mine.RequireRun(found, "c.safetensors")).Diagnostic.Id);
        TrainingIdentity other = mine with { Settings = new JsonObject { ["set"] = new JsonObject { ["hidden"] = "4" } } };
        Assert.Equal("PG0252", Assert.Throws<PigeonException>(() => mine.RequireWeights(other, "c.safetensors")).Diagnostic.Id);
    }

    [Fact]
    public void A_number_that_is_not_finite_is_refused()
    {
        using var folder = new TemporaryFolder();
        using Tensor weight = Tensor.From([float.NaN], 1);
        Checkpoint.Write(folder["c.safetensors"], new Dictionary<string, Tensor> { ["w"] = weight }, Record);
        using Checkpoint read = Checkpoint.Open(folder["c.safetensors"]);
        Assert.Equal("PG0255", Assert.Throws<PigeonException>(() => read.Read("w")).Diagnostic.Id);
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "\"format\":2", "\"format\":1" },
        { "\"threads\":1", "\"threads\":0" },
        { ",\"threads\":1", "" },
        { "\"epoch\":2", "\"epoch\":3" },
        { "\"step\":2", "\"step\":-1" },
        { "\"bestAt\":0", "\"bestAt\":1" },
        { "\"best\":0.25", "\"best\":0.5" },
        { "\"history\":[", "\"history\":[null," },
        { "\"model\":\"rgcn\"", "\"model\":null" },
        { new string('A', 64), "../../etc/passwd" },
        { "\"seed\":1", "\"seed\":-1" },
        { "\"identity\"", "\"identify\"" },
        { "{", "[" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_record_that_can_not_be_is_refused(string part, string fault)
    {
        using var folder = new TemporaryFolder();
        using Tensor weight = Tensor.Zeros(1);
        Checkpoint.Write(folder["c.safetensors"], new Dictionary<string, Tensor> { ["w"] = weight }, Record);
        string json;
        using (SafetensorsFile file = SafetensorsFile.Open(folder["c.safetensors"]))
        {
            json = file.Metadata["pigeon.training"];
        }

        int at = json.IndexOf(part, StringComparison.Ordinal);
        Assert.True(at >= 0, json);
        SafetensorsFile.Write(folder["c.safetensors"], new Dictionary<string, Tensor> { ["w"] = weight },
            new Dictionary<string, string> { ["pigeon.training"] = json[..at] + fault + json[(at + part.Length)..] });
        Assert.Equal("PG0251", Assert.Throws<PigeonException>(() => Checkpoint.Open(folder["c.safetensors"])).Diagnostic.Id);
    }

    [Fact]
    public void Weights_without_a_record_are_no_checkpoint()
    {
        using var folder = new TemporaryFolder();
        using Tensor weight = Tensor.Zeros(1);
        SafetensorsFile.Write(folder["w.safetensors"], new Dictionary<string, Tensor> { ["w"] = weight });
        Assert.Equal("PG0251", Assert.Throws<PigeonException>(() => Checkpoint.Open(folder["w.safetensors"])).Diagnostic.Id);
    }
}
