using System.Text;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

public sealed class NvdisasmTests
{
    [Fact]
    public void Instructions_of_a_listing_are_counted_by_kernel()
    {
        const string listing = "\t.section\t.text.k0_gemm,\"ax\",@progbits\n\t.sectionflags\t@\"SHF_BARRIERS=1\"\nk0_gemm:\n" +
            "        /*0000*/                   IMAD.MOV.U32 R1, RZ, RZ, c[0x0][0x28] ;\n" +
            "        /*00f0*/              @!P0 BRA `(.L_x_150) ;\n" +
            "        /*0100*/               @P1 LDG.E.CONSTANT R50, [R2.64+0x4] ;\n" +
            "        /*0110*/              @UP0 IMAD R1, R2, R3, R4 ;\n" +
            "\t.section\t.nv.info.k0_gemm,\"\",@\"SHT_CUDA_INFO\"\n        /*0010*/ \t.word\tindex@(x)\n";
        var counts = Nvdisasm.Read(listing);
        Assert.Equal(["k0_gemm"], counts.Keys);
        Assert.Equal(new Dictionary<string, int> { ["BRA"] = 1, ["IMAD"] = 2, ["LDG"] = 1 }, counts["k0_gemm"]);
    }

    [NvdisasmFact]
    public void What_is_no_machine_code_is_refused() => Assert.Equal("PG0605", Assert.Throws<PigeonException>(
        () => Nvdisasm.Count(new("text", [.. Encoding.ASCII.GetBytes("no cubin")], ""))).Diagnostic.Id);
}
