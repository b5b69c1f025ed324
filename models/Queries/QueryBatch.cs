using System.Collections.Immutable;
using Pigeon.Datasets;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>Questions made ready to be put into batches.</summary>
public sealed class QueryBatch
{
    private readonly ImmutableArray<RelationQuery> queries;
    private readonly int[][] ways;
    private readonly int relations;

    /// <summary>Finds for each question one shortest way from head to tail.</summary>
    /// <param name="set">The questions.</param>
    public QueryBatch(QuerySet set)
    {
        queries = set.Queries;
        relations = set.Relations.Length;
        ways = [.. queries.Select(ShortestWay)];
    }

    /// <summary>The number of questions.</summary>
    public int Count => queries.Length;

    /// <summary>The binding of some questions, as one disjoint union; edges are sorted by relation.</summary>
    /// <param name="rows">The numbers of the questions.</param>
    /// <param name="draw">
    /// Draws a whole number below its argument, for the wrong relation of each question in turn; null where nothing is learned.
    /// </param>
    public GraphBinding Bind(ReadOnlySpan<int> rows, Func<int, int>? draw = null)
    {
        int nodes = 0;
        int edges = 0;
        int steps = 0;
        foreach (int row in rows)
        {
            nodes = checked(nodes + queries[row].NodeCount);
            edges += queries[row].Sources.Length;
            steps += ways[row].Length;
        }

        int[] first = new int[relations + 1];
        foreach (int row in rows)
        {
            foreach (int type in queries[row].Types)
            {
                first[type + 1]++;
            }
        }

        for (int type = 0; type < relations; type++)
        {
            first[type + 1] += first[type];
        }

        (int[] src, int[] dst, int[] etype) = (new int[edges], new int[edges], new int[edges]);
        (int[] head, int[] tail, int[] answer) = (new int[rows.Length], new int[rows.Length], new int[rows.Length]);
        (int[] stepNode, int[] stepQuery) = (new int[steps], new int[steps]);
        (int node, int step) = (0, 0);
        for (int q = 0; q < rows.Length; q++)
        {
            RelationQuery query = queries[rows[q]];
            for (int e = 0; e < query.Types.Length; e++)
            {
                int edge = first[query.Types[e]]++;
                (src[edge], dst[edge], etype[edge]) = (node + query.Sources[e], node + query.Destinations[e], query.Types[e]);
            }

            foreach (int on in ways[rows[q]])
            {
                (stepNode[step], stepQuery[step]) = (node + on, q);
                step++;
            }

            (head[q], tail[q], answer[q]) = (node + query.Head, node + query.Tail, query.Answer);
            node += query.NodeCount;
        }

        var sizes = new Dictionary<string, int>
        {
            ["Nodes"] = nodes, ["Edges"] = edges, ["EdgeTypes"] = relations, ["Queries"] = rows.Length, ["Steps"] = steps,
        };
        var maps = new Dictionary<string, int[]>
        {
            ["src"] = src, ["dst"] = dst, ["etype"] = etype, ["head"] = head, ["tail"] = tail,
            ["step_node"] = stepNode, ["step_query"] = stepQuery,
        };
        if (draw is not null)
        {
            maps["answer"] = answer;
            maps["wrong"] = [.. answer.Select(right => Other(right, draw))];
        }
        else
        {
            int candidates = rows.Length * relations;
            sizes["Candidates"] = candidates;
            maps["candidate_query"] = [.. Enumerable.Range(0, candidates).Select(c => c / relations)];
            maps["candidate_relation"] = [.. Enumerable.Range(0, candidates).Select(c => c % relations)];
        }

        return new(sizes, maps);
    }

    /// <summary>Whether the best of a question's scores is its answer's; of equal ones the first relation's counts.</summary>
    /// <param name="row">The question's number.</param>
    /// <param name="scores">The scores of all relations.</param>
    public bool IsAnswered(int row, ReadOnlySpan<float> scores) => Best(scores) == queries[row].Answer;

    /// <summary>The relation with the largest score; of equal ones the first.</summary>
    public static int Best(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int relation = 1; relation < scores.Length; relation++)
        {
            best = scores[relation] > scores[best] ? relation : best;
        }

        return best;
    }

    /// <summary>Any relation but one, all as likely.</summary>
    private int Other(int right, Func<int, int> draw)
    {
        int drawn = draw(relations - 1);
        return drawn < right ? drawn : drawn + 1;
    }

    /// <summary>
    /// The nodes on a shortest way, edges taken in either direction; of several the one whose nodes come first in the order of the edges. Where
    /// there is none, head and tail alone.
    /// </summary>
    private static int[] ShortestWay(RelationQuery query)
    {
        int[] before = new int[query.NodeCount];
        Array.Fill(before, -1);
        before[query.Tail] = query.Tail;
        List<int>[] near = [.. Enumerable.Range(0, query.NodeCount).Select(_ => new List<int>())];
        for (int e = 0; e < query.Sources.Length; e++)
        {
            near[query.Sources[e]].Add(query.Destinations[e]);
            near[query.Destinations[e]].Add(query.Sources[e]);
        }

        var queue = new Queue<int>([query.Tail]);
        while (before[query.Head] < 0 && queue.TryDequeue(out int at))
        {
            foreach (int next in near[at].Where(next => before[next] < 0))
            {
                before[next] = at;
                queue.Enqueue(next);
            }
        }

        if (before[query.Head] < 0)
        {
            return [query.Head, query.Tail];
        }

        var way = new List<int> { query.Head };
        while (way[^1] != query.Tail)
        {
            way.Add(before[way[^1]]);
        }

        return [.. way];
    }
}
