// Each warp turns tiles of 32 × 32 around through its own shared memory; lanes exchange rows for columns, so __syncwarp orders them.
extern "C" __global__ void __launch_bounds__(64) transpose(const float* __restrict__ x, float* __restrict__ y, int tiles)
{
    __shared__ float tile[2][32][33];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    for (int t = blockIdx.x * 2 + warp; t < tiles; t += gridDim.x * 2)
    {
        for (int r = 0; r < 32; r++)
        {
            tile[warp][r][lane] = x[t * 1024 + r * 32 + lane];
        }
        __syncwarp();
        for (int r = 0; r < 32; r++)
        {
            y[t * 1024 + r * 32 + lane] = tile[warp][lane][r];
        }
        __syncwarp();
    }
}
