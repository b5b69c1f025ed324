using System.Collections.Immutable;

namespace Pigeon.Compiler;

/// <summary>
/// A program whose values are in a <see cref="ValueStore"/>, without what nothing returns. To compute one value another way costs as
/// much as what depends on it, so that many ways can be tried.
/// </summary>
/// <param name="Store">The values.</param>
/// <param name="Order">The numbers of the program's own values, operands first.</param>
/// <param name="Outputs">What it returns.</param>
internal sealed record StoredProgram(ValueStore Store, ImmutableArray<int> Order, ImmutableArray<Output> Outputs)
{
    /// <summary>Puts a program into a store of its own, in simplest form.</summary>
    public static StoredProgram Of(Program program)
    {
        var store = new ValueStore(program.Name);
        int[] renamed = new int[program.Values.Length];
        for (int i = 0; i < renamed.Length; i++)
        {
            renamed[i] = store.Add(program.Values[i].With([.. program.Values[i].Operands.Select(o => renamed[o])])).Id;
        }

        return Living(store, Enumerable.Range(0, store.Count), [.. program.Outputs.Select(o => o with { Value = renamed[o.Value] })]);
    }

    /// <summary>The program with one value computed another way.</summary>
    /// <param name="value">The value.</param>
    /// <param name="other">A value of the store of the same type.</param>
    public StoredProgram With(int value, int other)
    {
        var order = new List<int>(Order.Length + 8);
        var placed = new HashSet<int>(Order.Length + 8);
        var renamed = new Dictionary<int, int> { [value] = other };
        foreach (int id in Order)
        {
            if (id != value && Store.OperatorOf(id).Operands.Any(renamed.ContainsKey))
            {
                Operator op = Store.OperatorOf(id);
                int moved = Store.Add(op.With([.. op.Operands.Select(o => renamed.GetValueOrDefault(o, o))])).Id;
                if (moved != id)
                {
                    renamed[id] = moved;
                }
            }

            Place(renamed.GetValueOrDefault(id, id), order, placed);
        }

        return Living(Store, order, [.. Outputs.Select(o => o with { Value = renamed.GetValueOrDefault(o.Value, o.Value) })]);
    }

    /// <summary>The program of other values.</summary>
    /// <param name="renamed">For each of its values the one that takes its place.</param>
    public StoredProgram Renamed(IReadOnlyDictionary<int, int> renamed)
    {
        var order = new List<int>(Order.Length);
        var placed = new HashSet<int>(Order.Length);
        foreach (int id in Order)
        {
            Place(renamed[id], order, placed);
        }

        return Living(Store, order, [.. Outputs.Select(o => o with { Value = renamed[o.Value] })]);
    }

    /// <summary>The operator of a value as <see cref="ToProgram"/> numbers its operands.</summary>
    public Operator Numbered(int id) => Store.OperatorOf(id).With([.. Store.OperatorOf(id).Operands.Select(NumberOf)]);

    /// <summary>The number of a value in <see cref="ToProgram"/>.</summary>
    public int NumberOf(int id) => Order.IndexOf(id);

    /// <summary>The program by itself.</summary>
    public Program ToProgram() => new(Store.Name, [.. Order.Select(Numbered)], [.. Outputs.Select(o => o with { Value = NumberOf(o.Value) })]);

    private void Place(int id, List<int> order, HashSet<int> placed)
    {
        if (placed.Add(id))
        {
            foreach (int operand in Store.OperatorOf(id).Operands)
            {
                Place(operand, order, placed);
            }

            order.Add(id);
        }
    }

    private static StoredProgram Living(ValueStore store, IEnumerable<int> order, ImmutableArray<Output> outputs)
    {
        int[] all = [.. order];
        bool[] live = new bool[store.Count];
        foreach (Output output in outputs)
        {
            live[output.Value] = true;
        }

        for (int i = all.Length - 1; i >= 0; i--)
        {
            Operator op = store.OperatorOf(all[i]);

            // Inputs and weights are the program's contract with its caller: they stay.
            live[all[i]] |= op is Operator.Input or Operator.Weight;
            foreach (int operand in live[all[i]] ? op.Operands : [])
            {
                live[operand] = true;
            }
        }

        return new(store, [.. all.Where(id => live[id])], outputs);
    }
}
