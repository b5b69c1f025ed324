// Y[scatter[i]] = X[gather[i]] · W, 64 rows and 64 columns to a block of 256 threads, 4 × 4 results each.
extern "C" __global__ void __launch_bounds__(256) gemm(
    const float* __restrict__ x, const float* __restrict__ w, float* __restrict__ y,
    const int* __restrict__ gather, const int* __restrict__ scatter, int rows, int k, int n)
{
    __shared__ __align__(16) float a[16][68];
    __shared__ __align__(16) float b[16][64];
    int row0 = blockIdx.x * 64, col0 = blockIdx.y * 64;
    int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
    float sum[4][4] = {};
    for (int k0 = 0; k0 < k; k0 += 16)
    {
        int r = threadIdx.x / 4, q = threadIdx.x % 4 * 4;
        float4 v = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
        if (row0 + r < rows)
        {
            v = *(const float4*)(x + (long long)gather[row0 + r] * k + k0 + q);
        }
        a[q][r] = v.x;
        a[q + 1][r] = v.y;
        a[q + 2][r] = v.z;
        a[q + 3][r] = v.w;
        *(float4*)&b[ty][tx * 4] = *(const float4*)(w + (k0 + ty) * n + col0 + tx * 4);
        __syncthreads();
        #pragma unroll
        for (int kk = 0; kk < 16; kk++)
        {
            float4 p = *(const float4*)&a[kk][ty * 4];
            float4 s = *(const float4*)&b[kk][tx * 4];
            float l[4] = {p.x, p.y, p.z, p.w}, m[4] = {s.x, s.y, s.z, s.w};
            for (int i = 0; i < 4; i++)
            {
                for (int j = 0; j < 4; j++)
                {
                    sum[i][j] = fmaf(l[i], m[j], sum[i][j]);
                }
            }
        }
        __syncthreads();
    }
    for (int i = 0; i < 4; i++)
    {
        int r = row0 + ty * 4 + i;
        if (r < rows)
        {
            *(float4*)(y + (long long)scatter[r] * n + col0 + tx * 4) = make_float4(sum[i][0], sum[i][1], sum[i][2], sum[i][3]);
        }
    }
}
