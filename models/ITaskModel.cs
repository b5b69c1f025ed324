using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>
/// A model that comes with its task: its programs stand over the spaces of the task's batches, so they are bound to a batch and not to a graph,
/// and the task fixes what goes in and out.
/// </summary>
public interface ITaskModel
{
    /// <summary>The name, as on a command line: <c>epignn</c>.</summary>
    string Name { get; }

    /// <summary>One line for a list.</summary>
    string Description { get; }

    /// <summary>The options.</summary>
    ImmutableArray<ModelOption> Options { get; }

    /// <summary>The dataset of a batch where none is named; it needs no files.</summary>
    string Dataset { get; }

    /// <summary>Builds the program that answers.</summary>
    /// <param name="set">Options by name; defaults hold for the others.</param>
    /// <exception cref="PigeonException">PG0402 … PG0404: there is no such option, or the options can't be.</exception>
    Program Create(IReadOnlyDictionary<string, string> set);

    /// <summary>Builds the program whose output <c>loss</c> is learned by.</summary>
    /// <param name="set">As in <see cref="Create"/>.</param>
    /// <exception cref="PigeonException">As <see cref="Create"/>.</exception>
    Program CreateLoss(IReadOnlyDictionary<string, string> set);

    /// <summary>A batch that programs are planned for, as large as those that a recipe learns from.</summary>
    /// <param name="set">As in <see cref="Create"/>.</param>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="folder">The folder with the real datasets; null where there is none.</param>
    /// <param name="training">Whether the batch is to learn from.</param>
    /// <exception cref="PigeonException">
    /// PG0317, PG0318: there is no such dataset here. PG03xx: its files can't be used. PG0402 … PG0404: as <see cref="Create"/>.
    /// </exception>
    GraphBinding Batch(IReadOnlyDictionary<string, string> set, string dataset, string? folder, bool training);
}
