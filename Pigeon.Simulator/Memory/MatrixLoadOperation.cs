namespace Pigeon.Simulator;

/// <summary>
/// <c>ldmatrix</c>: one, two or four matrices of 8×8 16-bit elements from shared memory. Lanes 8i … 8i+7 give the addresses of the rows of
/// matrix i; lane l receives elements 2(l mod 4) and the next of row l/4, or of column l/4 where it is transposed.
/// </summary>
internal sealed unsafe class MatrixLoadOperation(AddressOperand address, Row[] to, bool transposed) : MemoryOperation(address)
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        int rows = 8 * to.Length;
        Count(warp, rows == 32 ? AllLanes : (1u << rows) - 1, 16);
        AccessStamp stamp = warp.Stamp();
        ushort* elements = stackalloc ushort[64];
        for (int matrix = 0; matrix < to.Length; matrix++)
        {
            for (int row = 0; row < 8; row++)
            {
                int lane = (matrix * 8) + row;
                byte* from = warp.Locate(Space, lane, Address(warp, lane), 16, AccessMode.Read, stamp);
                for (int column = 0; column < 8; column++)
                {
                    elements[transposed ? (column * 8) + row : (row * 8) + column] = from is null ? (ushort)0 : ((ushort*)from)[column];
                }
            }
            uint* result = warp.Values<uint>(to[matrix]);
            for (int lane = 0; lane < 32; lane++)
            {
                result[lane] = ((uint*)elements)[lane];
            }
        }
    }
}
