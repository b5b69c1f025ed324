using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// An estimate of the time that a program's kernels take on a graph, on one thread. It follows roughly what planning will do: expressions
/// are computed inside their users, what is read at its own row or in its own loop stays in the cache, and everything else is
/// written to memory and read from it, each row at the price of the level that holds the whole table. It is meant to rank ways of computing the same thing.
/// </summary>
internal sealed class CostModel(GraphCounts graph, CompileOptions options)
{
    private readonly MachineCosts machine = options.Machine;
    private readonly int lanes = options.Lanes;
    private readonly List<Facts> facts = [];
    private ValueStore? store;
    private int[] uses = [];
    private bool[] located = [];
    private bool[] constant = [];
    private bool[] written = [];
    private Map?[] along = [];

    /// <summary>The seconds of a run.</summary>
    public double Of(StoredProgram program) => OfEach(program).Sum() * 1e-9;

    /// <summary>The nanoseconds of each value, in the order of the program: to compute it, to read what it reads, and to write it.</summary>
    private double[] OfEach(StoredProgram program)
    {
        Learn(program.Store);
        Locate(program);
        double[] costs = new double[program.Order.Length];
        for (int i = 0; i < costs.Length; i++)
        {
            int id = program.Order[i];
            if (located[id] && !constant[id] && facts[id].Op is not (Operator.Input or Operator.Weight))
            {
                costs[i] = Compute(id) + Reads(id);
            }
        }

        for (int i = 0; i < costs.Length; i++)
        {
            int id = program.Order[i];
            if (written[id] && !constant[id])
            {
                costs[i] += 2 * facts[id].Rows * Bytes(id) * LevelOf(id).ByteNs;
            }
        }

        return costs;
    }

    private void Learn(ValueStore values)
    {
        if (store != values)
        {
            facts.Clear();
            store = values;
        }

        for (int id = facts.Count; id < values.Count; id++)
        {
            RowType type = values.TypeOf(id);
            facts.Add(new(values.OperatorOf(id), type, graph.Rows(type.Space), type.Row.Width));
        }

        if (uses.Length < facts.Count)
        {
            int length = 2 * facts.Count;
            (uses, located, constant, written, along) = (new int[length], new bool[length], new bool[length], new bool[length], new Map?[length]);
        }
    }

    /// <summary>Which values will have rows, which depend on the graph (and on fixed weights) alone, and along which map each is reduced.</summary>
    private void Locate(StoredProgram program)
    {
        foreach (int id in program.Order)
        {
            uses[id] = 0;
            written[id] = false;
            along[id] = null;
            Operator op = facts[id].Op;
            located[id] = op is Operator.Input or Operator.Weight or Operator.TypedLinear or Operator.OuterSum or Operator.Reduce
                or Operator.RowReduce or Operator.Concat;
            constant[id] = op is Operator.Weight ? options.FixedWeights : op is not Operator.Input;
            foreach (int operand in op.Operands)
            {
                uses[operand]++;
                constant[id] &= constant[operand];
                Operator read = facts[operand].Op;
                located[operand] |= op switch
                {
                    Operator.Pointwise => read is Operator.Pointwise && (uses[operand] > 1 || facts[operand].Width != facts[id].Width),
                    Operator.TypedLinear or Operator.OuterSum => read is not (Operator.Gather or Operator.Reshape or Operator.Regroup or Operator.Slice),
                    Operator.Regroup => true,
                    Operator.Gather or Operator.Transpose or Operator.Slice or Operator.Reshape => read is Operator.Pointwise,
                    _ => false,
                };
            }
        }

        foreach (Output output in program.Outputs)
        {
            located[output.Value] = written[output.Value] = true;
        }

        for (int i = program.Order.Length - 1; i >= 0; i--)
        {
            int id = program.Order[i];
            foreach (int operand in facts[id].Op.Operands)
            {
                along[operand] ??= facts[id].Op switch
                {
                    Operator.Reduce reduce => reduce.Map,
                    Operator.TypedLinear or Operator.Gather or Operator.OuterSum => null,
                    _ => along[id],
                };
            }
        }
    }

    private double Compute(int id)
    {
        Facts own = facts[id];
        switch (own.Op)
        {
            case Operator.TypedLinear op:
                double folds = PlanCosts.IsNarrow(facts[op.X].Type.Row[^1], own.Type.Row[^1], lanes) ? own.Type.Row[^1] * machine.Dot : 0;
                return Multiply(facts[op.X], own.Type.Row, facts[op.W], machine.LinearVector,
                    (machine.LinearTile * Math.Ceiling((double)own.Type.Row[^1] / lanes)) + folds);
            case Operator.OuterSum op:
                return Multiply(facts[op.X], facts[op.Y].Type.Row, own, machine.OuterVector, machine.OuterRow) +
                    (own.Rows * Bytes(id) * LevelOf(id).ByteNs);
            case Operator.Reduce op:
                return (facts[op.X].Rows * (machine.Neighbour + (Vectors(own.Width) * machine.Operation) + Expression(op.X))) +
                    (own.Rows * machine.Row);
            case Operator.RowReduce op:
                return own.Rows * ((Vectors(facts[op.X].Width) * machine.Operation) + (own.Width * machine.Dot) + Expression(op.X));
            case Operator.Concat op:
                return own.Rows * (Vectors(own.Width) * machine.Operation + op.Parts.Items.Sum(part => Expression(part)));
            default:
                return own.Rows * Expression(id, self: true);
        }
    }

    /// <summary>Rows of x times slices: a launch, the multiply-adds, something for each row of each block, and something for each slice.</summary>
    private double Multiply(Facts x, Shape columns, Facts slices, double vector, double row)
    {
        double bytes = slices.Width * ElementBytes(slices);
        return machine.LaunchNs + (x.Rows * (x.Width / x.Type.Row[^1]) * PlanCosts.MultiplyAdds(x.Type.Row[^1], columns[^1], lanes) * vector) + (x.Rows * (x.Width / x.Type.Row[^1]) * row) +
            (Math.Min(slices.Rows, x.Rows) * (machine.Slice + (bytes * machine.LevelOf(slices.Rows * bytes).ByteNs)));
    }

    /// <summary>The arithmetic for a row, of all expressions that are computed in place.</summary>
    private double Expression(int id, bool self = false)
    {
        if (located[id] && !self)
        {
            return 0;
        }

        double sum = 0;
        if (facts[id].Op is Operator.Pointwise op)
        {
            sum = Vectors(facts[id].Width) * facts[id].Arithmetic(machine);
        }

        foreach (int operand in facts[id].Op.Operands)
        {
            sum += Expression(operand);
        }

        return sum;
    }

    /// <summary>The time to read what a value is computed from; marks what has to be written for it.</summary>
    private double Reads(int id)
    {
        Facts own = facts[id];
        double sum = 0;
        bool contracts = own.Op is Operator.TypedLinear or Operator.OuterSum;
        if (contracts)
        {
            int x = own.Op.Operands[0];
            sum += Read(x, facts[x].Rows, null, null, isFar: true, reduces: false, facts[x].Width);
            if (own.Op is Operator.OuterSum outer)
            {
                sum += Read(outer.Y, facts[x].Rows, null, null, isFar: true, reduces: false, facts[outer.Y].Width);
            }
            else
            {
                written[own.Op.Operands[1]] = true;
            }

            return sum;
        }

        Map? loop = own.Op is Operator.Reduce reduce ? reduce.Map : along[id];
        if (own.Op is Operator.Pointwise or Operator.Gather or Operator.Reshape or Operator.Regroup or Operator.Transpose or Operator.Slice)
        {
            return ReadOperands(id, own.Rows, loop);
        }

        foreach (int operand in own.Op.Operands)
        {
            sum += Read(operand, facts[operand].Rows, null, loop, isFar: false, own.Op is Operator.Reduce, facts[operand].Width);
        }

        return sum;
    }

    private double ReadOperands(int id, double rows, Map? loop)
    {
        Operator op = facts[id].Op;
        Map? map = (op as Operator.Gather)?.Map;
        double sum = 0;
        foreach (int operand in op.Operands)
        {
            sum += Read(operand, rows, map, loop, isFar: false, reduces: false, op is Operator.Slice ? facts[id].Width : facts[operand].Width);
        }

        return sum;
    }

    /// <summary>The time to read a value's rows.</summary>
    /// <param name="id">The value.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="map">The map that picks them; null where they are read in order.</param>
    /// <param name="loop">The map along which a traversal walks the readers' rows, if one does.</param>
    /// <param name="isFar">Whether the reader is a kernel of its own.</param>
    /// <param name="reduces">Whether the reader reduces over neighbours, which a contraction does not take on.</param>
    /// <param name="width">The numbers of a row that are read.</param>
    private double Read(int id, double rows, Map? map, Map? loop, bool isFar, bool reduces, double width)
    {
        Facts own = facts[id];
        if (!located[id])
        {
            double sum = 0;
            foreach (int operand in own.Op.Operands)
            {
                Map? through = own.Op is Operator.Gather gather ? map is null ? gather.Map : Map.Compose(gather.Map, map) : map;
                sum += Read(operand, rows, through, loop, isFar, reduces, own.Op is Operator.Pointwise ? facts[operand].Width : width);
            }

            return sum;
        }

        if (constant[id] && own.Op is Operator.Constant)
        {
            return 0;
        }

        bool isNear = !isFar && own.Op is not (Operator.Input or Operator.Weight) &&
            (map is null ? !reduces || own.Op is not (Operator.TypedLinear or Operator.OuterSum) : loop is not null && map == loop);
        written[id] |= !isNear;
        if (map is not null && loop is not null && Map.Factor(map, loop) is not null)
        {
            // The same for all neighbours of a row: read once.
            rows = Math.Min(rows, graph.Rows(loop.To));
        }

        if (isNear)
        {
            return rows * Vectors(width) * machine.Near;
        }

        double bytes = width * ElementBytes(own);
        if ((map is null || graph.IsSorted(map)) && (loop is null || graph.IsSorted(loop)))
        {
            return rows * bytes * LevelOf(id).ByteNs;
        }

        if (map is null)
        {
            return rows * LevelOf(id).RowNs(bytes);
        }

        ImmutableArray<double> shares = graph.SharesOf(loop, map, Bytes(id), machine);
        return rows * shares.Select((share, level) => share * machine.Levels[level].RowNs(bytes)).Sum();
    }

    private MemoryLevel LevelOf(int id) => machine.LevelOf(facts[id].Rows * Bytes(id));

    private double Bytes(int id) => facts[id].Width * ElementBytes(facts[id]);

    private int ElementBytes(Facts value) => NarrowStorage.MayNarrow(value.Op, value.Width, options) ? options.Storage.Bytes() : sizeof(float);

    private double Vectors(double width)
    {
        int whole = (int)width / lanes;
        int rest = (int)width % lanes;
        return whole + (rest == 0 ? 0 : rest is 1 or 2 or 4 or 8 ? 1 : 2);
    }

    private sealed record Facts(Operator Op, RowType Type, double Rows, double Width)
    {
        private double? arithmetic;

        /// <summary>The operations on a vector of the value.</summary>
        public double Arithmetic(MachineCosts machine) => arithmetic ??= Weight(((Operator.Pointwise)Op).Expression, machine);

        private static double Weight(Expr expression, MachineCosts machine) => expression.Children.Sum(e => Weight(e, machine)) + expression switch
        {
            Expr.Unary { Function: UnaryFunction.Neg or UnaryFunction.Abs or UnaryFunction.Detach } => machine.Operation,
            Expr.Unary => machine.Function,
            Expr.Binary { Function: BinaryFunction.Div } => 3 * machine.Operation,
            Expr.Binary or Expr.Select => machine.Operation,
            _ => 0,
        };
    }
}
