using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>The models that can be asked for by name.</summary>
public static class ModelCatalog
{
    /// <summary>All models.</summary>
    public static ImmutableArray<IModel> All { get; } = [new RgcnModel(), new RgatModel(), new HgtModel()];

    /// <summary>The model of this name.</summary>
    /// <exception cref="PigeonException">PG0401: there is none.</exception>
    public static IModel Find(string name) =>
        All.FirstOrDefault(model => model.Name == name) ??
        throw new PigeonException("PG0401", $"there is no model '{name}'", remedy: $"models: {string.Join(", ", All.Select(m => m.Name))}");
}
