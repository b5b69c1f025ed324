namespace Pigeon.Simulator;

/// <content>Comparisons, moves and conversions.</content>
internal sealed partial class FunctionDecoder
{
    private Instruction Comparison()
    {
        string opcode = now.Opcode[0];
        PtxType type = Type();
        switch (opcode)
        {
            case "setp":
                return SetPredicate(type);
            case "selp":
                int bytes = type.Bytes();
                Row a = Source(Operand(1), bytes), b = Source(Operand(2), bytes);
                (Row p, uint flip) = Predicate(Operand(3));
                Row d = Target(Operand(0), bytes);
                return Done(bytes switch
                {
                    2 => new SelectOperation<ushort>(d, a, b, p, flip),
                    4 => new SelectOperation<uint>(d, a, b, p, flip),
                    _ => new SelectOperation<ulong>(d, a, b, p, flip),
                }, InstructionClass.Other);
            case "testp" when type is PtxType.F32:
                Row tested = Source(Operand(1), 4);
                Row result = Target(Operand(0), 0);
                Func<float, bool> test = now.Opcode[1] switch
                {
                    "finite" => float.IsFinite,
                    "infinite" => float.IsInfinity,
                    "number" => value => !float.IsNaN(value),
                    "notanumber" => float.IsNaN,
                    "normal" => float.IsNormal,
                    "subnormal" => float.IsSubnormal,
                    _ => throw kernel.Unsupported(now),
                };
                return Done(new LaneOperation(result, [tested], (x, _, _) =>
                    test(BitConverter.UInt32BitsToSingle((uint)x)) ? 1u : 0), InstructionClass.Other);
            default:
                throw kernel.Unsupported(now);
        }
    }

    private Instruction SetPredicate(PtxType type)
    {
        (PtxOperand first, PtxOperand? second) = Operand(0) is PtxOperand.Pair pair ? (pair.First, pair.Second) : (Operand(0), null);
        LogicOperator combine = now.Has("and") ? LogicOperator.And : now.Has("or") ? LogicOperator.Or
            : now.Has("xor") ? LogicOperator.Xor : LogicOperator.None;
        Row a = Source(Operand(1), type.Bytes()), b = Source(Operand(2), type.Bytes());
        (Row c, uint flip) = combine == LogicOperator.None ? (Row.None, 0) : Predicate(Operand(3));
        Row p = Target(first, 0), q = second is null ? Row.None : Target(second, 0);
        if (!p.Exists)
        {
            // A result that nobody wants still needs a place.
            p = code.Add(0);
        }
        string relation = now.Opcode[1];
        Operation compare = type switch
        {
            PtxType.F32 when now.Has("ftz") => throw kernel.Unsupported(now, "comparisons that flush subnormals"),
            PtxType.F32 => Compare<float>(relation, true, p, q, a, b, combine, c, flip),
            PtxType.F64 => Compare<double>(relation, true, p, q, a, b, combine, c, flip),
            PtxType.S16 => Compare<short>(relation, false, p, q, a, b, combine, c, flip),
            PtxType.U16 or PtxType.B16 => Compare<ushort>(relation, false, p, q, a, b, combine, c, flip),
            PtxType.S32 => Compare<int>(relation, false, p, q, a, b, combine, c, flip),
            PtxType.U32 or PtxType.B32 => Compare<uint>(relation, false, p, q, a, b, combine, c, flip),
            PtxType.S64 => Compare<long>(relation, false, p, q, a, b, combine, c, flip),
            PtxType.U64 or PtxType.B64 => Compare<ulong>(relation, false, p, q, a, b, combine, c, flip),
            _ => throw kernel.Unsupported(now),
        };
        return Done(compare, InstructionClass.Integer);
    }

    /// <summary>
    /// A relation by its name. Those that end in u hold where an operand is NaN too, so they are the complement of the opposite one;
    /// <c>lo</c>, <c>ls</c>, <c>hi</c> and <c>hs</c> are unsigned forms.
    /// </summary>
    private Operation Compare<T>(
        string relation, bool isFloat, Row p, Row q, Row a, Row b, LogicOperator combine, Row c, uint flip)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        return relation switch
        {
            "eq" => new CompareOperation<T, Equal<T>>(p, q, a, b, false, combine, c, flip),
            "ne" when !isFloat => new CompareOperation<T, Equal<T>>(p, q, a, b, true, combine, c, flip),
            "ne" => new CompareOperation<T, NotEqual<T>>(p, q, a, b, false, combine, c, flip),
            "lt" or "lo" => new CompareOperation<T, Less<T>>(p, q, a, b, false, combine, c, flip),
            "le" or "ls" => new CompareOperation<T, LessOrEqual<T>>(p, q, a, b, false, combine, c, flip),
            "gt" or "hi" => new CompareOperation<T, Less<T>>(p, q, b, a, false, combine, c, flip),
            "ge" or "hs" => new CompareOperation<T, LessOrEqual<T>>(p, q, b, a, false, combine, c, flip),
            "equ" => new CompareOperation<T, NotEqual<T>>(p, q, a, b, true, combine, c, flip),
            "neu" => new CompareOperation<T, Equal<T>>(p, q, a, b, true, combine, c, flip),
            "ltu" => new CompareOperation<T, LessOrEqual<T>>(p, q, b, a, true, combine, c, flip),
            "leu" => new CompareOperation<T, Less<T>>(p, q, b, a, true, combine, c, flip),
            "gtu" => new CompareOperation<T, LessOrEqual<T>>(p, q, a, b, true, combine, c, flip),
            "geu" => new CompareOperation<T, Less<T>>(p, q, a, b, true, combine, c, flip),
            "num" => new CompareOperation<T, Ordered<T>>(p, q, a, b, false, combine, c, flip),
            "nan" => new CompareOperation<T, Ordered<T>>(p, q, a, b, true, combine, c, flip),
            _ => throw kernel.Unsupported(now),
        };
    }

    private Instruction Move()
    {
        PtxType type = Type();
        if (type == PtxType.Pred)
        {
            (Row from, uint flip) = Predicate(Operand(1));
            Row to = Target(Operand(0), 0);
            return Done(new PredicateOperation(to, from, flip, Row.None, 0, (x, _) => x), InstructionClass.Other);
        }
        int bytes = type.Bytes();
        if (Operand(0) is PtxOperand.Vector parts)
        {
            int part = bytes / parts.Items.Length;
            Row whole = Source(Operand(1), bytes);
            Row[] to = [.. parts.Items.Select(item => Target(item, part))];
            return Done(new UnpackOperation(to, whole, part), InstructionClass.Other);
        }
        if (Operand(1) is PtxOperand.Vector pieces)
        {
            int piece = bytes / pieces.Items.Length;
            Row[] from = [.. pieces.Items.Select(item => Source(item, piece))];
            return Done(new PackOperation(Target(Operand(0), bytes), from, piece), InstructionClass.Other);
        }
        if (Operand(1) is PtxOperand.Special { Text: "%clock" or "%clock64" or "%clock_hi" or "%globaltimer" or "%globaltimer_lo" })
        {
            return Done(new ClockOperation(Target(Operand(0), bytes)), InstructionClass.Other);
        }
        if (Operand(1) is PtxOperand.Name function && kernel.Module.Functions.ContainsKey(function.Text))
        {
            throw kernel.Unsupported(now, "the address of a function");
        }
        Row a = Source(Operand(1), bytes);
        Row d = Target(Operand(0), bytes);
        return Done(bytes switch
        {
            2 => new MoveOperation<ushort>(d, a),
            4 => new MoveOperation<uint>(d, a),
            _ => new MoveOperation<ulong>(d, a),
        }, InstructionClass.Other);
    }

    private Instruction Convert()
    {
        PtxType from = Type(), to = Type(1);
        bool pair = to is PtxType.F16X2 or PtxType.BF16X2;
        RoundingMode mode = Mode();
        RoundingMode? whole = now.Has("rni") ? RoundingMode.Nearest : now.Has("rzi") || now.Has("rmi") || now.Has("rpi") ? mode : null;
        if (whole is not null && !to.IsInteger())
        {
            mode = RoundingMode.Nearest;
        }
        var conversion = new Conversion(pair ? to == PtxType.F16X2 ? PtxType.F16 : PtxType.BF16 : to, from, mode, whole, now.Has("sat"),
            now.Has("ftz"), now.Has("relu"));
        if (from is PtxType.F16X2 or PtxType.BF16X2 || now.Has("satfinite") || now.Has("rs"))
        {
            throw kernel.Unsupported(now);
        }
        if (pair)
        {
            Row[] halves = Sources(1, 2, 4);
            return Done(new LaneOperation(Target(Operand(0), 4), halves, (high, low, _) =>
                (conversion.Apply(high) << 16) | conversion.Apply(low)), InstructionClass.Other);
        }
        Row a = Source(Operand(1), from.Bytes(), wide: true);
        Row d = Target(Operand(0), to.Bytes(), wide: true);
        if (from.IsInteger() && to.IsInteger() && !conversion.Saturates && a.Bytes == from.Bytes() && d.Bytes == to.Bytes())
        {
            return Done(from switch
            {
                PtxType.U16 => Integers<ushort>(to, d, a),
                PtxType.S16 => Integers<short>(to, d, a),
                PtxType.U32 => Integers<uint>(to, d, a),
                PtxType.S32 => Integers<int>(to, d, a),
                PtxType.U64 => Integers<ulong>(to, d, a),
                PtxType.S64 => Integers<long>(to, d, a),
                _ => throw kernel.Unsupported(now),
            }, InstructionClass.Other);
        }
        // A register may be wider than the type of the result: it is extended as the type says.
        return Done(new LaneOperation(d, [a], (bits, _, _) =>
        {
            ulong value = conversion.Apply(bits);
            return to.IsSigned() ? (ulong)BitFunctions.Signed(value, to.Bytes()) : BitFunctions.Unsigned(value, to.Bytes());
        }), InstructionClass.Other);
    }

    private Operation Integers<TFrom>(PtxType to, Row d, Row a)
        where TFrom : unmanaged, System.Numerics.IBinaryInteger<TFrom> => to.Bytes() switch
        {
            2 => new IntegerConvertOperation<TFrom, ushort>(d, a),
            4 => new IntegerConvertOperation<TFrom, uint>(d, a),
            8 => new IntegerConvertOperation<TFrom, ulong>(d, a),
            _ => throw kernel.Unsupported(now),
        };

    private Instruction ConvertAddress()
    {
        bool toSpace = now.Has("to");
        string space = now.Opcode[toSpace ? 2 : 1];
        ulong window = space switch
        {
            "shared" or "shared::cta" => AddressMap.Base(AddressMap.SharedWindow),
            "local" => AddressMap.Base(AddressMap.LocalWindow),
            "global" or "const" => 0,
            _ => throw kernel.Unsupported(now),
        };
        if (Type().Bytes() != 8)
        {
            throw kernel.Unsupported(now, "generic addresses have 64 bits");
        }
        Row a = Source(Operand(1), 8);
        Row d = Target(Operand(0), 8);
        return Done(new BinaryOperation<ulong, Add<ulong>>(d, a, Constant(toSpace ? 0 - window : window, 8)), InstructionClass.Integer);
    }
}
