using System.CommandLine;
using System.Globalization;
using Pigeon.Kernels;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>The options that shape a model: its widths and what <c>--set</c> says.</summary>
internal sealed class ModelArguments
{
    private readonly Option<int> inWidth = Arguments.Count("--in", 64, "the width of the input's rows");
    private readonly Option<int> outWidth = Arguments.Count("--out", 64, "the width of the output's rows, all heads together");
    private readonly Option<int> heads = Arguments.Count("--heads", 1, "attention heads, for models that have them");

    /// <summary>The options, in order.</summary>
    public IEnumerable<Symbol> Symbols => [inWidth, outWidth, heads];

    /// <summary>The option <c>--set</c>, alone.</summary>
    public static Option<string[]> Set() => new("--set")
    {
        Description = "a model option, by PyG's name where PyG has it; pigeon models lists them",
        HelpName = "key=value",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    /// <summary>What <c>--set</c> says.</summary>
    /// <exception cref="PigeonException">PG0502: it is not of the form key=value, or a key is there twice.</exception>
    public static Dictionary<string, string> Parse(IEnumerable<string> words)
    {
        var set = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string word in words)
        {
            int cut = word.IndexOf('=', StringComparison.Ordinal);
            if (cut < 1 || !set.TryAdd(word[..cut], word[(cut + 1)..]))
            {
                throw new PigeonException(DiagnosticIds.OptionValue, cut < 1 ? $"'{word}' is not key=value" : $"'{word[..cut]}' is there twice",
                    "--set", "write --set heads=4");
            }
        }

        return set;
    }

    /// <summary>
    /// The model that comes with its task, where the name is one's; it has no widths to choose, so options of them are refused.
    /// </summary>
    /// <exception cref="PigeonException">PG0503: a width or heads are given.</exception>
    public ITaskModel? OfTask(ParseResult line, string name)
    {
        if (ModelCatalog.FindOfTask(name) is not { } model)
        {
            return null;
        }

        Option? meaningless = Symbols.OfType<Option>().FirstOrDefault(option => line.GetResult(option) is { Implicit: false });
        return meaningless is null ? model
            : throw new PigeonException(DiagnosticIds.OptionsConflict, $"the task of {name} fixes what goes in and out", meaningless.Name,
                $"leave it out; --set takes {string.Join(", ", model.Options.Select(o => o.Name))}");
    }

    /// <summary>What is compiled of a model that comes with its task.</summary>
    /// <exception cref="PigeonException">PG0402 … PG0404: there is no such option, or the options can't be. PG0503: a graph is given.</exception>
    public static BenchWork WorkOf(ITaskModel model, IReadOnlyDictionary<string, string> set, bool training, string? graph) =>
        graph is not null
            ? throw new PigeonException(DiagnosticIds.OptionsConflict, $"{model.Name} is bound to the batches of a dataset, not to a graph", "--graph",
                "name a dataset")
            : training ? BenchWork.OfTraining(model, set) : BenchWork.OfInference(model, set);

    /// <summary>Builds a model.</summary>
    /// <exception cref="PigeonException">PG0401 … PG0404: there is no such model or option, or they don't fit together. PG0503: heads twice.</exception>
    public ModelProgram Create(ParseResult line, string name, IReadOnlyDictionary<string, string> set)
    {
        IModel model = ModelCatalog.Find(name);
        var options = new Dictionary<string, string>(set, StringComparer.Ordinal);
        bool isGiven = line.GetResult(heads) is { Implicit: false };
        if (isGiven && set.ContainsKey("heads"))
        {
            throw new PigeonException(DiagnosticIds.OptionsConflict, "heads are given twice", "--heads", "leave out --heads or --set heads=");
        }

        if (isGiven && model.Options.Any(option => option.Name == "heads"))
        {
            options["heads"] = line.GetValue(heads).ToString(CultureInfo.InvariantCulture);
        }

        return model.Create(options, line.GetValue(inWidth), line.GetValue(outWidth));
    }
}
