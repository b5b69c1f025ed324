namespace Pigeon.Simulator;

/// <content>Warp operations, barriers and calls.</content>
internal sealed partial class FunctionDecoder
{
    private Instruction WarpOperation()
    {
        switch (now.Opcode[0])
        {
            case "activemask":
                return Done(new ActiveMaskOperation(Target(Operand(0), 4)), InstructionClass.Warp);
            case "shfl" when now.Has("sync") && Type().Bytes() == 4:
                (PtxOperand to, PtxOperand? inRange) = Pair(Operand(0));
                Row a = Source(Operand(1), 4);
                // The value may be undefined in lanes that nobody reads; distances may not.
                reads.Clear();
                Row b = Source(Operand(2), 4), c = Source(Operand(3), 4), members = Source(Operand(4), 4);
                Row d = Target(to, 4), p = inRange is null ? Row.None : Target(inRange, 0);
                writes.Clear();
                return Done(new ShuffleOperation(d, p, a, b, c, now.Opcode[2]), InstructionClass.Warp, strict: true, flow: Flow.WarpSync,
                    selector: members);
            case "vote" when now.Has("sync"):
                (Row holds, uint flip) = Predicate(Operand(1));
                Row voters = Source(Operand(2), 4);
                bool ballot = now.Opcode[2] == "ballot";
                return Done(new VoteOperation(Target(Operand(0), ballot ? 4 : 0), holds, flip, now.Opcode[2]), InstructionClass.Warp,
                    strict: true, flow: Flow.WarpSync, selector: voters);
            case "match" when now.Has("sync"):
                (PtxOperand same, PtxOperand? all) = Pair(Operand(0));
                Row value = Source(Operand(1), Type().Bytes()), matching = Source(Operand(2), 4);
                return Done(new MatchOperation(Target(same, 4), all is null ? Row.None : Target(all, 0), value, now.Has("all")),
                    InstructionClass.Warp, strict: true, flow: Flow.WarpSync, selector: matching);
            case "redux" when now.Has("sync"):
                PtxType type = Type();
                Row reduced = Source(Operand(1), 4), reducing = Source(Operand(2), 4);
                Func<ulong, ulong, ulong, ulong> function = AtomicOperation.Find(now.Opcode[2], type) ?? throw kernel.Unsupported(now);
                return Done(new WarpReduceOperation(Target(Operand(0), 4), reduced, function), InstructionClass.Warp, strict: true,
                    flow: Flow.WarpSync, selector: reducing);
            default:
                throw kernel.Unsupported(now);
        }
    }

    private static (PtxOperand First, PtxOperand? Second) Pair(PtxOperand operand) =>
        operand is PtxOperand.Pair pair ? (pair.First, pair.Second is PtxOperand.Sink ? null : pair.Second) : (operand, null);

    private Instruction Mma()
    {
        // mma.sync.aligned.m16n8kK.row.col.f32.T.T.f32
        string[] o = now.Opcode;
        bool known = o.Length == 10 && o[1] == "sync" && o[2] == "aligned" && o[4] == "row" && o[5] == "col" && o[6] == "f32"
            && o[9] == "f32"
            && o[7] == o[8] && (o[3], o[7]) is ("m16n8k4" or "m16n8k8", "tf32") or ("m16n8k8" or "m16n8k16", "bf16" or "f16");
        if (!known)
        {
            throw kernel.Unsupported(now);
        }
        int k = int.Parse(o[3].AsSpan(6), System.Globalization.CultureInfo.InvariantCulture);
        Row[] a = [.. Items(Operand(1)).Select(item => Source(item, 4))], b = [.. Items(Operand(2)).Select(item => Source(item, 4))];
        Row[] c = [.. Items(Operand(3)).Select(item => Source(item, 4))], d = [.. Items(Operand(0)).Select(item => Target(item, 4))];
        int elements = o[7] == "tf32" ? k : k / 2;
        if (a.Length != elements / 2 || b.Length != elements / 4 || c.Length != 4 || d.Length != 4)
        {
            throw kernel.Unsupported(now);
        }
        return Done(new MmaOperation(d, a, b, c, k, PtxTypes.Parse(o[7])), InstructionClass.Mma, 2 * 16 * 8 * k, strict: true,
            flow: Flow.WarpAligned);
    }

    private Instruction Barrier()
    {
        if (now.Has("warp"))
        {
            return Done(new WarpBarrierOperation(), InstructionClass.Barrier, strict: true, flow: Flow.WarpSync,
                selector: Source(Operand(0), 4));
        }
        if (now.Has("cluster"))
        {
            throw kernel.Unsupported(now);
        }
        bool reduces = now.Has("red");
        int first = 0;
        Row result = Row.None, source = Row.None;
        uint flip = 0;
        BarrierKind kind = now.Has("arrive") ? BarrierKind.Arrive : !reduces ? BarrierKind.Sync
            : now.Has("popc") ? BarrierKind.Count : now.Has("and") ? BarrierKind.And : BarrierKind.Or;
        int operands = now.Operands.Length;
        if (reduces)
        {
            result = Target(Operand(0), kind == BarrierKind.Count ? 4 : 0);
            (source, flip) = Predicate(Operand(operands - 1));
            (first, operands) = (1, operands - 1);
        }
        Row number = Source(Operand(first), 4);
        Row threads = operands > first + 1 ? Source(Operand(first + 1), 4) : Row.None;
        return Done(new BarrierOperation(kind, number, threads, source, flip, result), InstructionClass.Barrier, strict: true,
            flow: Flow.Barrier);
    }

    private Instruction Call()
    {
        int first = Operand(0) is PtxOperand.Vector ? 1 : 0;
        if (Operand(first) is not PtxOperand.Name name)
        {
            throw kernel.Unsupported(now, "calls through a pointer");
        }
        FunctionCode callee = kernel.Function(name.Text, now);
        PtxFunction function = callee.Function;
        PtxOperand[] results = first == 1 ? Items(Operand(0)) : [];
        PtxOperand[] arguments = now.Operands.Length > first + 1 ? Items(Operand(first + 1)) : [];
        if (results.Length != function.Results.Count || arguments.Length != function.Parameters.Count)
        {
            throw kernel.Unsupported(now, "it passes other arguments than the function has");
        }
        return new Instruction
        {
            Source = now,
            Flow = Flow.Call,
            Class = InstructionClass.Control,
            Callee = callee,
            Results = Storage(results, function.Results),
            Arguments = Storage(arguments, function.Parameters),
        };
    }

    /// <summary>Pairs what a call passes with the callee's storage.</summary>
    private (int Caller, int Callee, int Bytes)[] Storage(PtxOperand[] passed, List<PtxVariable> declared)
    {
        var pairs = new (int, int, int)[passed.Length];
        for (int i = 0; i < passed.Length; i++)
        {
            if (passed[i] is not PtxOperand.Symbol { Variable: var variable } || !storage.TryGetValue(variable, out int place)
                || variable.Bytes != declared[i].Bytes)
            {
                throw kernel.Unsupported(now, "an argument that is no parameter variable");
            }
            pairs[i] = (place, kernel.StorageOf(declared[i]), (int)variable.Bytes);
        }
        return pairs;
    }
}
