namespace Pigeon.Compiler;

/// <summary>
/// What <see cref="Recompute"/> made of programs while one program is compiled: the search tries it on the best few, and the pass comes to the one that was
/// chosen once more. Safe for use from several threads.
/// </summary>
internal sealed class RecomputedPrograms
{
    private readonly Lock gate = new();
    private readonly List<(Program Before, Program After)> known = [];

    /// <summary>What a program with the same values and outputs became; otherwise it is made now.</summary>
    public Program Of(Program program, Func<Program, Program> make)
    {
        lock (gate)
        {
            foreach ((Program before, Program after) in known)
            {
                if (before.Values.AsSpan().SequenceEqual(program.Values.AsSpan()) && before.Outputs.AsSpan().SequenceEqual(program.Outputs.AsSpan()))
                {
                    return after;
                }
            }
        }

        Program made = make(program);
        lock (gate)
        {
            known.Add((program, made));
        }

        return made;
    }
}
