using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>The models that can be asked for by name.</summary>
public static class ModelCatalog
{
    /// <summary>All models.</summary>
    public static ImmutableArray<IModel> All { get; } = [new RgcnModel(), new RgatModel(), new HgtModel()];

    /// <summary>The models that come with their task.</summary>
    public static ImmutableArray<ITaskModel> OfTasks { get; } = [new EpiGnnModel(), new TpgnModel()];

    /// <summary>The model of this name.</summary>
    /// <exception cref="PigeonException">PG0401: there is none, or it is bound to the batches of its task and not to a graph.</exception>
    public static IModel Find(string name) =>
        All.FirstOrDefault(model => model.Name == name) ??
        throw (FindOfTask(name) is null
            ? new PigeonException("PG0401", $"there is no model '{name}'", remedy: $"models: {string.Join(", ", All.Select(m => m.Name))}")
            : new PigeonException("PG0401", $"{name} is bound to the batches of its task, not to a graph",
                remedy: $"use it with compile, explain, train and eval; models for graphs: {string.Join(", ", All.Select(m => m.Name))}"));

    /// <summary>The model of this name that comes with its task; null where there is none.</summary>
    public static ITaskModel? FindOfTask(string name) => OfTasks.FirstOrDefault(model => model.Name == name);
}
