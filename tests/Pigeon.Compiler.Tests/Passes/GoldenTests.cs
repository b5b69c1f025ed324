using System.Globalization;
using System.Text;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>
/// Plans and a generated class as texts, and a table of counts: they change on purpose, with PIGEON_BLESS=1, or not at all.
/// </summary>
public sealed class GoldenTests
{
    private const string Folder = "goldens";

    private static readonly Dictionary<string, Program> Programs = new()
    {
        ["rgcn"] = Layers.Rgcn(64, 64),
        ["rgat"] = Layers.Rgat(64, 16, 4),
        ["hgt"] = Layers.Hgt(16, 4),
    };

    public static TheoryData<string> Names => [.. Programs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Plan_is_as_it_was(string name) => TextFile.Equal(Folder, $"{name}.plan.txt", Plan(name, fuse: true).ToString());

    [Fact]
    public void Source_is_as_it_was() =>
        TextFile.Equal(Folder, "rgcn.cs.txt", CSharpEmitter.Emit(ProgramCompiler.Plan(Layers.Rgcn(5, 4)), 8).Source);

    [Fact]
    public void Counts_are_as_they_were()
    {
        var table = new StringBuilder("| layer | plan | kernels | of them once | GEMMs | buffers between kernels | floats of scratch |\n");
        table.Append("|---|---|---|---|---|---|---|\n");
        foreach (string name in Programs.Keys)
        {
            foreach (bool fuse in new[] { true, false })
            {
                Plan plan = Plan(name, fuse);
                ProgramSignature signature = CSharpEmitter.Emit(plan, 8).Signature;
                int once = plan.Kernels.Count(k => k.Once);
                int contractions = plan.Kernels.Count(k => k.Contraction is not null);
                int buffers = signature.Buffers.Count(b => b.Role is BufferRole.Internal or BufferRole.Constant);
                string way = fuse ? "fused" : "one by one";
                table.Append(CultureInfo.InvariantCulture, $"| {name} | {way} | {plan.Kernels.Count} | {once} | ")
                    .Append(CultureInfo.InvariantCulture, $"{contractions} | {buffers} | {signature.ScratchFloats} |\n");
            }
        }

        TextFile.Equal(Folder, "counts.md", table.ToString());
    }

    private static Plan Plan(string name, bool fuse) => ProgramCompiler.Plan(Programs[name], new() { Fuse = fuse });
}
