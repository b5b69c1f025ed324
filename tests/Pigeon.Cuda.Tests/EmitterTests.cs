using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

public sealed class EmitterTests
{
    [CudaFact]
    public void Names_that_differ_in_one_sign_stay_apart_and_long_ones_fit()
    {
        string[] names = ["a-b", "a_b", "a.b", .. Enumerable.Range(0, 2).Select(i => new string('x', 90) + i)];
        var p = new ProgramBuilder("if-x");
        Value sum = names.Select(name => p.Weight(name, HeteroSchema.Nodes, 3)).Aggregate((x, y) => x + y);
        p.Return("int", sum);
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(p.Build());
        Assert.Equal(names, source.Signature.Program.Buffers.Where(b => b.Role == BufferRole.Weight).Select(b => b.Name));
        Assert.Single(KernelResources.Parse(compiled.Log));
    }

    [Theory]
    [InlineData("\"; int x[]; //")]
    [InlineData("ends with a backslash \\")]
    [InlineData("new\nline")]
    [InlineData("right \u202e to left")]
    [InlineData("??/")]
    public void Comment_of_any_text_is_one_line_of_ASCII(string text)
    {
        string comment = Code.AsciiComment(text).ToString();
        Assert.StartsWith("// ", comment);
        Assert.All(comment, c => Assert.InRange(c, ' ', '~'));
        Assert.DoesNotContain('\\', comment);
    }

    [Theory]
    [InlineData(0, "0.0f")]
    [InlineData(-2, "(-2.0f)")]
    [InlineData(0.2, "0.2f")]
    [InlineData(1e-30, "1E-30f")]
    [InlineData(1e300, "PG_INF")]
    [InlineData(3e9, "3E+09f")]
    public void Numbers_are_literals_of_CUDA(double number, string expected) =>
        Assert.Equal(expected, CudaExpression.Constant(number).ToString());

    [Fact]
    public void Tiles_cover_every_row_once_and_hold_one_type()
    {
        (int[] types, int[] starts, int[] typeTiles) = GpuTables.Tiles([0, 0, 65, 70, 70], rows: 64, lead: 1);
        Assert.Equal([1, 1, 2], types);
        Assert.Equal([0, 64, 65, 70], starts);
        Assert.Equal([0, 0, 2, 3, 3], typeTiles);
    }

    [Fact]
    public void More_rows_than_an_int_counts_are_refused() => Assert.Equal("PG0204",
        Assert.Throws<PigeonException>(() => GpuTables.Tiles([0, 1 << 30], rows: 64, lead: 2)).Diagnostic.Id);
}
