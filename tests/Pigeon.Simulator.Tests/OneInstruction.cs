using System.Globalization;

namespace Pigeon.Simulator.Tests;

/// <summary>Runs one instruction on many values: a kernel that loads %a, %b and %c, executes it, and stores %d.</summary>
internal static class OneInstruction
{
    /// <summary>The results as raw bits.</summary>
    /// <param name="text">The instruction, or several.</param>
    /// <param name="result">The type of %d's register.</param>
    /// <param name="sources">The types of the registers %a, %b, %c.</param>
    /// <param name="values">The values of each source as raw bits, all as many.</param>
    public static ulong[] Run(string text, string result, string[] sources, ulong[][] values)
    {
        int count = values[0].Length;
        string[] names = ["a", "b", "c"];
        var ptx = new System.Text.StringBuilder(".version 8.4\n.target sm_90\n.address_size 64\n.visible .entry k(");
        ptx.AppendJoin(", ", sources.Select((_, i) => $".param .u64 p{i}")).Append(", .param .u64 out)\n{\n");
        ptx.Append(".reg .b64 %base, %at;\n.reg .b32 %i;\n.reg .pred %p, %q;\n");
        ptx.Append(CultureInfo.InvariantCulture, $".reg .{result} %d;\n");
        for (int s = 0; s < sources.Length; s++)
        {
            ptx.Append(CultureInfo.InvariantCulture, $".reg .{sources[s]} %{names[s]};\n");
        }
        ptx.Append("{.reg .b32 %x, %y, %z; mov.u32 %x, %tid.x; mov.u32 %y, %ctaid.x; mov.u32 %z, %ntid.x; mad.lo.s32 %i, %y, %z, %x;}\n");
        ptx.Append("cvt.u64.u32 %at, %i;\nshl.b64 %at, %at, 3;\n");
        for (int s = 0; s < sources.Length; s++)
        {
            string type = Storage(sources[s]);
            ptx.Append(CultureInfo.InvariantCulture,
                $"ld.param.u64 %base, [p{s}];\nadd.s64 %base, %base, %at;\nld.global.{type} %{names[s]}, [%base];\n");
        }
        ptx.Append(text).Append('\n');
        ptx.Append(CultureInfo.InvariantCulture,
            $"ld.param.u64 %base, [out];\nadd.s64 %base, %base, %at;\nst.global.{Storage(result)} [%base], %d;\nret;\n}}\n");
        using var device = new Device();
        SimulatedModule module = device.Gpu.Load(ptx.ToString(), "one.ptx");
        ulong outcome = device.Put("out", new ulong[count]);
        ulong[] arguments = [.. values.Select((v, i) => device.Put("p" + i, v)), outcome];
        device.RunClean(module, "k", new LaunchSize(count / 32), 32, arguments);
        return device.Get<ulong>(outcome, count);
    }

    private static string Storage(string type) => "b" + type[1..].Replace("16x2", "32", StringComparison.Ordinal);
}
