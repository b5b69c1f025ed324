namespace Pigeon.Simulator;

/// <summary>The values of special registers.</summary>
internal static unsafe class SpecialValues
{
    private static readonly Dictionary<string, SpecialRegister> ByName = new()
    {
        ["%tid.x"] = SpecialRegister.TidX,
        ["%tid.y"] = SpecialRegister.TidY,
        ["%tid.z"] = SpecialRegister.TidZ,
        ["%ntid.x"] = SpecialRegister.NtidX,
        ["%ntid.y"] = SpecialRegister.NtidY,
        ["%ntid.z"] = SpecialRegister.NtidZ,
        ["%ctaid.x"] = SpecialRegister.CtaidX,
        ["%ctaid.y"] = SpecialRegister.CtaidY,
        ["%ctaid.z"] = SpecialRegister.CtaidZ,
        ["%nctaid.x"] = SpecialRegister.NctaidX,
        ["%nctaid.y"] = SpecialRegister.NctaidY,
        ["%nctaid.z"] = SpecialRegister.NctaidZ,
        ["%laneid"] = SpecialRegister.LaneId,
        ["%warpid"] = SpecialRegister.WarpId,
        ["%nwarpid"] = SpecialRegister.NWarpId,
        ["%lanemask_eq"] = SpecialRegister.LaneMaskEq,
        ["%lanemask_le"] = SpecialRegister.LaneMaskLe,
        ["%lanemask_lt"] = SpecialRegister.LaneMaskLt,
        ["%lanemask_ge"] = SpecialRegister.LaneMaskGe,
        ["%lanemask_gt"] = SpecialRegister.LaneMaskGt,
        ["%smid"] = SpecialRegister.SmId,
        ["%nsmid"] = SpecialRegister.NSmId,
        ["%dynamic_smem_size"] = SpecialRegister.DynamicSharedBytes,
        ["%total_smem_size"] = SpecialRegister.TotalSharedBytes,
    };

    /// <summary>The register of that name.</summary>
    public static bool TryParse(string name, out SpecialRegister register) => ByName.TryGetValue(name, out register);

    /// <summary>Fills in a new frame's rows.</summary>
    public static void Fill(Frame frame, Warp warp)
    {
        foreach ((Row row, SpecialRegister kind, long offset) in frame.Code.Specials)
        {
            for (int lane = 0; lane < 32; lane++)
            {
                ulong value = Value(kind, warp, frame, lane, offset);
                switch (row.Bytes)
                {
                    case 2:
                        ((ushort*)(frame.File + row.Offset))[lane] = (ushort)value;
                        break;
                    case 4:
                        ((uint*)(frame.File + row.Offset))[lane] = (uint)value;
                        break;
                    default:
                        ((ulong*)(frame.File + row.Offset))[lane] = value;
                        break;
                }
            }
        }
    }

    private static ulong Value(SpecialRegister kind, Warp warp, Frame frame, int lane, long offset)
    {
        (LaunchSize grid, LaunchSize block) = (warp.Launch.Grid, warp.Launch.BlockSize);
        long thread = (warp.Index * 32) + lane;
        long number = warp.Block.Number;
        uint bit = 1u << lane;
        return kind switch
        {
            SpecialRegister.TidX => (ulong)(thread % block.X),
            SpecialRegister.TidY => (ulong)(thread / block.X % block.Y),
            SpecialRegister.TidZ => (ulong)(thread / ((long)block.X * block.Y)),
            SpecialRegister.NtidX => (ulong)block.X,
            SpecialRegister.NtidY => (ulong)block.Y,
            SpecialRegister.NtidZ => (ulong)block.Z,
            SpecialRegister.CtaidX => (ulong)(number % grid.X),
            SpecialRegister.CtaidY => (ulong)(number / grid.X % grid.Y),
            SpecialRegister.CtaidZ => (ulong)(number / ((long)grid.X * grid.Y)),
            SpecialRegister.NctaidX => (ulong)grid.X,
            SpecialRegister.NctaidY => (ulong)grid.Y,
            SpecialRegister.NctaidZ => (ulong)grid.Z,
            SpecialRegister.LaneId => (ulong)lane,
            SpecialRegister.WarpId => (ulong)warp.Index,
            SpecialRegister.NWarpId => (ulong)warp.Launch.WarpsPerBlock,
            SpecialRegister.LaneMaskEq => bit,
            SpecialRegister.LaneMaskLe => bit | (bit - 1),
            SpecialRegister.LaneMaskLt => bit - 1,
            SpecialRegister.LaneMaskGe => ~(bit - 1),
            SpecialRegister.LaneMaskGt => ~(bit | (bit - 1)),
            SpecialRegister.SmId => 0,
            SpecialRegister.NSmId => 1,
            SpecialRegister.DynamicSharedBytes => (ulong)warp.Launch.DynamicSharedBytes,
            SpecialRegister.TotalSharedBytes => (ulong)warp.Launch.SharedLayout.Used,
            SpecialRegister.DynamicSharedAddress => (ulong)(warp.Launch.DynamicSharedOffset + offset),
            _ => (ulong)(frame.LocalBase + offset),
        };
    }
}
