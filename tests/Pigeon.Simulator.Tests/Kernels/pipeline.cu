// Y = X · W in bf16 with f32 sums: 64 × 64 to a block of 4 warps, two stages of cp.async, ldmatrix and mma.sync m16n8k16.
typedef unsigned short bf16;

__device__ unsigned int sharedAddress(const void* p)
{
    return (unsigned int)__cvta_generic_to_shared(p);
}

__device__ void copy16(void* to, const void* from, bool there)
{
    int bytes = there ? 16 : 0;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" :: "r"(sharedAddress(to)), "l"(from), "r"(bytes) : "memory");
}

extern "C" __global__ void __launch_bounds__(128) pipeline(
    const bf16* __restrict__ x, const bf16* __restrict__ w, float* __restrict__ y, int rows, int k, int n)
{
    __shared__ __align__(16) bf16 a[2][64][40];
    __shared__ __align__(16) bf16 b[2][32][72];
    int row0 = blockIdx.x * 64, col0 = blockIdx.y * 64;
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    float sum[8][4] = {};
    int steps = k / 32;
    for (int step = -1; step < steps; step++)
    {
        int next = step + 1, stage = next & 1;
        if (next < steps)
        {
            for (int i = threadIdx.x; i < 64 * 4; i += 128)
            {
                int r = i / 4, c = i % 4 * 8;
                bool there = row0 + r < rows;
                copy16(&a[stage][r][c], x + (long long)(there ? row0 + r : 0) * k + next * 32 + c, there);
            }
            for (int i = threadIdx.x; i < 32 * 8; i += 128)
            {
                int r = i / 8, c = i % 8 * 8;
                copy16(&b[stage][r][c], w + (long long)(next * 32 + r) * n + col0 + c, true);
            }
        }
        asm volatile("cp.async.commit_group;" ::: "memory");
        if (step < 0)
        {
            continue;
        }
        asm volatile("cp.async.wait_group 1;" ::: "memory");
        __syncthreads();
        int now = step & 1;
        for (int kk = 0; kk < 32; kk += 16)
        {
            unsigned int f[4];
            const void* at = &a[now][warp * 16 + lane % 16][kk + lane / 16 * 8];
            asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                : "=r"(f[0]), "=r"(f[1]), "=r"(f[2]), "=r"(f[3]) : "r"(sharedAddress(at)));
            for (int j = 0; j < 8; j++)
            {
                unsigned int g[2];
                const void* bt = &b[now][kk + lane % 16][j * 8];
                asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];"
                    : "=r"(g[0]), "=r"(g[1]) : "r"(sharedAddress(bt)));
                asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                    : "+f"(sum[j][0]), "+f"(sum[j][1]), "+f"(sum[j][2]), "+f"(sum[j][3])
                    : "r"(f[0]), "r"(f[1]), "r"(f[2]), "r"(f[3]), "r"(g[0]), "r"(g[1]));
            }
        }
        __syncthreads();
    }
    for (int j = 0; j < 8; j++)
    {
        for (int i = 0; i < 4; i += 2)
        {
            int r = row0 + warp * 16 + lane / 4 + i * 4;
            if (r < rows)
            {
                *(float2*)(y + (long long)r * n + col0 + j * 8 + lane % 4 * 2) = make_float2(sum[j][i], sum[j][i + 1]);
            }
        }
    }
}
