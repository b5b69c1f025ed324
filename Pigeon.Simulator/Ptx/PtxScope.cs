namespace Pigeon.Simulator;

/// <summary>What names mean between a pair of braces.</summary>
internal sealed class PtxScope(PtxScope? outer)
{
    private readonly Dictionary<string, PtxRegister> registers = [];
    private readonly List<(string Prefix, int Count, PtxType Type)> ranges = [];
    private readonly Dictionary<string, PtxVariable> variables = [];
    private readonly Dictionary<string, int> labels = [];

    /// <summary>The scope around this one.</summary>
    public PtxScope? Outer => outer;

    /// <summary>Declares one register.</summary>
    public void Declare(PtxRegister register) => registers[register.Name] = register;

    /// <summary>Declares the registers prefix0 … prefix(count-1).</summary>
    public void Declare(string prefix, int count, PtxType type) => ranges.Add((prefix, count, type));

    /// <summary>Declares a variable.</summary>
    public void Declare(PtxVariable variable) => variables[variable.Name] = variable;

    /// <summary>Places a label; false where the scope has it.</summary>
    public bool Place(string label, int instruction) => labels.TryAdd(label, instruction);

    /// <summary>The instruction of a label, or -1.</summary>
    public int Label(string label) => labels.TryGetValue(label, out int at) ? at : outer?.Label(label) ?? -1;

    /// <summary>The variable of that name, or null.</summary>
    public PtxVariable? Variable(string name) => variables.GetValueOrDefault(name) ?? outer?.Variable(name);

    /// <summary>The register of that name, or null.</summary>
    public PtxRegister? Register(string name, PtxFunction function)
    {
        if (registers.TryGetValue(name, out PtxRegister? known))
        {
            return known;
        }
        int digits = name.Length;
        while (digits > 0 && char.IsAsciiDigit(name[digits - 1]))
        {
            digits--;
        }
        foreach ((string prefix, int count, PtxType type) in ranges)
        {
            // %f<10> declares %f0 to %f9; %f01 is another name.
            if (digits < name.Length && prefix.Length == digits && name.StartsWith(prefix, StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(digits), out int number) && number < count && (name[digits] != '0'
                    || name.Length == digits + 1))
            {
                var register = new PtxRegister(name, type, function.Registers.Count);
                function.Registers.Add(register);
                registers[name] = register;
                return register;
            }
        }
        return outer?.Register(name, function);
    }
}
