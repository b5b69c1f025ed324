using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// The names that a kernel's body uses for what the program provides: buffers, index arrays, sizes. The first use of a name makes
/// it a local of the kernel, copied from the program's field of the same name.
/// </summary>
internal sealed class KernelSymbols(ProgramSymbols program, Plan plan, bool tiled)
{
    private readonly List<Code> locals = [];
    private readonly HashSet<string> declared = new(StringComparer.Ordinal);

    public ProgramSymbols Program => program;

    public Plan Plan => plan;

    /// <summary>The declarations of everything used so far.</summary>
    public IReadOnlyList<Code> Locals => locals;

    /// <summary>The width of a value's row.</summary>
    public int Width(int value) => (int)plan.Program.Types[value].Row.Width;

    /// <summary>What the numbers of a value's row are stored in.</summary>
    public ElementType Element(int value) => plan.Elements[value];

    public Code Values(Map map, Map? orderedBy = null) => Index(program.Index(map, orderedBy), "values");

    public Code Offsets(Map map) => Index(program.Index(map, null), "offsets");

    public Code Order(Map map) => Index(program.Index(map, null), "order");

    /// <summary>The first number of a value's buffer, or of its row in the thread's scratch.</summary>
    public Code Base(int value)
    {
        if (plan.Storage[value] == Storage.Scratch)
        {
            int offset = program.ScratchOffset(value);

            // In a GEMM every row of the tile has scratch of its own.
            return Lanes.At(Code.Of($"scratch"), tiled ? Code.Of($"{offset} + r * {Width(value)}") : Code.Of($"{offset}"));
        }

        return Buffer(value);
    }

    /// <summary>Whether a value is computed from its elements' numbers, and kept nowhere.</summary>
    public bool IsCounted(int value) => plan.Program.Values[value] is Operator.Uniform;

    /// <summary>The key of a value's random numbers.</summary>
    public Code RandomKey(int value)
    {
        var uniform = (Operator.Uniform)plan.Program.Values[value];
        Code seed = Buffer(uniform.Seed);
        Code name = Code.Of($"key{value}");
        if (declared.Add(name.ToString()))
        {
            locals.Add(Code.Of($"ulong {name} = CounterRandom.Key({uniform.Stream}, {seed}[0], {seed}[1]);"));
        }

        return name;
    }

    public Code Buffer(int value)
    {
        program.Buffer(value);
        (Code type, Code name) = (Lanes.Pointer(Element(value)), Code.Of($"v{value}"));
        if (!program.IsOfThread(value))
        {
            return Local(type, name);
        }

        if (declared.Add(name.ToString()))
        {
            locals.Add(Code.Of($"{type} {name} = this.{name} + part * this.{name}_numbers;"));
        }

        return name;
    }

    /// <summary>Declares a local of the kernel's own, once.</summary>
    public void Declare(Code name, Code declaration)
    {
        if (declared.Add(name.ToString()))
        {
            locals.Add(declaration);
        }
    }

    private Code Index(int index, string part)
    {
        program.Need(index, part);
        return part switch
        {
            "values" => Local(Code.Of($"int*"), Code.Of($"m{index}")),
            "offsets" => Local(Code.Of($"int*"), Code.Of($"m{index}_offsets")),
            _ => Local(Code.Of($"int*"), Code.Of($"m{index}_order")),
        };
    }

    private Code Local(Code type, Code name)
    {
        if (declared.Add(name.ToString()))
        {
            locals.Add(Code.Of($"{type} {name} = this.{name};"));
        }

        return name;
    }
}
