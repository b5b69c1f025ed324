using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Tables of learned rows keep the rows that the graph reads, and no others: a weight on all pairs of two spaces that is read at the
/// pairs of one map only moves to the distinct pairs. What a program computes on its graph stays the same, and so does what the rows
/// learn, but the weight has another shape: this is for programs whose weights belong to one graph, not a step of compiling.
/// <code>
/// %0 = weight w : product(EdgeTypes, Nodes)[16]        %0 = weight w : distinct(etype, src)[16]
/// %1 = gather index(etype, src) %0 : Edges[16]    ⇒    %1 = gather pair(etype, src) %0 : Edges[16]
/// </code>
/// </summary>
public static class CompactTables
{
    /// <summary>Moves every table that allows it; returns the same reference when there is none.</summary>
    public static Program Run(Program program)
    {
        ImmutableArray<Operator>.Builder values = program.Values.ToBuilder();
        bool changed = false;
        for (int table = 0; table < values.Count; table++)
        {
            if (values[table] is not Operator.Weight { Type.Space: IndexSpace.Product } weight || ReadsOf(program, table) is not { } read)
            {
                continue;
            }

            var pairs = new Map.Pair(read.First, read.Second);
            changed = true;
            values[table] = weight with { Type = weight.Type with { Space = pairs.To } };
            for (int user = table + 1; user < values.Count; user++)
            {
                if (values[user] is Operator.Gather gather && gather.X == table)
                {
                    values[user] = gather with { Map = pairs };
                }
            }
        }

        return changed ? new(program.Name, values.ToImmutable(), program.Outputs) : program;
    }

    /// <summary>The map along which all that read a table gather it; null where there are several, or other readers.</summary>
    private static Map.Index? ReadsOf(Program program, int table)
    {
        Operator[] users = [.. program.Values.Where(op => op.Operands.Contains(table))];
        return users.Length > 0 && users[0] is Operator.Gather { Map: Map.Index map } &&
            users.All(user => user is Operator.Gather gather && gather.Map == map) &&
            program.Outputs.All(output => output.Value != table)
            ? map
            : null;
    }
}
