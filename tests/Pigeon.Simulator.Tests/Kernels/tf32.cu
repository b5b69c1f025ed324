// Y = X · W by mma.sync m16n8k8 in tf32, a warp to 16 rows and 8 columns, straight from memory.
__device__ unsigned int tf32(float v)
{
    unsigned int r;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(r) : "f"(v));
    return r;
}

extern "C" __global__ void tf32gemm(const float* __restrict__ x, const float* __restrict__ w, float* __restrict__ y, int k, int n)
{
    int row = blockIdx.x * 16 + threadIdx.x / 4, t = threadIdx.x % 4, col = blockIdx.y * 8;
    float d[4] = {};
    for (int k0 = 0; k0 < k; k0 += 8)
    {
        unsigned int a0 = tf32(x[row * k + k0 + t]), a1 = tf32(x[(row + 8) * k + k0 + t]);
        unsigned int a2 = tf32(x[row * k + k0 + t + 4]), a3 = tf32(x[(row + 8) * k + k0 + t + 4]);
        unsigned int b0 = tf32(w[(k0 + t) * n + col + threadIdx.x / 4]), b1 = tf32(w[(k0 + t + 4) * n + col + threadIdx.x / 4]);
        asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
    }
    y[row * n + col + t * 2] = d[0];
    y[row * n + col + t * 2 + 1] = d[1];
    y[(row + 8) * n + col + t * 2] = d[2];
    y[(row + 8) * n + col + t * 2 + 1] = d[3];
}
