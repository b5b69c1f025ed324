namespace Pigeon.Simulator;

/// <summary>Decodes the instructions of one function. This part lays out its registers and reads operands.</summary>
internal sealed partial class FunctionDecoder
{
    private readonly KernelDecoder kernel;
    private readonly FunctionCode code;
    private readonly Row[] registers;
    private readonly Dictionary<(ulong, int), Row> constants = [];
    private readonly Dictionary<(SpecialRegister, long, int), Row> specials = [];
    private readonly Dictionary<PtxVariable, int> storage = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<PtxVariable, int> locals = new(ReferenceEqualityComparer.Instance);
    private readonly List<int> reads = [];
    private readonly List<int> writes = [];
    private PtxInstruction now = null!;

    public FunctionDecoder(KernelDecoder kernel, FunctionCode code)
    {
        (this.kernel, this.code) = (kernel, code);
        PtxFunction function = code.Function;
        // Slots 0 … n-1 are the registers by their numbers: findings name them.
        registers = [.. function.Registers.Select(register => code.Add(register.Type == PtxType.Pred ? 0 : Math.Max(register.Type.Bytes(),
            2)))];
        if (!function.IsKernel)
        {
            foreach (PtxVariable parameter in function.Results.Concat(function.Parameters))
            {
                storage[parameter] = kernel.StorageOf(parameter);
            }
        }
        foreach (PtxVariable variable in function.Variables)
        {
            if (variable.Space == PtxSpace.Param)
            {
                storage[variable] = code.AddStorage(variable.Bytes);
            }
            else if (variable.Space == PtxSpace.Local)
            {
                int alignment = Math.Max(variable.Alignment, 1);
                code.LocalBytes = checked((int)((code.LocalBytes + alignment - 1) / alignment * alignment + variable.Bytes));
                locals[variable] = code.LocalBytes - (int)variable.Bytes;
            }
        }
    }

    /// <summary>Decodes all instructions, and then the places that they jump to.</summary>
    public void Run()
    {
        code.Entry = kernel.Count;
        PtxFunction function = code.Function;
        foreach (PtxInstruction instruction in function.Instructions)
        {
            now = instruction;
            reads.Clear();
            writes.Clear();
            Instruction decoded = Decode();
            if (instruction.Guard is PtxOperand.Register guard)
            {
                decoded.Guard = registers[guard.Value.Index];
                decoded.GuardFlip = guard.Negated ? Operation.AllLanes : 0;
            }
            kernel.Add(decoded);
        }
        // The end of a body is a return.
        PtxInstruction last = new(["ret"], [], null, function.Instructions.LastOrDefault()?.Line ?? 0, default);
        kernel.Add(new Instruction { Source = last, Flow = Flow.Return, Class = InstructionClass.Control });
        for (int i = 0; i < function.Instructions.Count; i++)
        {
            now = function.Instructions[i];
            Instruction decoded = kernel.At(code.Entry + i);
            if (decoded.Flow == Flow.Branch)
            {
                decoded.Target = Label(now.Operands[0]);
            }
            else if (decoded.Flow == Flow.IndexedBranch)
            {
                decoded.Targets = [.. ((PtxOperand.Vector)now.Operands[1]).Items.Select(Label)];
            }
        }
    }

    private int Label(PtxOperand operand)
    {
        int at = operand is PtxOperand.Name name ? name.Scope.Label(name.Text) : -1;
        return at >= 0 ? code.Entry + at : throw kernel.Unsupported(now, "its label is not in the function");
    }

    private Instruction Decode() => now.Opcode[0] switch
    {
        "add" or "sub" or "mul" or "mad" or "fma" or "div" or "rem" or "min" or "max" or "abs" or "neg" or "rcp" or "sqrt" or "rsqrt"
            or "ex2"
            or "lg2" or "sin" or "cos" or "tanh" or "copysign" or "sad" or "addc" or "subc" or "mul24" or "mad24" or "dp4a" => Arithmetic(),
        "and" or "or" or "xor" or "not" or "cnot" or "shl" or "shr" or "shf" or "lop3" or "popc" or "clz" or "brev" or "bfind" or "bfe"
            or "bfi"
            or "prmt" => Bits(),
        "setp" or "set" or "selp" or "slct" or "testp" => Comparison(),
        "mov" => Move(),
        "cvt" => Convert(),
        "cvta" => ConvertAddress(),
        "ld" or "ldu" => Load(),
        "st" => Store(),
        "atom" or "red" => Atomic(),
        "cp" => AsyncCopy(),
        "ldmatrix" => MatrixLoad(),
        "mma" => Mma(),
        "shfl" or "vote" or "match" or "redux" or "activemask" => WarpOperation(),
        "bar" or "barrier" => Barrier(),
        "membar" or "fence" => Done(new FenceOperation(!(now.Has("cta") || now.Opcode[^1] == "cta")), InstructionClass.Barrier),
        "prefetch" or "prefetchu" or "nanosleep" or "discard" or "applypriority" => Done(new NothingOperation(), InstructionClass.Other),
        "bra" => new Instruction { Source = now, Flow = Flow.Branch, Class = InstructionClass.Control },
        "brx" => new Instruction
        {
            Source = now,
            Flow = Flow.IndexedBranch,
            Selector = Source(now.Operands[0], 4),
            Class = InstructionClass.Control,
        },
        "call" => Call(),
        "ret" => new Instruction { Source = now, Flow = Flow.Return, Class = InstructionClass.Control },
        "exit" => new Instruction { Source = now, Flow = Flow.Exit, Class = InstructionClass.Control },
        "trap" or "brkpt" => Done(new TrapOperation(), InstructionClass.Control),
        _ => throw kernel.Unsupported(now),
    };

    private Instruction Done(
        Operation operation, InstructionClass of, int flops = 0, bool strict = false, Flow flow = Flow.Next, Row? selector = null) => new()
        {
            Source = now,
            Operation = operation,
            Class = of,
            Flops = flops,
            IsStrict = strict,
            Flow = flow,
            Selector = selector ?? Row.None,
            Reads = [.. reads],
            Writes = [.. writes],
        };

    /// <summary>The type that an opcode states last but for <paramref name="before"/> others.</summary>
    private PtxType Type(int before = 0)
    {
        for (int i = now.Opcode.Length - 1; i > 0; i--)
        {
            PtxType type = PtxTypes.Parse(now.Opcode[i]);
            if (type != PtxType.None && before-- == 0)
            {
                return type;
            }
        }
        throw kernel.Unsupported(now, "it states no type");
    }

    private PtxOperand Operand(int index) =>
        index < now.Operands.Length ? now.Operands[index] : throw kernel.Unsupported(now, "it has too few operands");

    /// <summary>The row of a source: a register's, or one that holds the constant.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="bytes">The bytes of the instruction's type; -1 where the register decides.</param>
    /// <param name="wide">Whether the register may be wider than that.</param>
    private Row Source(PtxOperand operand, int bytes, bool wide = false)
    {
        switch (operand)
        {
            case PtxOperand.Register register:
                Row row = registers[register.Value.Index];
                if (bytes >= 0 && row.Bytes != Math.Max(bytes, 2) && !(wide && row.Bytes >= bytes))
                {
                    throw kernel.Unsupported(now, $"the register {register.Value.Name} has another size");
                }
                reads.Add(row.Slot);
                return row;
            case PtxOperand.Immediate immediate:
                return Constant(Literal(immediate, bytes), Math.Max(bytes, 2));
            case PtxOperand.Special special when SpecialValues.TryParse(special.Text, out SpecialRegister kind):
                return Special(kind, 0, bytes);
            case PtxOperand.Symbol symbol:
                return SymbolRow(symbol, bytes);
            default:
                throw kernel.Unsupported(now, $"its operand {operand}");
        }
    }

    private ulong Literal(PtxOperand.Immediate immediate, int bytes) => immediate.Kind switch
    {
        PtxTokenKind.Integer => immediate.Bits,
        PtxTokenKind.Single when bytes == 4 => immediate.Bits,
        PtxTokenKind.Double when bytes == 8 => immediate.Bits,
        PtxTokenKind.Double when bytes == 4 => BitConverter.SingleToUInt32Bits((float)BitConverter.UInt64BitsToDouble(immediate.Bits)),
        _ => throw kernel.Unsupported(now, "its constant has another size"),
    };

    private Row Constant(ulong bits, int bytes)
    {
        bits = BitFunctions.Unsigned(bits, bytes);
        if (!constants.TryGetValue((bits, bytes), out Row row))
        {
            constants[(bits, bytes)] = row = code.AddConstant(bits, bytes);
        }
        return row;
    }

    private Row Special(SpecialRegister kind, long offset, int bytes)
    {
        if (!specials.TryGetValue((kind, offset, bytes), out Row row))
        {
            specials[(kind, offset, bytes)] = row = code.Add(Math.Max(bytes, 2));
            code.Specials.Add((row, kind, offset));
        }
        return row;
    }

    private Row SymbolRow(PtxOperand.Symbol symbol, int bytes)
    {
        PtxVariable variable = symbol.Variable;
        switch (variable.Space)
        {
            case PtxSpace.Global or PtxSpace.Const:
                return Constant(kernel.GlobalAddress(variable) + (ulong)symbol.Offset, bytes);
            case PtxSpace.Shared when variable.Bytes == 0:
                return Special(SpecialRegister.DynamicSharedAddress, symbol.Offset, bytes);
            case PtxSpace.Shared:
                return Constant((ulong)(kernel.SharedOffset(variable) + symbol.Offset), bytes);
            case PtxSpace.Local:
                return Special(SpecialRegister.LocalAddress, locals[variable] + symbol.Offset, bytes);
            case PtxSpace.Param when code.Function.IsKernel && variable.Ordinal >= 0:
                return Constant((ulong)(ParameterOffset(variable) + symbol.Offset), bytes);
            default:
                throw kernel.Unsupported(now, $"the address of {variable.Name}");
        }
    }

    private int ParameterOffset(PtxVariable variable)
    {
        int offset = 0;
        foreach (PtxVariable parameter in code.Function.Parameters)
        {
            offset = (offset + parameter.Alignment - 1) / parameter.Alignment * parameter.Alignment;
            if (parameter.Ordinal == variable.Ordinal)
            {
                break;
            }
            offset += (int)parameter.Bytes;
        }
        return offset;
    }

    /// <summary>The row of a result.</summary>
    private Row Target(PtxOperand operand, int bytes, bool wide = false)
    {
        if (operand is PtxOperand.Sink)
        {
            return Row.None;
        }
        if (operand is not PtxOperand.Register register)
        {
            throw kernel.Unsupported(now, $"its result {operand}");
        }
        Row row = registers[register.Value.Index];
        if (row.Bytes != (bytes == 0 ? 0 : Math.Max(bytes, 2)) && !(wide && row.Bytes > bytes))
        {
            throw kernel.Unsupported(now, $"the register {register.Value.Name} has another size");
        }
        writes.Add(row.Slot);
        return row;
    }

    /// <summary>A predicate that is read.</summary>
    private (Row Row, uint Flip) Predicate(PtxOperand operand)
    {
        if (operand is PtxOperand.Immediate immediate)
        {
            return (ConstantPredicate(immediate.Bits != 0), 0);
        }
        if (operand is not PtxOperand.Register { Value.Type: PtxType.Pred } register)
        {
            throw kernel.Unsupported(now, $"its predicate {operand}");
        }
        Row row = registers[register.Value.Index];
        reads.Add(row.Slot);
        return (row, register.Negated ? Operation.AllLanes : 0);
    }

    private Row ConstantPredicate(bool value)
    {
        ulong bits = value ? ulong.MaxValue : 0;
        if (!constants.TryGetValue((bits, 0), out Row row))
        {
            constants[(bits, 0)] = row = code.AddConstant(bits, 0);
        }
        return row;
    }

    private static PtxOperand[] Items(PtxOperand operand) => operand is PtxOperand.Vector vector ? [.. vector.Items] : [operand];
}
