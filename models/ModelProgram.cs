using Pigeon.Compiler;

namespace Pigeon.Models;

/// <summary>A model for given options.</summary>
/// <param name="Name">The family's name in the <see cref="ModelCatalog"/>.</param>
/// <param name="Program">Input <c>x</c>, output <c>y</c>; weights under PyG's names.</param>
/// <param name="Options">What the program was built from.</param>
public sealed record ModelProgram(string Name, Program Program, ModelOptions Options);
