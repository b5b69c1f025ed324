using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>Reads questions from CSV: the columns head, relation and tail, by name, or by number where the dataset has no names.</summary>
internal static class FactQueries
{
    private const string Missing = "?";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dataset">The dataset that the names belong to.</param>
    /// <param name="relations">The number of its relations, which are its graph's first edge types.</param>
    /// <exception cref="PigeonException">PG0368: it can't be read, or is no CSV. PG0457: a row is no question about the dataset.</exception>
    public static ImmutableArray<FactQuery> Read(string path, GraphDataset dataset, int relations)
    {
        var entityOf = Numbers(dataset.NodeNames ?? [.. Enumerable.Range(0, dataset.Graph.NodeCount).Select(Number)]);
        var relationOf = Numbers([.. dataset.Graph.EdgeTypes.Take(relations).Select(type => type.Name)]);
        var queries = ImmutableArray.CreateBuilder<FactQuery>();
        foreach ((int line, string[] row) in CsvFile.Read(path, ["head", "relation", "tail"]))
        {
            (string head, string tail) = (row[0], row[2]);
            if ((head == Missing) == (tail == Missing))
            {
                throw Refusal(line, $"head {Untrusted.Quote(head)}, tail {Untrusted.Quote(tail)}: one of them, and only one, is to be {Missing}");
            }

            FactEnd missing = head == Missing ? FactEnd.Head : FactEnd.Tail;
            queries.Add(new(missing, Find(entityOf, missing == FactEnd.Head ? tail : head, "entity", line), Find(relationOf, row[1], "relation", line)));
        }

        return queries.ToImmutable();

        int Find(Dictionary<string, int> numbers, string name, string what, int line) => numbers.TryGetValue(name, out int number)
            ? number
            : throw Refusal(line, $"{dataset.Name} has no {what} {Untrusted.Quote(name)}");

        PigeonException Refusal(int line, string message) =>
            new("PG0457", message, FormattableString.Invariant($"{path}, line {line}"), "write rows such as /m/0h407,/people/person/gender,?");
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, int> Numbers(IReadOnlyList<string> names)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            numbers.TryAdd(names[i], i);
        }

        return numbers;
    }
}
