using System.Collections.Immutable;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>A model family that can be asked for by name.</summary>
public interface IModel
{
    /// <summary>The name, as on a command line: <c>rgcn</c>.</summary>
    string Name { get; }

    /// <summary>One line for a list.</summary>
    string Description { get; }

    /// <summary>The options that <see cref="Create"/> and <see cref="Load"/> take.</summary>
    ImmutableArray<ModelOption> Options { get; }

    /// <summary>Builds a program for given widths.</summary>
    /// <param name="set">Options by name; defaults hold for the others.</param>
    /// <param name="inWidth">The width of the input's rows; not used by a model without features.</param>
    /// <param name="outWidth">The width of the output's rows, all heads together.</param>
    /// <exception cref="PigeonException">
    /// PG0402: there is no such option. PG0403: it does not take this value. PG0404: the options don't fit together.
    /// </exception>
    ModelProgram Create(IReadOnlyDictionary<string, string> set, int inWidth, int outWidth);

    /// <summary>
    /// Builds the program that weights of PyG belong to, and brings the weights into its form. Widths, counts and most options
    /// are read off the tensors. Several layers stand under <c>layer0.</c>, <c>layer1.</c>, …
    /// </summary>
    /// <param name="file">The tensors under PyG's state-dict names.</param>
    /// <param name="graph">The graph that the model is to run on.</param>
    /// <param name="set">Options by name; those that the tensors tell must agree with them.</param>
    /// <exception cref="PigeonException">
    /// As <see cref="Create"/>; and PG0410: a tensor is missing. PG0411: there is one too many. PG0412: one has a wrong shape.
    /// PG0413: an option contradicts the tensors. PG0414: the graph has more edge types than the weights. PG0415: the model
    /// needs edge types that join one pair of node types each.
    /// </exception>
    LoadedModel Load(SafetensorsFile file, HeteroGraph graph, IReadOnlyDictionary<string, string> set);
}
