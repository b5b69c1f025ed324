using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Writes the host part of a generated class: its signature, its fields, and the launches in order.</summary>
internal static class HostEmitter
{
    public static void Emit(CodeWriter writer, Code className, Plan plan, ProgramSymbols symbols, ProgramSignature signature)
    {
        EmitFields(writer, className, plan, symbols, signature);
        EmitTake(writer, symbols, signature);
        EmitRun(writer, plan, symbols, Code.Of($"RunOnce"), once: true);
        EmitRun(writer, plan, symbols, Code.Of($"Run"), once: false);
        EmitSignature(writer, signature);
    }

    private static void EmitFields(CodeWriter writer, Code className, Plan plan, ProgramSymbols symbols, ProgramSignature signature)
    {
        for (int i = 0; i < signature.Spaces.Length; i++)
        {
            writer.Line($"private int n{i}; {Code.Comment(signature.Spaces[i].ToString())}");
        }

        foreach ((int index, string part) in symbols.Parts)
        {
            IndexSignature map = signature.Indices[index];
            string what = part == "values" ? map.OrderedBy is null ? "" : $" in the order of {map.OrderedBy}" : $", its {part}";
            writer.Line($"private int* {Field(index, part)}; {Code.Comment($"{map.Map}{what}")}");
        }

        for (int i = 0; i < symbols.Buffers.Count; i++)
        {
            int value = symbols.Buffers[i];
            BufferSignature buffer = signature.Buffers[i];
            string element = buffer.Element == ElementType.F32 ? "" : $", in {buffer.Element.ToString().ToLowerInvariant()}";
            string storage = buffer.Walk < 0 ? "" : ", of a row's neighbours for each thread";
            writer.Line($"private {Lanes.Pointer(buffer.Element)} v{value}; {Code.Comment(
                $"{buffer.Role.ToString().ToLowerInvariant()} {buffer.Text} : {plan.Program.Types[value]}{storage}{element}")}");
            if (buffer.Walk >= 0)
            {
                writer.Line($"private long v{value}_numbers; {Code.Comment("from one thread's rows to the next thread's")}");
            }
        }

        writer.Line($"private int[][] splits = Array.Empty<int[]>();");
        foreach (Kernel kernel in plan.Kernels)
        {
            writer.Line($"private readonly Action<int> run_{Code.Identifier(kernel.Name)};");
            if (HasJoin(kernel))
            {
                writer.Line($"private readonly Action run_{Code.Identifier(kernel.Name)}_join;");
            }

            if (symbols.IsShared(kernel))
            {
                writer.Line($"private readonly Action<int> run_{Code.Identifier(kernel.Name)}_share;");
                writer.Line($"private readonly Action run_{Code.Identifier(kernel.Name)}_once;");
            }
        }

        writer.Line();
        using (writer.Block($"public {className}()"))
        {
            foreach (Kernel kernel in plan.Kernels)
            {
                writer.Line($"run_{Code.Identifier(kernel.Name)} = {Code.Identifier(kernel.Name)};");
                if (HasJoin(kernel))
                {
                    writer.Line($"run_{Code.Identifier(kernel.Name)}_join = {Code.Identifier(kernel.Name)}_join;");
                }

                if (symbols.IsShared(kernel))
                {
                    writer.Line($"run_{Code.Identifier(kernel.Name)}_share = {Code.Identifier(kernel.Name)}_share;");
                    writer.Line($"run_{Code.Identifier(kernel.Name)}_once = {Code.Identifier(kernel.Name)}_once;");
                }
            }
        }

        writer.Line();
    }

    /// <summary>Whether one thread has to add up what the others left.</summary>
    private static bool HasJoin(Kernel kernel) => kernel.Contraction is { Kind: ContractionKind.OuterSum };

    private static Code Field(int index, string part) => part switch
    {
        "values" => Code.Of($"m{index}"),
        "offsets" => Code.Of($"m{index}_offsets"),
        _ => Code.Of($"m{index}_order"),
    };

    private static void EmitTake(CodeWriter writer, ProgramSymbols symbols, ProgramSignature signature)
    {
        using (writer.Block($"protected override void Take(ProgramFrame frame)"))
        {
            for (int i = 0; i < signature.Spaces.Length; i++)
            {
                writer.Line($"n{i} = frame.Sizes[{i}];");
            }

            foreach ((int index, string part) in symbols.Parts)
            {
                Code value = part switch
                {
                    "values" => Code.Of($"frame.Values({index})"),
                    "offsets" => Code.Of($"frame.Offsets({index})"),
                    _ => Code.Of($"frame.Order({index})"),
                };
                writer.Line($"{Field(index, part)} = {value};");
            }

            for (int i = 0; i < symbols.Buffers.Count; i++)
            {
                Code cast = signature.Buffers[i].Element == ElementType.F32 ? default : Code.Of($"({Lanes.Pointer(signature.Buffers[i].Element)})");
                writer.Line($"v{symbols.Buffers[i]} = {cast}frame.Buffer({i});");
                if (signature.Buffers[i].Walk >= 0)
                {
                    writer.Line($"v{symbols.Buffers[i]}_numbers = frame.NumbersOfThread({i});");
                }
            }

            writer.Line($"splits = frame.Splits;");
        }

        writer.Line();
    }

    private static void EmitRun(CodeWriter writer, Plan plan, ProgramSymbols symbols, Code name, bool once)
    {
        using (writer.Block($"public override void {name}()"))
        {
            foreach ((Kernel kernel, int number) in plan.Kernels.Select((k, i) => (k, i)).Where(x => x.k.Once == once))
            {
                Code run = Code.Of($"run_{Code.Identifier(kernel.Name)}");
                if (symbols.IsShared(kernel))
                {
                    int loops = SharedRowEmitter.Loops(kernel).Length;
                    writer.Line($"LaunchShared({number}, {loops}, {run}, {run}_share, {run}_once); {Code.Comment($"over {kernel.Rows}")}");
                    continue;
                }

                Code join = HasJoin(kernel) ? Code.Of($", {run}_join") : default;
                writer.Line($"Launch({number}, {run}{join}); {Code.Comment($"over {kernel.Rows}")}");
            }
        }

        writer.Line();
    }

    private static void EmitSignature(CodeWriter writer, ProgramSignature signature)
    {
        writer.Line($"public override ProgramSignature Signature => Declared;");
        writer.Line();
        writer.Line($"private static readonly ProgramSignature Declared = SignatureText.Read(");
        ImmutableArray<string> lines = SignatureText.Write(signature);
        for (int i = 0; i < lines.Length; i++)
        {
            writer.Line($"    {Code.Quoted(lines[i] + " ")}{(i < lines.Length - 1 ? Code.Of($" +") : Code.Of($");"))}");
        }
    }
}
