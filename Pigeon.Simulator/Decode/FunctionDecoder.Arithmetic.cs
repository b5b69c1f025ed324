namespace Pigeon.Simulator;

/// <content>Arithmetic, bits, comparisons, moves and conversions.</content>
internal sealed partial class FunctionDecoder
{
    private RoundingMode Mode()
    {
        foreach (string part in now.Opcode.AsSpan(1))
        {
            switch (part)
            {
                case "rz" or "rzi":
                    return RoundingMode.Zero;
                case "rm" or "rmi":
                    return RoundingMode.Down;
                case "rp" or "rpi":
                    return RoundingMode.Up;
                case "rna":
                    return RoundingMode.NearestAway;
            }
        }
        return RoundingMode.Nearest;
    }

    private Instruction Arithmetic()
    {
        PtxType type = Type();
        return type switch
        {
            PtxType.F32 => SingleArithmetic(),
            PtxType.F64 => DoubleArithmetic(),
            PtxType.F16 or PtxType.BF16 or PtxType.F16X2 or PtxType.BF16X2 => HalfArithmetic(type),
            _ => IntegerArithmetic(type),
        };
    }

    private Row[] Sources(int first, int count, int bytes)
    {
        var rows = new Row[count];
        for (int i = 0; i < count; i++)
        {
            rows[i] = Source(Operand(first + i), bytes);
        }
        return rows;
    }

    private Instruction SingleArithmetic()
    {
        string opcode = now.Opcode[0];
        RoundingMode mode = Mode();
        bool flush = now.Has("ftz"), saturate = now.Has("sat");
        Row[] s = Sources(1, FloatFunctions.Operands(opcode), 4);
        Row d = Target(Operand(0), 4);
        if (mode == RoundingMode.Nearest && !flush && !saturate)
        {
            Operation? plain = opcode switch
            {
                "add" => new BinaryOperation<float, Add<float>>(d, s[0], s[1]),
                "sub" => new BinaryOperation<float, Subtract<float>>(d, s[0], s[1]),
                "mul" => new BinaryOperation<float, Multiply<float>>(d, s[0], s[1]),
                "fma" or "mad" => new TernaryOperation<float, FusedMultiplyAdd<float>>(d, s[0], s[1], s[2]),
                _ => null,
            };
            if (plain is not null)
            {
                return Done(plain, s.Length == 3 ? InstructionClass.Fma : InstructionClass.Float, s.Length == 3 ? 2 : 1);
            }
        }
        if (now.Has("xorsign") || now.Has("NaN") || now.Has("relu"))
        {
            throw kernel.Unsupported(now);
        }
        Func<float, float, float, float> function = FloatFunctions.Single(opcode, mode) ?? throw kernel.Unsupported(now);
        bool special = now.Has("approx") || opcode is "div" or "rcp" or "sqrt" or "rsqrt";
        return Done(new SingleOperation(d, s, function, flush, saturate),
            special ? InstructionClass.Special : s.Length == 3 ? InstructionClass.Fma : InstructionClass.Float, s.Length == 3 ? 2 : 1);
    }

    private Instruction DoubleArithmetic()
    {
        string opcode = now.Opcode[0];
        RoundingMode mode = Mode();
        Row[] s = Sources(1, FloatFunctions.Operands(opcode), 8);
        Row d = Target(Operand(0), 8);
        Operation? plain = (opcode, mode) switch
        {
            ("add", RoundingMode.Nearest) => new BinaryOperation<double, Add<double>>(d, s[0], s[1]),
            ("sub", RoundingMode.Nearest) => new BinaryOperation<double, Subtract<double>>(d, s[0], s[1]),
            ("mul", RoundingMode.Nearest) => new BinaryOperation<double, Multiply<double>>(d, s[0], s[1]),
            ("fma" or "mad", RoundingMode.Nearest) => new TernaryOperation<double, FusedMultiplyAdd<double>>(d, s[0], s[1], s[2]),
            _ => null,
        };
        plain ??= new DoubleOperation(d, s, FloatFunctions.Double(opcode, mode) ?? throw kernel.Unsupported(now));
        return Done(plain, s.Length == 3 ? InstructionClass.Fma : InstructionClass.Float, s.Length == 3 ? 2 : 1);
    }

    private Instruction HalfArithmetic(PtxType type)
    {
        string opcode = now.Opcode[0];
        int count = FloatFunctions.Operands(opcode);
        bool bfloat = type is PtxType.BF16 or PtxType.BF16X2, relu = now.Has("relu"), saturate = now.Has("sat");
        Func<float, float, float, double> function = FloatFunctions.Half(opcode) ?? throw kernel.Unsupported(now);
        if (now.Has("NaN") || now.Has("xorsign"))
        {
            throw kernel.Unsupported(now);
        }
        int bits = type.Bytes() * 8;
        Row[] s = Sources(1, count, type.Bytes());
        Row d = Target(Operand(0), type.Bytes());
        return Done(new LaneOperation(d, s, Apply), count == 3 ? InstructionClass.Fma : InstructionClass.Float, (count == 3 ? 2
            : 1) * bits / 16);

        float Value(ulong pair, int shift) =>
            bfloat ? HalfFormats.FromBFloat((ushort)(pair >> shift)) : HalfFormats.FromHalf((ushort)(pair >> shift));

        ulong Apply(ulong a, ulong b, ulong c)
        {
            ulong result = 0;
            for (int shift = 0; shift < bits; shift += 16)
            {
                double value = function(Value(a, shift), Value(b, shift), Value(c, shift));
                value = relu && value < 0 ? 0 : saturate ? Rounding.Saturate(value) : value;
                ushort half = bfloat ? HalfFormats.ToBFloat(value, RoundingMode.Nearest) : HalfFormats.ToHalf(value, RoundingMode.Nearest);
                result |= (ulong)half << shift;
            }
            return result;
        }
    }

    private Instruction IntegerArithmetic(PtxType type)
    {
        string opcode = now.Opcode[0];
        if (now.Has("cc") || opcode is "addc" or "subc")
        {
            return Carrying(type, opcode);
        }
        if (now.Has("sat") || now.Has("relu") || opcode is "mul24" or "mad24")
        {
            return now.Has("sat") && type == PtxType.S32 && opcode is "add" or "sub"
                ? SaturatingSum(opcode == "sub") : throw kernel.Unsupported(now);
        }
        if (now.Has("wide"))
        {
            Row[] factors = Sources(1, 2, type.Bytes());
            Row addend = opcode == "mad" ? Source(Operand(3), 2 * type.Bytes()) : Row.None;
            Row wide = Target(Operand(0), 2 * type.Bytes());
            return Done(Wide(type, wide, factors[0], factors[1], addend), InstructionClass.Integer);
        }
        int count = opcode is "mad" or "sad" or "dp4a" ? 3 : opcode is "neg" or "abs" ? 1 : 2;
        Row[] s = Sources(1, count, type.Bytes());
        Row d = Target(Operand(0), type.Bytes());
        Operation? vector = now.Has("hi") ? null : type switch
        {
            PtxType.U16 => Vectorised<ushort>(opcode, d, s),
            PtxType.S16 => Vectorised<short>(opcode, d, s),
            PtxType.U32 or PtxType.B32 => Vectorised<uint>(opcode, d, s),
            PtxType.S32 => Vectorised<int>(opcode, d, s),
            PtxType.U64 => Vectorised<ulong>(opcode, d, s),
            PtxType.S64 => Vectorised<long>(opcode, d, s),
            _ => null,
        };
        vector ??= new LaneOperation(d, s, BitFunctions.Find(opcode, now.Opcode, type) ?? throw kernel.Unsupported(now));
        return Done(vector, InstructionClass.Integer);
    }

    private static Operation? Vectorised<T>(string opcode, Row d, Row[] s)
        where T : unmanaged, System.Numerics.IBinaryInteger<T> => opcode switch
        {
            "add" => new BinaryOperation<T, Add<T>>(d, s[0], s[1]),
            "sub" => new BinaryOperation<T, Subtract<T>>(d, s[0], s[1]),
            "mul" => new BinaryOperation<T, Multiply<T>>(d, s[0], s[1]),
            "mad" => new TernaryOperation<T, MultiplyAdd<T>>(d, s[0], s[1], s[2]),
            "min" => new BinaryOperation<T, Minimum<T>>(d, s[0], s[1]),
            "max" => new BinaryOperation<T, Maximum<T>>(d, s[0], s[1]),
            "and" => new BinaryOperation<T, And<T>>(d, s[0], s[1]),
            "or" => new BinaryOperation<T, Or<T>>(d, s[0], s[1]),
            "xor" => new BinaryOperation<T, Xor<T>>(d, s[0], s[1]),
            _ => null,
        };

    private Operation Wide(PtxType type, Row d, Row a, Row b, Row c) => type switch
    {
        PtxType.U16 => new WideMultiplyOperation<ushort, uint>(d, a, b, c),
        PtxType.S16 => new WideMultiplyOperation<short, int>(d, a, b, c),
        PtxType.U32 => new WideMultiplyOperation<uint, ulong>(d, a, b, c),
        PtxType.S32 => new WideMultiplyOperation<int, long>(d, a, b, c),
        _ => throw kernel.Unsupported(now),
    };

    private Instruction SaturatingSum(bool negate)
    {
        Row[] s = Sources(1, 2, 4);
        Row d = Target(Operand(0), 4);
        return Done(new LaneOperation(d, s, (a, b, _) =>
            (ulong)Math.Clamp(negate ? (long)(int)a - (int)b : (long)(int)a + (int)b, int.MinValue, int.MaxValue)),
                InstructionClass.Integer);
    }

    private Instruction Carrying(PtxType type, string opcode)
    {
        if (opcode is not ("add" or "addc" or "sub" or "subc"))
        {
            throw kernel.Unsupported(now);
        }
        Row[] s = Sources(1, 2, type.Bytes());
        Row d = Target(Operand(0), type.Bytes());
        return Done(new CarryOperation(d, s[0], s[1], opcode[..3] == "sub", opcode.Length == 4, now.Has("cc")), InstructionClass.Integer);
    }

    private Instruction Bits()
    {
        string opcode = now.Opcode[0];
        PtxType type = Type();
        if (type == PtxType.Pred)
        {
            return PredicateLogic(opcode);
        }
        int bytes = type.Bytes();
        Row d;
        switch (opcode)
        {
            case "shl" or "shr":
                Row[] shifted = [Source(Operand(1), bytes), Source(Operand(2), 4)];
                d = Target(Operand(0), bytes);
                return Done(new LaneOperation(d, shifted, BitFunctions.Find(opcode, now.Opcode, type)!), InstructionClass.Integer);
            case "popc" or "clz" or "bfind":
                Row[] counted = Sources(1, 1, bytes);
                d = Target(Operand(0), 4);
                return Done(new LaneOperation(d, counted, BitFunctions.Find(opcode, now.Opcode, type)!), InstructionClass.Integer);
            case "bfe":
                Row[] field = [Source(Operand(1), bytes), Source(Operand(2), 4), Source(Operand(3), 4)];
                d = Target(Operand(0), bytes);
                return Done(new LaneOperation(d, field, BitFunctions.Find(opcode, now.Opcode, type)!), InstructionClass.Integer);
            case "bfi" or "shf" or "lop3":
                return FourOperands(opcode, bytes);
            default:
                int count = opcode is "not" or "cnot" or "brev" ? 1 : opcode == "prmt" ? 3 : 2;
                Row[] s = Sources(1, count, bytes);
                d = Target(Operand(0), bytes);
                Operation? vector = bytes switch
                {
                    2 => Vectorised<ushort>(opcode, d, s),
                    4 => Vectorised<uint>(opcode, d, s),
                    _ => Vectorised<ulong>(opcode, d, s),
                };
                vector ??= new LaneOperation(d, s, BitFunctions.Find(opcode, now.Opcode, type) ?? throw kernel.Unsupported(now));
                return Done(vector, InstructionClass.Integer);
        }
    }

    private Instruction FourOperands(string opcode, int bytes)
    {
        bool insert = opcode == "bfi";
        Row a = Source(Operand(1), bytes), b = Source(Operand(2), bytes), c = Source(Operand(3), 4);
        Row last = insert ? Source(Operand(4), 4) : Row.None;
        Row d = Target(Operand(0), bytes);
        bool left = now.Has("l"), wrap = now.Has("wrap");
        if (opcode == "lop3")
        {
            uint table = Operand(4) is PtxOperand.Immediate immediate && !now.Has("BoolOp") ? (uint)immediate.Bits
                : throw kernel.Unsupported(now);
            return Done(new LaneOperation(d, [a, b, c], (x, y, z) => BitFunctions.Logic((uint)x, (uint)y, (uint)z, table)),
                InstructionClass.Integer);
        }
        return Done(insert ? new InsertOperation(d, a, b, c, last)
            : new LaneOperation(d, [a, b, c], (x, y, z) => BitFunctions.Funnel((uint)x, (uint)y, (uint)z, left, wrap)),
                InstructionClass.Integer);
    }

    private Instruction PredicateLogic(string opcode)
    {
        (Row a, uint flipA) = Predicate(Operand(1));
        (Row b, uint flipB) = opcode == "not" ? (Row.None, 0) : Predicate(Operand(2));
        Row d = Target(Operand(0), 0);
        return Done(new PredicateOperation(d, a, flipA, b, flipB, opcode switch
        {
            "and" => (x, y) => x & y,
            "or" => (x, y) => x | y,
            "xor" => (x, y) => x ^ y,
            "not" => (x, _) => ~x,
            _ => throw kernel.Unsupported(now),
        }), InstructionClass.Integer);
    }
}
