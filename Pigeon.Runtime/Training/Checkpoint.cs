using System.Collections.ObjectModel;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// A training run as one safetensors file: every weight and optimiser state, and in the metadata the <see cref="TrainingRecord"/>.
/// Files are not trusted: the record is checked when the file is opened, the tensors when they are taken.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private const string RecordKey = "pigeon.training";
    private readonly SafetensorsFile file;

    private Checkpoint(SafetensorsFile file, TrainingRecord record, string path) => (this.file, Record, Path) = (file, record, path);

    /// <summary>How far the run had come.</summary>
    public TrainingRecord Record { get; }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whether a file of tensors is a checkpoint.</summary>
    public static bool IsOne(SafetensorsFile file) => file.Metadata.ContainsKey(RecordKey);

    /// <summary>Opens a checkpoint.</summary>
    /// <exception cref="PigeonException">
    /// PG0251: it has no training record, or one that can't be used. PG0360, PG0370 … PG0376: it is no safetensors file.
    /// </exception>
    public static Checkpoint Open(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        try
        {
            return file.Metadata.TryGetValue(RecordKey, out string? json)
                ? new(file, TrainingRecord.Parse(json, path), path)
                : throw new PigeonException("PG0251", "it has no training record: it is no checkpoint", path,
                    "name a file that training wrote");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes a checkpoint; an existing file is replaced at once or, on an error, kept.</summary>
    /// <exception cref="PigeonException">PG0360: the file can't be written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, TrainingRecord record) =>
        SafetensorsFile.Write(path, tensors, new ReadOnlyDictionary<string, string>(new Dictionary<string, string>
        {
            [RecordKey] = record.ToJson(),
        }));

    /// <summary>Brings an executable to where the run was.</summary>
    /// <param name="executable">The executable; it is not changed unless names and shapes of all tensors fit.</param>
    /// <param name="arguments">The arguments that the checkpoint must hold, no more and no fewer.</param>
    /// <exception cref="PigeonException">PG0255: the tensors aren't the executable's, or not all numbers are finite.</exception>
    public void Restore(IExecutable executable, IReadOnlyCollection<string> arguments)
    {
        if (file.Tensors.Keys.Except(arguments).FirstOrDefault() is { } unknown)
        {
            throw new PigeonException("PG0255", $"there is no use for its tensor {Untrusted.Quote(unknown)}", Path);
        }

        var shapes = executable.Arguments.ToDictionary(argument => argument.Name, argument => argument.Shape);
        foreach (string name in arguments)
        {
            Require(name, shapes[name].AsSpan());
        }

        foreach (string name in arguments)
        {
            using Tensor tensor = Read(name);
            executable.Set(name, tensor);
        }
    }

    /// <summary>Reads a tensor.</summary>
    /// <exception cref="PigeonException">PG0255: not all its numbers are finite. PG0377: there is no such tensor.</exception>
    public Tensor Read(string name)
    {
        const int chunk = 1 << 20;
        Tensor tensor = file.Read(name);
        for (long start = 0; start < tensor.Length; start += chunk)
        {
            foreach (float number in tensor.Slice(start, (int)Math.Min(chunk, tensor.Length - start)))
            {
                if (!float.IsFinite(number))
                {
                    tensor.Dispose();
                    throw new PigeonException("PG0255", $"its tensor {Untrusted.Quote(name)} holds {number}", Path);
                }
            }
        }

        return tensor;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Require(string name, ReadOnlySpan<long> shape)
    {
        if (!file.Tensors.TryGetValue(name, out TensorInfo? info))
        {
            throw new PigeonException("PG0255", $"it has no tensor {Untrusted.Quote(name)}", Path);
        }

        if (!info.Shape.AsSpan().SequenceEqual(shape))
        {
            string found = TensorShape.Format(info.Shape.AsSpan());
            throw new PigeonException("PG0255",
                $"its tensor {Untrusted.Quote(name)} has the shape {found}, but the program takes {TensorShape.Format(shape)}", Path);
        }
    }
}
