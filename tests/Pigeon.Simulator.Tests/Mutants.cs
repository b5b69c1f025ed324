using System.IO.Compression;
using System.Text;

namespace Pigeon.Simulator.Tests;

/// <summary>A kernel with a fault: its source with one text replaced.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Kernel">The kernel in the folder Kernels.</param>
/// <param name="From">The text that is replaced.</param>
/// <param name="To">What stands there instead.</param>
/// <param name="Occurrence">Which of several such texts.</param>
internal sealed record Mutant(string Name, string Kernel, string From, string To, int Occurrence = 1)
{
    /// <summary>The seeded faults.</summary>
    public static readonly Mutant[] All =
    [
        new("gemm-no-barrier-before-use", "gemm", "        __syncthreads();\n", ""),
        new("gemm-no-barrier-after-use", "gemm", "        __syncthreads();\n", "", 2),
        new("gemm-load-guard-off-by-one", "gemm", "row0 + r < rows", "row0 + r <= rows"),
        new("gemm-store-guard-off-by-one", "gemm", "if (r < rows)", "if (r <= rows)"),
        new("gemm-store-without-guard", "gemm", "if (r < rows)", "if (true)"),
        new("gemm-gathers-by-position", "gemm", "gather[row0 + r]", "(row0 + r)"),
        new("gemm-scatters-by-position", "gemm", "scatter[r]", "r"),
        new("gemm-scatters-to-one-row", "gemm", "scatter[r]", "scatter[r / 2]"),
        new("gemm-misaligned-tile", "gemm", "a[16][68]", "a[16][65]"),
        new("gemm-misaligned-source", "gemm", "(long long)gather[row0 + r] * k + k0 + q",
            "(long long)gather[row0 + r] * k + k0 + q + (r == 5)"),
        new("gemm-one-step-too-many", "gemm", "k0 < k;", "k0 <= k;"),
        new("gemm-one-step-too-few", "gemm", "k0 < k;", "k0 + 16 < k;"),
        new("gemm-row-beyond-tile", "gemm", "a[q + 3][r]", "a[q + 4][r]"),
        new("gemm-column-swapped", "gemm", "&b[kk][tx * 4]", "&b[kk][ty * 4]"),
        new("gemm-divergent-barrier", "gemm", "        __syncthreads();\n", "        if (row0 + r < rows)\n        __syncthreads();\n", 2),
        new("gemm-sums-not-reset", "gemm", "sum[i][j] = fmaf(l[i], m[j], sum[i][j])", "sum[i][j] = fmaf(l[i], m[j], sum[j][i])"),
        new("traverse-one-edge-too-many", "traverse", "e < last; e++", "e <= last; e++"),
        new("traverse-one-edge-too-few", "traverse", "e < last; e++", "e < last - 1; e++"),
        new("traverse-no-maximum", "traverse", "expf(logits[e] - most) / total", "expf(logits[e]) / total"),
        new("traverse-mask-of-half-a-warp", "traverse", "0xffffffffu, v, d)", "0x0000ffffu, v, d)"),
        new("traverse-divergent-shuffle", "traverse", "    total = sumOfWarp(total);", "    if (lane < 16) total = sumOfWarp(total);"),
        new("traverse-divergent-loop-around-shuffle", "traverse", "    total = sumOfWarp(total);",
            "    for (int e = first + lane; e < last; e += 32) total = sumOfWarp(total);"),
        new("traverse-node-guard-off-by-one", "traverse", "if (node >= nodes)", "if (node > nodes)"),
        new("traverse-reduces-half-a-warp", "traverse", "int d = 16; d > 0", "int d = 8; d > 0"),
        new("traverse-shuffles-down", "traverse", "v += __shfl_xor_sync", "v += __shfl_down_sync"),
        new("traverse-source-not-scaled", "traverse", "(long long)sources[e] * width + c", "(long long)sources[e] + c"),
        new("traverse-two-nodes-one-row", "traverse", "(long long)node * width + c", "(long long)(node / 2) * width + c"),
        new("traverse-thread-for-lane", "traverse", "int c = lane;", "int c = threadIdx.x;"),
        new("traverse-reads-what-it-writes", "traverse", "y[(long long)node * width + c] = sum;",
            "y[(long long)node * width + c] = sum + (node > 0 ? y[(long long)(node - 1) * width + c] : 0.0f);"),
        new("reduce-plain-add-for-atomic", "reduce", "atomicAdd(large, 1u);", "*large += 1u;"),
        new("reduce-no-fence-before-arrival", "reduce", "        __threadfence();\n", ""),
        new("reduce-no-fence-after-arrival", "reduce", "        __threadfence();\n", "", 2),
        new("reduce-fence-of-the-block-only", "reduce", "__threadfence();", "__threadfence_block();"),
        new("reduce-arrives-without-atomic", "reduce", "atomicAdd(&arrived, 1u)", "arrived++"),
        new("reduce-no-barrier-before-sum", "reduce", "    __syncthreads();\n", ""),
        new("reduce-no-barrier-before-flag", "reduce", "    __syncthreads();\n", "", 2),
        new("reduce-every-lane-writes", "reduce", "    if (lane == 0)\n    {\n        warps", "    {\n        warps"),
        new("reduce-one-warp-too-many", "reduce", "i < 8;", "i < 9;"),
        new("reduce-stride-of-a-block", "reduce", "i += gridDim.x * 256", "i += 256"),
        new("reduce-nobody-is-last", "reduce", "== gridDim.x - 1", "== gridDim.x"),
        new("pipeline-waits-for-too-few", "pipeline", "cp.async.wait_group 1", "cp.async.wait_group 2"),
        new("pipeline-does-not-wait", "pipeline", "        asm volatile(\"cp.async.wait_group 1;\" ::: \"memory\");\n", ""),
        new("pipeline-does-not-commit", "pipeline", "        asm volatile(\"cp.async.commit_group;\" ::: \"memory\");\n", ""),
        new("pipeline-no-barrier-before-use", "pipeline", "        __syncthreads();\n", ""),
        new("pipeline-no-barrier-after-use", "pipeline", "        __syncthreads();\n", "", 2),
        new("pipeline-one-stage", "pipeline", "stage = next & 1", "stage = 0"),
        new("pipeline-wrong-stage", "pipeline", "now = step & 1", "now = next & 1"),
        new("pipeline-fragment-swapped", "pipeline", "\"r\"(f[0]), \"r\"(f[1]), \"r\"(f[2])", "\"r\"(f[0]), \"r\"(f[2]), \"r\"(f[1])"),
        new("pipeline-not-transposed", "pipeline", "x2.trans", "x2"),
        new("pipeline-rows-not-guarded", "pipeline", "bool there = row0 + r < rows", "bool there = true"),
        new("pipeline-misaligned-tile", "pipeline", "a[2][64][40]", "a[2][64][36]"),
        new("pipeline-result-rows", "pipeline", "lane / 4 + i * 4", "lane / 4 + i * 8"),
        new("pipeline-lane-of-matrix", "pipeline", "[warp * 16 + lane % 16]", "[warp * 16 + lane % 8]"),
        new("pipeline-half-a-warp-multiplies", "pipeline", "for (int j = 0; j < 8; j++)\n            {",
            "for (int j = 0; j < (lane < 16 ? 8 : 7); j++)\n            {"),
        new("tf32-fragment-swapped", "tf32", "\"r\"(a0), \"r\"(a1), \"r\"(a2)", "\"r\"(a0), \"r\"(a2), \"r\"(a1)"),
        new("tf32-column-of-thread", "tf32", "col + threadIdx.x / 4]), b1", "col + threadIdx.x % 4]), b1"),
        new("tf32-not-rounded", "tf32", "asm(\"cvt.rna.tf32.f32 %0, %1;\" : \"=r\"(r) : \"f\"(v));", "r = __float_as_uint(v);"),
        new("tf32-every-other-step", "tf32", "k0 += 8", "k0 += 16"),
        new("transpose-no-syncwarp-before-use", "transpose", "        __syncwarp();\n", ""),
        new("transpose-no-syncwarp-after-use", "transpose", "        __syncwarp();\n", "", 2),
        new("transpose-syncwarp-of-half", "transpose", "__syncwarp()", "__syncwarp(lane < 16 ? 0xffffu : 0xffff0000u)"),
        new("transpose-one-tile-for-both", "transpose", "tile[warp]", "tile[0]"),
        new("transpose-one-tile-too-many", "transpose", "t < tiles", "t <= tiles"),
        new("scatter-plain-add-for-atomic", "scatter", "atomicAdd(y + dst[e], s);", "y[dst[e]] += s;"),
        new("scatter-plain-max-for-atomic", "scatter", "atomicMax(degree + dst[e], e);", "if (degree[dst[e]] < e) degree[dst[e]] = e;"),
        new("scatter-edge-guard-off-by-one", "scatter", "e < edges", "e <= edges"),
        new("scatter-local-array-half-written", "scatter", "i < 4", "i < 1"),
        new("scatter-local-index-beyond", "scatter", "kept[(type + 1) & 3] * kept[(type + 1) & 3]", "kept[type + 1] * kept[type + 1]"),
        new("scatter-constant-beyond", "scatter", "weights[type]", "weights[type + 1]"),
    ];

    /// <summary>The archive of all mutants' PTX.</summary>
    public static string Archive => Path.Combine(AppContext.BaseDirectory, "Kernels", "mutants.zip");

    /// <summary>Its source.</summary>
    public string Source()
    {
        string source = Kernels.Source(Kernel);
        int at = -1;
        for (int i = 0; i < Occurrence; i++)
        {
            at = source.IndexOf(From, at + 1, StringComparison.Ordinal);
            if (at < 0)
            {
                throw new InvalidOperationException($"{Name}: '{From}' does not stand in {Kernel}.cu {Occurrence} times");
            }
        }
        return source[..at] + To + source[(at + From.Length)..];
    }

    /// <summary>Its PTX, from the archive.</summary>
    public string Ptx(ZipArchive archive)
    {
        ZipArchiveEntry entry = archive.GetEntry(Name + ".ptx") ?? throw new InvalidOperationException($"{Name} is not in the archive");
        using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
