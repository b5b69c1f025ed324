using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>Decodes a kernel and every function that it calls into one list of instructions.</summary>
internal sealed class KernelDecoder
{
    private readonly List<Instruction> instructions = [];
    private readonly Dictionary<string, FunctionCode> functions = [];
    private readonly Queue<PtxFunction> waiting = [];
    private readonly Dictionary<PtxVariable, int> storage = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<PtxVariable, long> shared = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, Allocation> globals;

    private KernelDecoder(PtxModule module, Dictionary<string, Allocation> globals) => (Module, this.globals) = (module, globals);

    /// <summary>The module.</summary>
    public PtxModule Module { get; }

    /// <summary>Shared arrays met so far.</summary>
    public SharedLayout Shared { get; } = new();

    /// <summary>The smallest access to memory so far, in bytes.</summary>
    public int SmallestAccess { get; set; } = 4;

    /// <summary>The number that the next instruction gets.</summary>
    public int Count => instructions.Count;

    /// <summary>Decodes a kernel.</summary>
    /// <param name="module">The module.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="globals">Where the module's variables are.</param>
    /// <exception cref="PigeonException">PG0651: an instruction is not simulated.</exception>
    public static KernelCode Run(PtxModule module, PtxFunction kernel, Dictionary<string, Allocation> globals)
    {
        var decoder = new KernelDecoder(module, globals);
        FunctionCode main = decoder.Function(kernel.Name, null);
        while (decoder.waiting.TryDequeue(out PtxFunction? function))
        {
            new FunctionDecoder(decoder, decoder.functions[function.Name]).Run();
        }
        var parameters = new (int Offset, int Bytes)[kernel.Parameters.Count];
        int bytes = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            PtxVariable parameter = kernel.Parameters[i];
            bytes = (bytes + parameter.Alignment - 1) / parameter.Alignment * parameter.Alignment;
            parameters[i] = (bytes, (int)parameter.Bytes);
            bytes += (int)parameter.Bytes;
        }
        return new KernelCode
        {
            Name = kernel.Name,
            Module = module,
            Main = main,
            Instructions = [.. decoder.instructions],
            Shared = decoder.Shared,
            Parameters = parameters,
            ParameterBytes = bytes,
            ShadowShift = decoder.SmallestAccess switch { 1 => 0, 2 => 1, _ => 2 },
        };
    }

    /// <summary>Adds a decoded instruction.</summary>
    public void Add(Instruction instruction) => instructions.Add(instruction);

    /// <summary>An instruction that was added.</summary>
    public Instruction At(int number) => instructions[number];

    /// <summary>A function, to be decoded where it is new.</summary>
    public FunctionCode Function(string name, PtxInstruction? caller)
    {
        if (functions.TryGetValue(name, out FunctionCode? known))
        {
            return known;
        }
        if (!Module.Functions.TryGetValue(name, out PtxFunction? function) || !function.IsDefined)
        {
            throw Unsupported(caller!, $"the function '{name}' has no body here");
        }
        var code = new FunctionCode(function);
        functions[name] = code;
        foreach (PtxVariable parameter in function.IsKernel ? [] : function.Results.Concat(function.Parameters))
        {
            storage[parameter] = code.AddStorage(parameter.Bytes);
        }
        waiting.Enqueue(function);
        return code;
    }

    /// <summary>Where a function keeps a parameter or result.</summary>
    public int StorageOf(PtxVariable variable) => storage[variable];

    /// <summary>The offset of a shared array.</summary>
    public long SharedOffset(PtxVariable variable)
    {
        if (!shared.TryGetValue(variable, out long offset))
        {
            shared[variable] = offset = Shared.Add(PlainName(variable.Name), variable.Bytes);
        }
        return offset;
    }

    /// <summary>The address of a variable of the module.</summary>
    public ulong GlobalAddress(PtxVariable variable) => globals[variable.Name].Address;

    /// <summary>An instruction that the simulator does not know.</summary>
    public PigeonException Unsupported(PtxInstruction instruction, string? why = null) =>
        new("PG0651", $"the simulator has no '{instruction.Text}'{(why is null ? "" : ": " + why)}", $"{Module.File}({instruction.Line})",
            "write the kernel without it, or add it to Pigeon.Simulator/Decode");

    /// <summary>What a mangled name of a shared array of a function says: <c>_ZZ4gemmE5tileA</c> is <c>tileA</c>.</summary>
    private static string PlainName(string name)
    {
        if (!name.StartsWith("_ZZ", StringComparison.Ordinal))
        {
            return name;
        }
        for (int i = name.Length - 1; i > 0; i--)
        {
            if (char.IsAsciiDigit(name[i - 1]) && !char.IsAsciiDigit(name[i]))
            {
                int digits = i;
                while (digits > 0 && char.IsAsciiDigit(name[digits - 1]))
                {
                    digits--;
                }
                if (int.TryParse(name[digits..i], out int length) && length > 0 && i + length <= name.Length)
                {
                    return name.Substring(i, length);
                }
            }
        }
        return name;
    }
}
