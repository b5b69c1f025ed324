namespace Pigeon.Simulator;

/// <summary>Reads the body of a function: declarations, labels and instructions, in nested scopes.</summary>
internal sealed class PtxBodyParser(PtxCursor cursor, PtxFunction function, PtxScope module, PtxParser parser)
{
    private PtxScope scope = new(module);
    private readonly Dictionary<string, List<string>> targets = [];
    private PtxSource source;

    /// <summary>Reads from the opening to the closing brace.</summary>
    public void Run()
    {
        foreach (PtxVariable parameter in function.Results.Concat(function.Parameters))
        {
            scope.Declare(parameter);
        }
        cursor.Expect("{");
        int depth = 1;
        while (depth > 0)
        {
            if (cursor.TryTake("{"))
            {
                scope = new PtxScope(scope);
                depth++;
            }
            else if (cursor.TryTake("}"))
            {
                scope = scope.Outer!;
                depth--;
            }
            else
            {
                Statement();
            }
        }
        function.IsDefined = true;
    }

    private void Statement()
    {
        PtxToken token = cursor.Current;
        switch (token.Text)
        {
            case ".loc":
                List<PtxToken> place = cursor.Line();
                source = place.Count >= 3 ? new PtxSource((int)place[1].Bits, (int)place[2].Bits) : default;
                return;
            case ".reg":
                Registers();
                return;
            case ".shared" or ".local" or ".param" or ".global" or ".const":
                PtxVariable variable = parser.Variable();
                cursor.Expect(";");
                function.Variables.Add(variable);
                scope.Declare(variable);
                return;
            case ".pragma":
                while (!cursor.Take().Is(";"))
                {
                }
                return;
            case ";":
                cursor.Take();
                return;
        }
        if (cursor.Following.Is(":") && token.Kind == PtxTokenKind.Word)
        {
            Label(cursor.Word());
            return;
        }
        Instruction();
    }

    private void Label(string name)
    {
        cursor.Expect(":");
        if (cursor.Current.Text is ".callprototype" or ".calltargets" or ".branchtargets")
        {
            if (cursor.Take().Text == ".branchtargets")
            {
                targets[name] = [];
                do
                {
                    targets[name].Add(cursor.Word());
                }
                while (cursor.TryTake(","));
            }
            while (!cursor.Take().Is(";"))
            {
            }
            return;
        }
        if (!scope.Place(name, function.Instructions.Count))
        {
            throw cursor.Error($"the label '{name}' a second time");
        }
    }

    private void Registers()
    {
        cursor.Take();
        PtxType type = PtxTypes.Parse(cursor.Word()[1..]);
        if (type is PtxType.None or PtxType.B128)
        {
            throw cursor.Error("a register of a type that there is not");
        }
        do
        {
            string name = cursor.Word();
            if (cursor.TryTake("<"))
            {
                scope.Declare(name, cursor.Count(), type);
                cursor.Expect(">");
            }
            else
            {
                var register = new PtxRegister(name, type, function.Registers.Count);
                function.Registers.Add(register);
                scope.Declare(register);
            }
        }
        while (cursor.TryTake(","));
        cursor.Expect(";");
    }

    private void Instruction()
    {
        int line = cursor.Current.Line;
        PtxOperand.Register? guard = null;
        if (cursor.TryTake("@"))
        {
            bool negated = cursor.TryTake("!");
            string name = cursor.Word();
            guard = scope.Register(name, function) is { Type: PtxType.Pred } predicate
                ? new PtxOperand.Register(predicate, negated) : throw cursor.Error($"'{name}' where a predicate belongs");
        }
        string[] opcode = cursor.Word().Split('.');
        var operands = new List<PtxOperand>();
        while (!cursor.TryTake(";"))
        {
            operands.Add(Operand());
            if (!cursor.Current.Is(";"))
            {
                cursor.Expect(",");
            }
        }
        if (opcode[0] == "brx" && operands.Count == 2 && operands[1] is PtxOperand.Name table)
        {
            operands[1] = targets.TryGetValue(table.Text, out List<string>? names)
                ? new PtxOperand.Vector([.. names.Select(name => new PtxOperand.Name(name, scope))])
                : throw cursor.Error($"the branch table '{table.Text}'");
        }
        function.Instructions.Add(new PtxInstruction(opcode, [.. operands], guard, line, source));
    }

    private PtxOperand Operand()
    {
        PtxOperand first = Simple();
        return cursor.TryTake("|") ? new PtxOperand.Pair(first, Simple()) : first;
    }

    private PtxOperand Simple()
    {
        if (cursor.TryTake("["))
        {
            PtxOperand place = Simple();
            long offset = 0;
            if (cursor.TryTake("+"))
            {
                offset = (long)cursor.Take().Bits;
            }
            cursor.Expect("]");
            return place switch
            {
                PtxOperand.Symbol symbol => new PtxOperand.Address(symbol with { Offset = 0 }, symbol.Offset + offset),
                _ => new PtxOperand.Address(place, offset),
            };
        }
        foreach ((string open, string close) in (ReadOnlySpan<(string, string)>)[("{", "}"), ("(", ")")])
        {
            if (cursor.TryTake(open))
            {
                var items = new List<PtxOperand>();
                while (!cursor.TryTake(close))
                {
                    items.Add(Simple());
                    cursor.TryTake(",");
                }
                return new PtxOperand.Vector([.. items]);
            }
        }
        bool negated = cursor.TryTake("!");
        PtxToken token = cursor.Take();
        return token.Kind switch
        {
            PtxTokenKind.Integer or PtxTokenKind.Single or PtxTokenKind.Double => new PtxOperand.Immediate(token.Bits, token.Kind),
            PtxTokenKind.Word => Named(token.Text, negated),
            _ => throw cursor.Error($"'{token.Text}' where an operand belongs"),
        };
    }

    private PtxOperand Named(string name, bool negated)
    {
        if (name == "_")
        {
            return new PtxOperand.Sink();
        }
        if (name == "WARP_SZ")
        {
            return new PtxOperand.Immediate(32, PtxTokenKind.Integer);
        }
        if (scope.Register(name, function) is PtxRegister register)
        {
            return new PtxOperand.Register(register, negated);
        }
        if (name[0] == '%')
        {
            return new PtxOperand.Special(name);
        }
        if (scope.Variable(name) is PtxVariable variable)
        {
            long offset = cursor.TryTake("+") ? (long)cursor.Take().Bits : 0;
            return new PtxOperand.Symbol(variable, offset);
        }
        return new PtxOperand.Name(name, scope);
    }
}
