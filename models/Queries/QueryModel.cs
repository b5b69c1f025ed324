using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>A model that answers questions about graphs, as programs over the spaces of <see cref="QuerySchema"/>.</summary>
/// <param name="Scores">Output <c>score</c> (<c>Candidates[]</c>): the larger the likelier.</param>
/// <param name="Step">The training step.</param>
/// <param name="Bounds">The bound of each weight's uniform distribution at first.</param>
internal sealed record QueryModel(Program Scores, TrainingStep Step, ImmutableDictionary<string, double> Bounds)
{
    /// <summary>SHA-256 of the step's text.</summary>
    public string Hash => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Step.Program.ToString())));

    /// <summary>Builds a model by its name: <c>epignn</c>, or <c>rgcn</c> as the control.</summary>
    /// <exception cref="PigeonException">PG0401: there is no such model for questions. PG0402 … PG0404: its options can't be.</exception>
    public static QueryModel Create(Recipe recipe, int relations)
    {
        (Program scores, Program loss, ImmutableDictionary<string, double> bounds) = recipe.Model switch
        {
            "epignn" => Epignn(EpiGnnOptions.Parse(recipe.Set), relations),
            "rgcn" => RgcnQueries.Build(recipe.Set, relations),
            _ => throw new PigeonException("PG0401", $"there is no model '{recipe.Model}' that answers questions about graphs",
                remedy: "models: epignn, rgcn"),
        };
        return new(scores, TrainingStep.Create(loss, "loss", recipe.Optimiser), bounds);
    }

    private static (Program Scores, Program Loss, ImmutableDictionary<string, double> Bounds) Epignn(EpiGnnOptions options, int relations) =>
        (EpiGnn.Build(options), EpiGnn.BuildLoss(options), EpiGnn.InitialBounds(options, relations));
}
