namespace Pigeon.Simulator;

/// <content>Memory: loads, stores, atomics, asynchronous copies.</content>
internal sealed partial class FunctionDecoder
{
    private PtxSpace Space()
    {
        foreach (string part in now.Opcode.AsSpan(1))
        {
            switch (part)
            {
                case "global":
                    return PtxSpace.Global;
                case "shared" or "shared::cta":
                    return PtxSpace.Shared;
                case "local":
                    return PtxSpace.Local;
                case "const":
                    return PtxSpace.Const;
                case "param" or "param::entry" or "param::func":
                    return PtxSpace.Param;
            }
        }
        return PtxSpace.Generic;
    }

    private AddressOperand Address(PtxOperand operand, PtxSpace space)
    {
        if (operand is not PtxOperand.Address address)
        {
            throw kernel.Unsupported(now, $"its address {operand}");
        }
        // Addresses of shared memory fit 32 bits, others need 64.
        Row row = address.Base is PtxOperand.Register { Value.Type: var type } && type.Bytes() == 4
            ? Source(address.Base, 4) : Source(address.Base, 8);
        if (row.Bytes == 4 && space is not (PtxSpace.Shared or PtxSpace.Local or PtxSpace.Param))
        {
            throw kernel.Unsupported(now, "an address of 32 bits");
        }
        return new AddressOperand(space, row, address.Offset);
    }

    private AccessMode Strength() => now.Has("volatile") || now.Has("relaxed") || now.Has("acquire") || now.Has("release")
        || now.Has("mmio")
        ? AccessMode.Atomic : 0;

    private void NoteAccess(PtxSpace space, int bytes)
    {
        if (space is PtxSpace.Global or PtxSpace.Shared or PtxSpace.Generic)
        {
            kernel.SmallestAccess = Math.Min(kernel.SmallestAccess, bytes);
        }
    }

    private static InstructionClass LoadClass(PtxSpace space) => space switch
    {
        PtxSpace.Shared => InstructionClass.SharedLoad,
        PtxSpace.Local => InstructionClass.Local,
        PtxSpace.Param or PtxSpace.Const => InstructionClass.Other,
        _ => InstructionClass.GlobalLoad,
    };

    private Instruction Load()
    {
        PtxType type = Type();
        PtxSpace space = Space();
        int bytes = type.Bytes();
        if (type == PtxType.B128 || now.Has("shared::cluster"))
        {
            throw kernel.Unsupported(now);
        }
        if (space == PtxSpace.Param && Operand(1) is PtxOperand.Address { Base: PtxOperand.Symbol parameter } at)
        {
            Row[] loaded = [.. Items(Operand(0)).Select(item => Target(item, bytes, wide: true))];
            return storage.TryGetValue(parameter.Variable, out int place)
                ? Done(Argument(place, parameter.Variable, at.Offset, loaded, bytes, type.IsSigned(), load: true), InstructionClass.Other)
                : Done(KernelParameter(parameter.Variable, at.Offset, loaded, bytes, type.IsSigned()), InstructionClass.Other);
        }
        AddressOperand address = Address(Operand(1), space);
        Row[] to = [.. Items(Operand(0)).Select(item => Target(item, bytes, wide: true))];
        if (space == PtxSpace.Param)
        {
            return Done(new IndexedParameterOperation(address, to, bytes, type.IsSigned()), InstructionClass.Other, strict: true);
        }
        NoteAccess(space, bytes);
        AccessMode mode = AccessMode.Read | Strength() | (now.Has("nc") ? AccessMode.ReadOnly : 0);
        return Done(new LoadOperation(address, to, bytes, type.IsSigned(), mode, now.Has("acquire")), LoadClass(space), strict: true);
    }

    private Operation KernelParameter(PtxVariable variable, long offset, Row[] to, int bytes, bool signed)
    {
        if (!code.Function.IsKernel || offset < 0 || offset + (bytes * to.Length) > variable.Bytes)
        {
            throw kernel.Unsupported(now, $"byte {offset} of the parameter {variable.Name}");
        }
        return new ParameterOperation(ParameterOffset(variable) + (int)offset, to, bytes, signed);
    }

    private Operation Argument(int place, PtxVariable variable, long offset, Row[] rows, int bytes, bool signed, bool load) =>
        offset >= 0 && offset + (bytes * rows.Length) <= variable.Bytes
            ? new ArgumentOperation(place, (int)variable.Bytes, (int)offset, rows, bytes, signed, load)
            : throw kernel.Unsupported(now, $"byte {offset} of the argument {variable.Name}");

    private Instruction Store()
    {
        PtxType type = Type();
        PtxSpace space = Space();
        int bytes = type.Bytes();
        if (type == PtxType.B128 || now.Has("async") || now.Has("bulk") || now.Has("shared::cluster"))
        {
            throw kernel.Unsupported(now);
        }
        Row[] from = [.. Items(Operand(1)).Select(item => Source(item, bytes, wide: true))];
        if (space == PtxSpace.Param && Operand(0) is PtxOperand.Address { Base: PtxOperand.Symbol parameter } at
            && storage.TryGetValue(parameter.Variable, out int place))
        {
            return Done(Argument(place, parameter.Variable, at.Offset, from, bytes, false, load: false), InstructionClass.Other,
                strict: true);
        }
        AddressOperand address = Address(Operand(0), space);
        NoteAccess(space, bytes);
        return Done(new StoreOperation(address, from, bytes, AccessMode.Write | Strength(), now.Has("release")), space switch
        {
            PtxSpace.Shared => InstructionClass.SharedStore,
            PtxSpace.Local => InstructionClass.Local,
            _ => InstructionClass.GlobalStore,
        }, strict: true);
    }

    private Instruction Atomic()
    {
        PtxType type = Type();
        PtxSpace space = Space();
        bool reduces = now.Opcode[0] == "red";
        string name = now.Opcode.AsSpan(1).ToArray().FirstOrDefault(part =>
            part is "add" or "min" or "max" or "and" or "or" or "xor" or "exch" or "cas" or "inc" or "dec")
                ?? throw kernel.Unsupported(now);
        Func<ulong, ulong, ulong, ulong> function = AtomicOperation.Find(name, type) ?? throw kernel.Unsupported(now);
        if (now.Opcode.AsSpan(1).ContainsAny("v2", "v4", "v8"))
        {
            throw kernel.Unsupported(now);
        }
        int bytes = type.Bytes(), first = reduces ? 0 : 1;
        AddressOperand address = Address(Operand(first), space);
        Row b = Source(Operand(first + 1), bytes);
        Row c = name == "cas" ? Source(Operand(first + 2), bytes) : Row.None;
        Row to = reduces ? Row.None : Target(Operand(0), bytes);
        NoteAccess(space, bytes);
        bool fence = now.Has("acq_rel") || now.Has("acquire") || now.Has("release");
        return Done(new AtomicOperation(address, to, b, c, bytes, function, fence), InstructionClass.Atomic, strict: true);
    }

    private Instruction AsyncCopy()
    {
        if (!now.Has("async") || now.Has("bulk") || now.Has("mbarrier"))
        {
            throw kernel.Unsupported(now);
        }
        if (now.Has("commit_group"))
        {
            return Done(new AsyncCommitOperation(), InstructionClass.AsyncCopy);
        }
        if (now.Has("wait_all"))
        {
            return Done(new AsyncWaitOperation(-1), InstructionClass.AsyncCopy);
        }
        if (now.Has("wait_group"))
        {
            return Operand(0) is PtxOperand.Immediate { Bits: <= 64 } groups
                ? Done(new AsyncWaitOperation((int)groups.Bits), InstructionClass.AsyncCopy) : throw kernel.Unsupported(now);
        }
        AddressOperand to = Address(Operand(0), PtxSpace.Shared), from = Address(Operand(1), PtxSpace.Global);
        int bytes = Operand(2) is PtxOperand.Immediate { Bits: 4 or 8 or 16 } size ? (int)size.Bits : throw kernel.Unsupported(now);
        Row source = Row.None, ignore = Row.None;
        uint flip = 0;
        if (now.Operands.Length > 3)
        {
            if (Operand(3) is PtxOperand.Register { Value.Type: PtxType.Pred })
            {
                (ignore, flip) = Predicate(Operand(3));
            }
            else
            {
                source = Source(Operand(3), 4);
            }
        }
        return Done(new AsyncCopyOperation(to, from, bytes, source, ignore, flip), InstructionClass.AsyncCopy, strict: true);
    }

    private Instruction MatrixLoad()
    {
        if (!now.Has("m8n8") || !now.Has("b16") || Space() is not (PtxSpace.Shared or PtxSpace.Generic))
        {
            throw kernel.Unsupported(now);
        }
        AddressOperand address = Address(Operand(1), Space());
        Row[] to = [.. Items(Operand(0)).Select(item => Target(item, 4))];
        if (to.Length != (now.Has("x4") ? 4 : now.Has("x2") ? 2 : 1))
        {
            throw kernel.Unsupported(now);
        }
        return Done(new MatrixLoadOperation(address, to, now.Has("trans")), InstructionClass.SharedLoad, strict: true,
            flow: Flow.WarpAligned);
    }
}
