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
        writer.Line($"private static readonly ProgramSignature Declared = new ProgramSignature(");
        writer.Line($"    {Code.Quoted(signature.Name)},");
        EmitArray(writer, Code.Of($"IndexSpace"), signature.Spaces.Select(Space));
        EmitArray(writer, Code.Of($"IndexSignature"), signature.Indices.Select(i =>
            Code.Of($"new IndexSignature({Map(i.Map)}, {(i.OrderedBy is null ? Code.Of($"null") : Map(i.OrderedBy))})")));
        EmitArray(writer, Code.Of($"BufferSignature"), signature.Buffers.Select(b => Code.Of(
            $"new BufferSignature({Code.Quoted(b.Name)}, {b.Space}, ImmutableArray.Create(new int[] {{ {Code.Join(Separator.Comma, b.Row.Select(e => Code.Of($"{e}")))} }}), BufferRole.{Code.Identifier(b.Role.ToString())}, {b.FirstKernel}, {b.LastKernel}{(b.Shared == BufferSignature.Own && b.Walk < 0 ? default : Code.Of($", {b.Shared}"))}{(b.Walk < 0 ? default : Code.Of($", {b.Walk}"))}{(b.Element == ElementType.F32 ? default : Code.Of($", Element: ElementType.{Code.Identifier(b.Element.ToString())}"))})")));
        EmitArray(writer, Code.Of($"KernelSignature"), signature.Kernels.Select(k =>
            Code.Of($"new KernelSignature({Code.Quoted(k.Name)}, {k.Space}, {k.Cost}, {k.Order}, {(k.Once ? Code.Of($"true") : Code.Of($"false"))}{(k.Shares ? Code.Of($", true") : default)})")));
        writer.Line($"    {signature.ScratchFloats}{(signature.SharedFloats > 0 ? Code.Of($", {signature.SharedFloats}") : default)});");
    }

    private static void EmitArray(CodeWriter writer, Code type, IEnumerable<Code> items)
    {
        writer.Line($"    ImmutableArray.Create(new {type}[]");
        writer.Line($"    {{");
        foreach (Code item in items)
        {
            writer.Line($"        {item},");
        }

        writer.Line($"    }}),");
    }

    private static Code Space(IndexSpace space) => space switch
    {
        IndexSpace.OneSpace => Code.Of($"IndexSpace.One"),
        IndexSpace.Range s => Code.Of($"new IndexSpace.Range({s.Count})"),
        IndexSpace.Declared s => Code.Of($"new IndexSpace.Declared({Code.Quoted(s.Name)})"),
        IndexSpace.Distinct s => Code.Of($"new IndexSpace.Distinct({Map(s.First)}, {Map(s.Second)})"),
        IndexSpace.Either s => Code.Of($"new IndexSpace.Either({Map(s.Type)}, {Map(s.First)}, {Map(s.Second)}, (EitherPart){(int)s.Part})"),
        IndexSpace.Product s => Code.Of($"new IndexSpace.Product({Space(s.First)}, {Space(s.Second)})"),
        _ => throw new InvalidOperationException($"no C# for space {space}"),
    };

    private static Code Map(Map map) => map switch
    {
        Map.Stored m => Code.Of($"new Map.Stored({Code.Quoted(m.Name)}, {Space(m.From)}, {Space(m.To)})"),
        Map.Identity m => Code.Of($"new Map.Identity({Space(m.Space)})"),
        Map.Unit m => Code.Of($"new Map.Unit({Space(m.Space)})"),
        Map.Composed m => Code.Of($"new Map.Composed({Map(m.Outer)}, {Map(m.Inner)})"),
        Map.Pair m => Code.Of($"new Map.Pair({Map(m.First)}, {Map(m.Second)})"),
        Map.Component m => Code.Of($"new Map.Component(new IndexSpace.Distinct({Map(m.Pairs.First)}, {Map(m.Pairs.Second)}), {m.Position})"),
        Map.Into m => Code.Of($"new Map.Into((IndexSpace.Either){Space(m.Ways)})"),
        Map.Via m => Code.Of($"new Map.Via((IndexSpace.Either){Space(m.Ways)}, {Map(m.Whole)})"),
        Map.Index m => Code.Of($"new Map.Index({Map(m.First)}, {Map(m.Second)})"),
        _ => throw new InvalidOperationException($"no C# for map {map}"),
    };
}
