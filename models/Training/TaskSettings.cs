using System.Text.Json.Serialization;
using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>
/// What a recipe trains a model for, with the settings that only this task has. A task is such a record, known by its <c>kind</c>, and the
/// <see cref="ITask"/> that it opens.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NodeClassificationSettings), "node-classification")]
[JsonDerivedType(typeof(LinkPredictionSettings), "link-prediction")]
[JsonDerivedType(typeof(RelationQuerySettings), "relation-query")]
[JsonDerivedType(typeof(ForecastSettings), "forecast")]
public abstract record TaskSettings
{
    private protected const int WidestRow = 1 << 16;

    /// <summary>Opens the dataset and builds the programs.</summary>
    /// <param name="recipe">The recipe that these settings belong to.</param>
    /// <param name="data">Where the dataset is.</param>
    /// <param name="compile">How to compile; the defaults are right for the machine it runs on.</param>
    /// <exception cref="PigeonException">The dataset can't be opened, or is none for this task; the model or its options can't be.</exception>
    public abstract ITask Open(Recipe recipe, TaskData data, CompileOptions? compile = null);

    /// <summary>What can't be in these settings; null where they can.</summary>
    internal abstract string? Fault();
}
