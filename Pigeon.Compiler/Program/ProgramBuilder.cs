using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Builds a program operator by operator. Errors are reported where they are made.</summary>
public class ProgramBuilder(string name)
{
    private readonly string name = name;
    private readonly List<Operator> values = [];
    private readonly List<RowType> types = [];
    private readonly List<Output> outputs = [];

    /// <summary>A value that the caller gives for each run.</summary>
    public Value Input(string name, IndexSpace space, params ReadOnlySpan<int> row) =>
        Add(new Operator.Input(name, new(space, Shape.Of(row))));

    /// <summary>A learned value on a type space.</summary>
    public Value Weight(string name, IndexSpace space, params ReadOnlySpan<int> row) =>
        Add(new Operator.Weight(name, new(space, Shape.Of(row))));

    /// <summary>A value with the same number everywhere.</summary>
    public Value Constant(double value, IndexSpace space, params ReadOnlySpan<int> row) =>
        Add(new Operator.Constant(value, new(space, Shape.Of(row))));

    /// <summary>Random numbers in [0, 1), from a seed on <see cref="IndexSpace.One"/> with rows <c>[2]</c>.</summary>
    public Value Uniform(Value seed, int stream, IndexSpace space, params ReadOnlySpan<int> row) =>
        Add(new Operator.Uniform(seed.Id, stream, new(space, Shape.Of(row))));

    /// <summary>
    /// An expression of several values on one space; operands on <see cref="IndexSpace.One"/> are repeated for every row.
    /// </summary>
    public Value Pointwise(Expr expression, params ReadOnlySpan<Value> operands)
    {
        IndexSpace space = IndexSpace.One;
        foreach (Value operand in operands)
        {
            space = space is IndexSpace.OneSpace ? operand.Type.Space : space;
        }

        var ids = ImmutableArray.CreateBuilder<int>();
        foreach (Value operand in operands)
        {
            bool repeat = operand.Type.Space is IndexSpace.OneSpace && space is not IndexSpace.OneSpace;
            ids.Add(repeat ? operand.At(new Map.Unit(space)).Id : operand.Id);
        }

        return Add(new Operator.Pointwise(expression, new(ids.ToImmutable())));
    }

    /// <summary>Joins rows along one axis.</summary>
    public Value Concat(int axis, params ReadOnlySpan<Value> parts)
    {
        var ids = ImmutableArray.CreateBuilder<int>();
        foreach (Value part in parts)
        {
            ids.Add(part.Id);
        }

        return Add(new Operator.Concat(axis, new(ids.ToImmutable())));
    }

    /// <summary>Appends an operator.</summary>
    /// <exception cref="PigeonException">PG01xx: the operator does not fit its operands.</exception>
    public Value Add(Operator op) => new(this, Append(op));

    /// <summary>Makes the program return a value.</summary>
    public void Return(string name, Value value) => outputs.Add(new(name, value.Id));

    /// <summary>The finished program.</summary>
    public Program Build() => new(name, [.. values], [.. outputs]);

    /// <summary>The name of the program.</summary>
    internal string Name => name;

    /// <summary>The number of values so far.</summary>
    internal int Count => values.Count;

    internal RowType TypeOf(int id) => types[id];

    internal Operator OperatorOf(int id) => values[id];

    /// <summary>Gives an operator its number.</summary>
    private protected virtual int Append(Operator op)
    {
        types.Add(Infer(op));
        values.Add(op);
        return values.Count - 1;
    }

    /// <summary>The type of an operator over values so far.</summary>
    private protected RowType Infer(Operator op) => Verifier.Infer(name, op, values.Count, types);
}
