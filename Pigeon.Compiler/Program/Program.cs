using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>A value that a program returns, under a name.</summary>
public sealed record Output(string Name, int Value);

/// <summary>
/// A program of level 1: operators in SSA order with their types, and the values it returns. Immutable; a pass returns a
/// new program, or the same reference when it changed nothing.
/// </summary>
[SuppressMessage("Naming", "CA1724", Justification = "Program is the field's and the design's word.")]
public sealed class Program
{
    /// <summary>Checks and creates a program.</summary>
    /// <exception cref="PigeonException">PG01xx: an operator is not well formed; the message names the value.</exception>
    public Program(string name, ImmutableArray<Operator> values, ImmutableArray<Output> outputs)
    {
        Name = Names.Check(name, "a program");
        Values = values;
        Outputs = outputs;
        Types = Verifier.Infer(this);
        Vocabulary = Vocabulary.Of(this);
    }

    /// <summary>The program's name, an identifier.</summary>
    public string Name { get; }

    /// <summary>The operators; value <c>%i</c> is the result of <c>Values[i]</c>.</summary>
    public ImmutableArray<Operator> Values { get; }

    /// <summary>The type of each value.</summary>
    public ImmutableArray<RowType> Types { get; }

    /// <summary>What the program returns; at least one value.</summary>
    public ImmutableArray<Output> Outputs { get; }

    /// <summary>The spaces and stored maps that it names.</summary>
    internal Vocabulary Vocabulary { get; }

    /// <summary>For each value, the values that read it, each once.</summary>
    public ImmutableArray<ImmutableArray<int>> Users()
    {
        var users = new List<int>[Values.Length];
        for (int i = 0; i < users.Length; i++)
        {
            users[i] = [];
            foreach (int operand in Values[i].Operands.Items.Distinct())
            {
                users[operand].Add(i);
            }
        }

        return [.. users.Select(u => u.ToImmutableArray())];
    }

    /// <summary>The text form, which <see cref="ProgramParser"/> reads back.</summary>
    public override string ToString() => ProgramPrinter.Print(this);
}
