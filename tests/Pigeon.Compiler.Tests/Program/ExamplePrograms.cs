using Pigeon.Compiler;

namespace Pigeon.Tests;

/// <summary>A small program that shows some cases of the language, and an edit after which it must be refused.</summary>
/// <param name="Name">The program's name.</param>
/// <param name="Text">Its text.</param>
/// <param name="Part">A part of the text that occurs once.</param>
/// <param name="Broken">What to put in its place to break the program.</param>
/// <param name="Id">The diagnostic that the broken program must give.</param>
internal sealed record Example(string Name, string Text, string Part, string Broken, string Id)
{
    public Program Parse() => ProgramParser.Parse(Text);
}

/// <summary>Programs in which every case of the language occurs: a new case goes in here, or the completeness tests fail.</summary>
internal static class ExamplePrograms
{
    public static IReadOnlyList<Example> All { get; } =
    [
        Create("linear", "%2 = linear etype", "%2 = linear unit(Edges)", "PG0107", """
            map etype : Edges -> EdgeTypes
            %0 = input x : Edges[5]
            %1 = weight w : EdgeTypes[5, 3]
            %2 = linear etype %0, %1 : Edges[3]
            %3 = weight rows : one[3, 4, 7]
            %4 = reshape %2 : Edges[3, 1]
            %5 = pointwise {$0 + 1} %4 : Edges[3, 1]
            %6 = constant 0.5 : Edges[1, 4]
            %7 = pointwise {$0 * $1} %5, %6 : Edges[3, 4]
            %8 = linear unit(Edges) %7, %3 : Edges[3, 7]
            %9 = reshape %7 : Edges[3, 1, 4]
            %10 = linear unit(Edges) %9, %3 : Edges[3, 1, 7]
            %11 = linear transposed etype %2, %1 : Edges[5]
            return y = %2, blocks = %8, matrices = %10, back = %11
            """),
        Create("outer", "linear etype %0, %2", "linear etype %1, %2", "PG0109", """
            map etype : Edges -> EdgeTypes
            %0 = input x : Edges[2, 3]
            %1 = input y : Edges[2, 5]
            %2 = outer etype %0, %1 : EdgeTypes[3, 5]
            %3 = outer blocks etype %0, %1 : EdgeTypes[2, 3, 5]
            %4 = linear etype %0, %2 : Edges[2, 5]
            return y = %4, all = %2, blocks = %3
            """),
        Create("gather", "gather src %0", "gather src %1", "PG0102", """
            map src : Edges -> Nodes
            %0 = input x : Nodes[17]
            %1 = gather src %0 : Edges[17]
            return y = %1
            """),
        Create("reduce", "reduce.max dst", "reduce.max unit(Nodes)", "PG0107", """
            map dst : Edges -> Nodes
            %0 = input x : Edges[5]
            %1 = reduce.sum dst %0 : Nodes[5]
            %2 = reduce.mean dst %0 : Nodes[5]
            %3 = reduce.max dst %0 : Nodes[5]
            %4 = reduce.min dst %0 : Nodes[5]
            %5 = reduce.prod dst %0 : Nodes[5]
            return sum = %1, mean = %2, max = %3, min = %4, prod = %5
            """),
        Create("unary", "sqrt(abs($0))", "sqrt(abs($1))", "PG0106", """
            %0 = input x : Nodes[19]
            %1 = pointwise {neg($0)} %0 : Nodes[19]
            %2 = pointwise {exp($0)} %0 : Nodes[19]
            %3 = pointwise {log(abs($0) + 0.5)} %0 : Nodes[19]
            %4 = pointwise {sqrt(abs($0))} %0 : Nodes[19]
            %5 = pointwise {sin($0)} %0 : Nodes[19]
            %6 = pointwise {cos($0)} %0 : Nodes[19]
            %7 = pointwise {tanh($0)} %0 : Nodes[19]
            %8 = pointwise {sigmoid($0)} %0 : Nodes[19]
            %9 = pointwise {erf($0)} %0 : Nodes[19]
            %10 = pointwise {floor($0 * 4)} %0 : Nodes[19]
            %11 = pointwise {round($0 * 4)} %0 : Nodes[19]
            %12 = pointwise {detach($0)} %0 : Nodes[19]
            %13 = pointwise {neg(-2) + $0} %0 : Nodes[19]
            return neg = %1, exp = %2, log = %3, sqrt = %4, sin = %5, cos = %6, tanh = %7, sigmoid = %8, erf = %9,
                floor = %10, round = %11, detach = %12, constant = %13
            """),
        Create("binary", "$0 / (2 + abs($1))", "$0 / (2 + abs($2))", "PG0106", """
            %0 = input x : Nodes[4, 5]
            %1 = input y : Nodes[5]
            %2 = pointwise {$0 + $1} %0, %1 : Nodes[4, 5]
            %3 = pointwise {$0 - $1} %0, %1 : Nodes[4, 5]
            %4 = pointwise {$0 * $1} %0, %1 : Nodes[4, 5]
            %5 = pointwise {$0 / (2 + abs($1))} %0, %1 : Nodes[4, 5]
            %6 = pointwise {max($0, $1)} %0, %1 : Nodes[4, 5]
            %7 = pointwise {min($0, $1)} %0, %1 : Nodes[4, 5]
            %8 = pointwise {less($0, $1)} %0, %1 : Nodes[4, 5]
            %9 = pointwise {equal(floor($0), floor($1))} %0, %1 : Nodes[4, 5]
            %10 = pointwise {select(less($0, 0.25), $1, -3)} %0, %1 : Nodes[4, 5]
            %11 = pointwise {select(floor($1), $0, 2)} %0, %1 : Nodes[4, 5]
            return add = %2, sub = %3, mul = %4, div = %5, max = %6, min = %7, less = %8, equal = %9, if = %10, unless = %11
            """),
        Create("rows", "row.max [2]", "row.max [3]", "PG0108", """
            %0 = input x : Nodes[3, 2, 5]
            %1 = row.sum [1, 2] %0 : Nodes[3, 1, 1]
            %2 = row.mean [0] %0 : Nodes[1, 2, 5]
            %3 = row.max [2] %0 : Nodes[3, 2, 1]
            %4 = row.min [0, 2] %0 : Nodes[1, 2, 1]
            %5 = row.prod [1] %0 : Nodes[3, 1, 5]
            return sum = %1, mean = %2, max = %3, min = %4, prod = %5
            """),
        Create("views", "slice 1:1:2 %0", "slice 1:3:2 %0", "PG0108", """
            %0 = input x : Nodes[3, 4]
            %1 = reshape %0 : Nodes[2, 6]
            %2 = transpose [1, 0] %0 : Nodes[4, 3]
            %3 = slice 1:1:2 %0 : Nodes[3, 2]
            %4 = concat 1 %0, %3, %3 : Nodes[3, 8]
            %5 = pointwise {$0 * 2} %1 : Nodes[2, 6]
            %6 = transpose [1, 0] %5 : Nodes[6, 2]
            return reshaped = %5, transposed = %2, sliced = %3, joined = %4, turned = %6
            """),
        Create("constants", "constant 2.5", "constant 1e999", "PG0110", """
            map dst : Edges -> Nodes
            %0 = constant 2.5 : Edges[3]
            %1 = reduce.sum dst %0 : Nodes[3]
            %2 = gather dst %1 : Edges[3]
            %3 = input x : Edges[3]
            %4 = pointwise {$0 / (1 + $1)} %3, %2 : Edges[3]
            return y = %4, sum = %1, constant = %0
            """),
        Create("random", "seed : one[2]", "seed : one[3]", "PG0106", """
            %0 = input seed : one[2]
            %1 = uniform 3 %0 : Edges[5]
            %2 = uniform 4 %0 : Nodes[2, 17]
            %3 = input x : Edges[5]
            %4 = pointwise {select(less($0, 0.5), $1, 0)} %1, %3 : Edges[5]
            return y = %4, z = %2
            """),
        Create("maps", "compose(ntype, src)", "compose(etype, src)", "PG0110", """
            map src : Edges -> Nodes
            map ntype : Nodes -> NodeTypes
            map etype : Edges -> EdgeTypes
            %0 = weight a : NodeTypes[3]
            %1 = gather compose(ntype, src) %0 : Edges[3]
            %2 = weight b : one[3]
            %3 = gather unit(Edges) %2 : Edges[3]
            %4 = pointwise {$0 + $1} %1, %3 : Edges[3]
            %5 = gather id(Edges) %4 : Edges[3]
            %6 = reduce.sum id(Edges) %5 : Edges[3]
            return y = %6, sum = %5
            """),
        Create("pairs", "first(etype, dst)", "first(dst, etype)", "PG0107", """
            map etype : Edges -> EdgeTypes
            map dst : Edges -> Nodes
            %0 = input x : Edges[4]
            %1 = reduce.mean pair(etype, dst) %0 : distinct(etype, dst)[4]
            %2 = weight w : EdgeTypes[4, 3]
            %3 = linear first(etype, dst) %1, %2 : distinct(etype, dst)[3]
            %4 = reduce.sum second(etype, dst) %3 : Nodes[3]
            %5 = gather pair(etype, dst) %3 : Edges[3]
            return y = %4, back = %5
            """),
        Create("sorted", "via(sorted(dst), etype)", "via(sorted(unit(Edges)), etype)", "PG0110", """
            map etype : Edges -> EdgeTypes
            map src : Edges -> Nodes
            map dst : Edges -> Nodes
            %0 = input x : Nodes[4]
            %1 = gather via(sorted(dst), src) %0 : sorted(dst)[4]
            %2 = weight w : EdgeTypes[4, 3]
            %3 = linear via(sorted(dst), etype) %1, %2 : sorted(dst)[3]
            %4 = reduce.sum via(sorted(dst), dst) %3 : Nodes[3]
            return y = %4
            """),
        Create("either_side", "via(seconds(etype, src, dst), dst)", "via(seconds(etype, src, dst), src)", "PG0110", """
            map etype : Edges -> EdgeTypes
            map src : Edges -> Nodes
            map dst : Edges -> Nodes
            %0 = input x : Nodes[4]
            %1 = gather via(firsts(etype, src, dst), src) %0 : firsts(etype, src, dst)[4]
            %2 = reduce.sum via(firsts(etype, src, dst), into(either(etype, src, dst))) %1 : either(etype, src, dst)[4]
            %3 = weight w : EdgeTypes[4, 3]
            %4 = linear via(either(etype, src, dst), etype) %2, %3 : either(etype, src, dst)[3]
            %5 = gather via(seconds(etype, src, dst), into(either(etype, src, dst))) %4 : seconds(etype, src, dst)[3]
            %6 = reduce.sum via(seconds(etype, src, dst), dst) %5 : Nodes[3]
            %7 = gather into(either(etype, src, dst)) %4 : Edges[3]
            %8 = gather into(seconds(etype, src, dst)) %5 : Edges[3]
            return y = %6, rows = %7, ways = %8
            """),
        Create("ranges", "one[4, 3]", "one[5, 3]", "PG0108", """
            map etype : Edges -> EdgeTypes
            %0 = input x : Nodes[3]
            %1 = input z : EdgeTypes[6]
            %2 = regroup %1 : product(EdgeTypes, range(2))[3]
            %3 = pointwise {$0 * 2} %2 : product(EdgeTypes, range(2))[3]
            %4 = regroup %3 : EdgeTypes[2, 3]
            %5 = weight rows : range(4)[3]
            %6 = pointwise {$0 + 1} %5 : range(4)[3]
            %7 = regroup %6 : one[4, 3]
            %8 = linear transposed unit(Nodes) %0, %7 : Nodes[4]
            %9 = linear unit(Nodes) %8, %7 : Nodes[3]
            %10 = gather etype %4 : Edges[2, 3]
            return scores = %8, back = %9, doubled = %10, grouped = %7
            """),
        Create("products", "gather index(etype, src)", "gather index(src, etype)", "PG0107", """
            map etype : Edges -> EdgeTypes
            map src : Edges -> Nodes
            %0 = weight table : product(EdgeTypes, Nodes)[3]
            %1 = gather index(etype, src) %0 : Edges[3]
            %2 = reduce.sum index(etype, src) %1 : product(EdgeTypes, Nodes)[3]
            return y = %1, sum = %2
            """),
    ];

    private static Example Create(string name, string part, string broken, string id, string body) =>
        new(name, $"program {name}\n{body}\n", part, broken, id);
}
