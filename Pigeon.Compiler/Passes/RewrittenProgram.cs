using System.Collections.Immutable;

namespace Pigeon.Compiler;

/// <summary>A program that rewrites led to.</summary>
/// <param name="Program">The program.</param>
/// <param name="Steps">The rewrites, in order.</param>
/// <param name="Seconds">The predicted time of a run that stores every value which several kernels read.</param>
public sealed record RewrittenProgram(Program Program, ImmutableArray<RewriteStep> Steps, double Seconds);

/// <summary>One rewrite.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Family">Its family.</param>
/// <param name="Value">The number of the value that was computed another way, in the program before.</param>
/// <param name="Text">What computed it.</param>
/// <param name="Saved">The predicted seconds that the step saved, negative where it paves the way for others.</param>
public sealed record RewriteStep(string Rule, RewriteFamilies Family, int Value, string Text, double Saved);
