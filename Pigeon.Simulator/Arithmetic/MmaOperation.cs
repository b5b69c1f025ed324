namespace Pigeon.Simulator;

/// <summary>
/// <c>mma.sync</c> m16n8: D = A·B + C with f32 accumulation. Which lane holds which element is as PTX ISA 8.4, section "Warp Level
/// Matrix Instructions", lays it down. Products are summed in f64 and rounded once: hardware, which sums in an order and precision that
/// it does not tell, differs in the last bits.
/// </summary>
internal sealed unsafe class MmaOperation(Row[] d, Row[] a, Row[] b, Row[] c, int k, PtxType type) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        float* left = stackalloc float[16 * 16];
        float* right = stackalloc float[16 * 8];
        float* result = stackalloc float[16 * 8];
        // tf32 puts one element in a register, the others two neighbours along k.
        int packed = type == PtxType.TF32 ? 1 : 2;
        for (int lane = 0; lane < 32; lane++)
        {
            (int group, int thread) = (lane >> 2, lane & 3);
            for (int register = 0; register < a.Length; register++)
            {
                uint bits = warp.Values<uint>(a[register])[lane];
                int row = group + ((register & 1) * 8), column = (thread * packed) + ((register >> 1) * 4 * packed);
                for (int i = 0; i < packed; i++)
                {
                    left[(row * k) + column + i] = Element(bits, i);
                }
            }
            for (int register = 0; register < b.Length; register++)
            {
                uint bits = warp.Values<uint>(b[register])[lane];
                int row = (thread * packed) + (register * 4 * packed);
                for (int i = 0; i < packed; i++)
                {
                    right[((row + i) * 8) + group] = Element(bits, i);
                }
            }
        }
        for (int row = 0; row < 16; row++)
        {
            for (int column = 0; column < 8; column++)
            {
                int lane = ((row & 7) * 4) + (column >> 1), register = ((row >> 3) * 2) + (column & 1);
                double sum = warp.Values<float>(c[register])[lane];
                for (int i = 0; i < k; i++)
                {
                    sum += (double)left[(row * k) + i] * right[(i * 8) + column];
                }
                result[(row * 8) + column] = (float)sum;
            }
        }
        for (int row = 0; row < 16; row++)
        {
            for (int column = 0; column < 8; column++)
            {
                int lane = ((row & 7) * 4) + (column >> 1), register = ((row >> 3) * 2) + (column & 1);
                warp.Values<float>(d[register])[lane] = result[(row * 8) + column];
            }
        }
    }

    private float Element(uint bits, int half) => type switch
    {
        PtxType.TF32 => BitConverter.UInt32BitsToSingle(bits & ~0x1FFFu),
        PtxType.BF16 => HalfFormats.FromBFloat((ushort)(bits >> (16 * half))),
        _ => HalfFormats.FromHalf((ushort)(bits >> (16 * half))),
    };
}
