using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Tests;

/// <summary>Makes a program that fails smaller, step by step, as long as it fails.</summary>
internal static class Minimiser
{
    /// <summary>The smallest failing program that single steps lead to.</summary>
    public static Program Run(Program program, Func<Program, bool> fails)
    {
        while (Steps(program).FirstOrDefault(fails) is { } smaller)
        {
            program = smaller;
        }

        return program;
    }

    private static IEnumerable<Program> Steps(Program program)
    {
        foreach (Output output in program.Outputs)
        {
            if (Create(program, program.Values, [output]) is { } single && program.Outputs.Length > 1)
            {
                yield return single;
            }
        }

        for (int id = program.Values.Length - 1; id >= 0; id--)
        {
            Operator op = program.Values[id];
            if (op is Operator.Input or Operator.Weight)
            {
                continue;
            }

            // An operand in its place, or a new input.
            foreach (int operand in op.Operands.Items.Where(operand => program.Types[operand] == program.Types[id]))
            {
                IEnumerable<Operator> values = program.Values.Select(v => v.With([.. v.Operands.Select(o => o == id ? operand : o)]));
                if (Create(program, values, program.Outputs.Select(o => o.Value == id ? o with { Value = operand } : o)) is { } shortcut)
                {
                    yield return shortcut;
                }
            }

            if (Create(program, program.Values.SetItem(id, new Operator.Input($"c{id}", program.Types[id])), program.Outputs) is { } cut)
            {
                yield return cut;
            }
        }
    }

    /// <summary>The program without the values that nothing needs; null where it is not smaller.</summary>
    private static Program? Create(Program original, IEnumerable<Operator> operators, IEnumerable<Output> outputs)
    {
        Operator[] values = [.. operators];
        bool[] live = new bool[values.Length];
        foreach (Output output in outputs)
        {
            live[output.Value] = true;
        }

        for (int id = values.Length - 1; id >= 0; id--)
        {
            foreach (int operand in live[id] ? values[id].Operands : [])
            {
                live[operand] = true;
            }
        }

        int[] renamed = new int[values.Length];
        var kept = new List<Operator>();
        for (int id = 0; id < values.Length; id++)
        {
            renamed[id] = kept.Count;
            if (live[id])
            {
                kept.Add(values[id].With([.. values[id].Operands.Select(o => renamed[o])]));
            }
        }

        try
        {
            var program = new Program(original.Name, [.. kept], [.. outputs.Select(o => o with { Value = renamed[o.Value] })]);
            return Size(program) < Size(original) ? program : null;
        }
        catch (PigeonException)
        {
            return null;
        }
    }

    private static int Size(Program program) =>
        program.Outputs.Length + program.Values.Sum(v => v is Operator.Input or Operator.Weight ? 1 : 2);
}
