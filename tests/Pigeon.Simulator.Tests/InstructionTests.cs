using System.Globalization;
using System.Numerics;
using Xunit;

namespace Pigeon.Simulator.Tests;

/// <summary>Instructions against C# on random and special values, bit for bit (NaNs are alike).</summary>
public sealed class InstructionTests
{
    private const int Count = 128;

    private static readonly uint[] SpecialSingles =
    [
        0, 0x80000000, 1, 0x80000001, 0x007FFFFF, 0x00800000, 0x3F800000, 0xBF800000, 0x3F000000, 0x40200000, 0xC0200000, 0x7F7FFFFF,
        0xFF7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00000, 0x4F000000, 0xCF000000, 0x4B000001, 0x4EFFFFFF, 0x5F000000, 0x40490FDB,
    ];

    private static readonly ulong[] SpecialIntegers =
        [0, 1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 255, 32767, 32768, 65535, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1UL << 32, long.MaxValue,
            1UL << 63, ulong.MaxValue];

    public static TheoryData<string> Names() => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Instruction_is_as_in_csharp(string text)
    {
        (string result, string[] sources, Func<ulong[], ulong> expected) = Table[text];
        var random = new Random(text.Length + text[0]);
        ulong[][] values = [.. sources.Select((type, i) => Values(type, random, i))];
        ulong[] got = OneInstruction.Run(text, result, sources, values);
        for (int i = 0; i < Count; i++)
        {
            ulong[] operands = [.. values.Select((v, s) => Narrow(v[i], sources[s]))];
            ulong wanted = Narrow(expected(operands), result);
            Assert.True(Same(got[i], wanted, result), FormattableString.Invariant(
                $"{text} of {string.Join(", ", operands.Select(o => $"0x{o:x}"))} is 0x{got[i]:x}, expected 0x{wanted:x}"));
        }
    }

    // Read by the table that follows, so it stands before it.
    private static readonly (string, Func<float, float, bool>)[] Relations =
    [
        ("eq", (a, b) => a == b), ("ne", (a, b) => a < b || a > b), ("lt", (a, b) => a < b), ("le", (a, b) => a <= b),
        ("gt", (a, b) => a > b), ("ge", (a, b) => a >= b), ("equ", (a, b) => !(a < b || a > b)), ("neu", (a, b) => a != b),
        ("ltu", (a, b) => !(a >= b)), ("leu", (a, b) => !(a > b)), ("gtu", (a, b) => !(a <= b)), ("geu", (a, b) => !(a < b)),
        ("num", (a, b) => !float.IsNaN(a) && !float.IsNaN(b)), ("nan", (a, b) => float.IsNaN(a) || float.IsNaN(b)),
    ];

    private static readonly Dictionary<string, (string Result, string[] Sources, Func<ulong[], ulong> Expected)> Table = Build();

    private static Dictionary<string, (string, string[], Func<ulong[], ulong>)> Build()
    {
        var table = new Dictionary<string, (string, string[], Func<ulong[], ulong>)>();
        void Add(string text, string result, string sources, Func<ulong[], ulong> expected) =>
            table.Add(text, (result, sources.Split(' '), expected));
        Integers<short, ushort>(table, 16);
        Integers<int, uint>(table, 32);
        Integers<long, ulong>(table, 64);

        Add("mul.wide.u32 %d, %a, %b;", "b64", "b32 b32", v => v[0] * v[1]);
        Add("mul.wide.s32 %d, %a, %b;", "b64", "b32 b32", v => (ulong)((long)(int)v[0] * (int)v[1]));
        Add("mad.wide.s32 %d, %a, %b, %c;", "b64", "b32 b32 b64", v => (ulong)((long)(int)v[0] * (int)v[1]) + v[2]);
        Add("mad.wide.u32 %d, %a, 12, %c;", "b64", "b32 b32 b64", v => (v[0] * 12) + v[2]);
        Add("mul.wide.u16 %d, %a, %b;", "b32", "b16 b16", v => v[0] * v[1]);
        Add("mul.wide.s16 %d, %a, %b;", "b32", "b16 b16", v => (ulong)((short)v[0] * (short)v[1]));
        Add("mul.hi.u32 %d, %a, %b;", "b32", "b32 b32", v => v[0] * v[1] >> 32);
        Add("mul.hi.s32 %d, %a, %b;", "b32", "b32 b32", v => (ulong)((long)(int)v[0] * (int)v[1] >> 32));
        Add("mul.hi.u64 %d, %a, %b;", "b64", "b64 b64", v => Math.BigMul(v[0], v[1], out _));
        Add("mul.hi.s64 %d, %a, %b;", "b64", "b64 b64", v => (ulong)Math.BigMul((long)v[0], (long)v[1], out _));
        Add("sad.s32 %d, %a, %b, %c;", "b32", "b32 b32 b32", v => (ulong)Math.Abs((long)(int)v[0] - (int)v[1]) + v[2]);
        Add("add.sat.s32 %d, %a, %b;", "b32", "b32 b32", v => (ulong)Math.Clamp((long)(int)v[0] + (int)v[1], int.MinValue, int.MaxValue));
        Add("popc.b32 %d, %a;", "b32", "b32", v => (ulong)BitOperations.PopCount(v[0]));
        Add("popc.b64 %d, %a;", "b32", "b64", v => (ulong)BitOperations.PopCount(v[0]));
        Add("clz.b32 %d, %a;", "b32", "b32", v => (ulong)BitOperations.LeadingZeroCount((uint)v[0]));
        Add("clz.b64 %d, %a;", "b32", "b64", v => (ulong)BitOperations.LeadingZeroCount(v[0]));
        Add("bfind.u32 %d, %a;", "b32", "b32", v => v[0] == 0 ? uint.MaxValue : (ulong)BitOperations.Log2(v[0]));
        Add("bfind.shiftamt.u32 %d, %a;", "b32", "b32", v => v[0] == 0 ? uint.MaxValue : 31 - (ulong)BitOperations.Log2(v[0]));
        Add("brev.b32 %d, %a;", "b32", "b32", v => System.Convert.ToUInt32(new string([.. System.Convert.ToString((uint)v[0],
            2).PadLeft(32, '0')
            .Reverse()]), 2));
        Add("bfe.u32 %d, %a, 5, 9;", "b32", "b32", v => v[0] >> 5 & 511);
        Add("bfe.s32 %d, %a, 5, 9;", "b32", "b32", v => (ulong)((int)v[0] << 18 >> 23));
        Add("bfi.b32 %d, %a, %b, 5, 9;", "b32", "b32 b32", v => (v[1] & ~(511UL << 5)) | ((v[0] & 511) << 5));
        Add("bfi.b64 %d, %a, %b, 32, 32;", "b64", "b64 b64", v => (uint)v[1] | (v[0] << 32));
        Add("prmt.b32 %d, %a, %b, 0x7531;", "b32", "b32 b32", v => (v[0] >> 8 & 255) | (v[0] >> 16 & 0xFF00)
            | ((v[1] >> 8 & 255) << 16) | ((v[1] >> 24 & 255) << 24));
        Add("shf.l.wrap.b32 %d, %a, %b, %c;", "b32", "b32 b32 b32", v => ((v[1] << 32) | v[0]) << (int)(v[2] & 31) >> 32);
        Add("shf.r.clamp.b32 %d, %a, %b, %c;", "b32", "b32 b32 b32", v => ((v[1] << 32) | v[0]) >> (int)Math.Min(v[2], 32));
        Add("lop3.b32 %d, %a, %b, %c, 0xE8;", "b32", "b32 b32 b32", v => (v[0] & v[1]) | (v[1] & v[2]) | (v[0] & v[2]));
        Add("dp4a.u32.u32 %d, %a, %b, %c;", "b32", "b32 b32 b32", v =>
            v[2] + (ulong)Enumerable.Range(0, 4).Sum(i => (long)((v[0] >> (8 * i) & 255) * (v[1] >> (8 * i) & 255))));
        Add("add.cc.u32 %d, %a, %b; addc.u32 %d, 0, 0;", "b32", "b32 b32", v => (v[0] + v[1]) >> 32);
        Add("sub.cc.u32 %d, %a, %b; subc.u32 %d, %c, 0;", "b32", "b32 b32 b32", v => v[2] - (v[0] < v[1] ? 1u : 0));
        Add("mov.b64 %d, {%a, %b};", "b64", "b32 b32", v => v[0] | (v[1] << 32));
        Add("{.reg .b32 %l; mov.b64 {%l, %d}, %a;}", "b32", "b64", v => v[0] >> 32);
        Add("{.reg .b16 %l, %h; mov.b32 {%l, %h}, %a; mov.b32 %d, {%h, %l};}", "b32", "b32", v => (v[0] >> 16) | (v[0] << 16));
        Add("setp.lt.and.s32 %p|%q, %a, %b, 1; @%q bra L; selp.b32 %d, 1, 2, %p; bra M; L: mov.u32 %d, 3; M:", "b32", "b32 b32", v =>
            (int)v[0] < (int)v[1] ? 1u : 3);
        Add("setp.ne.u32 %p, %a, %b; not.pred %q, %p; xor.pred %p, %p, %q; and.pred %q, %p, !%q; selp.u32 %d, 7, 8, %q;", "b32", "b32 b32",
            v => v[0] != v[1] ? 7u : 8);

        Single(table, "add.rn.f32 %d, %a, %b;", 2, (a, b, _) => a + b);
        Single(table, "sub.f32 %d, %a, %b;", 2, (a, b, _) => a - b);
        Single(table, "mul.f32 %d, %a, %b;", 2, (a, b, _) => a * b);
        Single(table, "fma.rn.f32 %d, %a, %b, %c;", 3, MathF.FusedMultiplyAdd);
        Single(table, "div.rn.f32 %d, %a, %b;", 2, (a, b, _) => a / b);
        Single(table, "rcp.rn.f32 %d, %a;", 1, (a, _, _) => 1 / a);
        Single(table, "sqrt.rn.f32 %d, %a;", 1, (a, _, _) => MathF.Sqrt(a));
        Single(table, "neg.f32 %d, %a;", 1, (a, _, _) => -a);
        Single(table, "abs.f32 %d, %a;", 1, (a, _, _) => MathF.Abs(a));
        Single(table, "min.f32 %d, %a, %b;", 2, (a, b, _) => float.MinNumber(a, b));
        Single(table, "max.f32 %d, %a, %b;", 2, (a, b, _) => float.MaxNumber(a, b));
        Single(table, "add.sat.f32 %d, %a, %b;", 2, (a, b, _) => float.IsNaN(a + b) ? 0 : Math.Clamp(a + b, 0, 1));
        Single(table, "mul.ftz.f32 %d, %a, %b;", 2, (a, b, _) => Flush(Flush(a) * Flush(b)));
        Single(table, "add.rz.f32 %d, %a, %b;", 2, (a, b, _) => Directed(Exact(a) + Exact(b), a + b, 0, false, a, b));
        Single(table, "add.rm.f32 %d, %a, %b;", 2, (a, b, _) => Directed(Exact(a) + Exact(b), a + b, -1, false, a, b));
        Single(table, "add.rp.f32 %d, %a, %b;", 2, (a, b, _) => Directed(Exact(a) + Exact(b), a + b, 1, false, a, b));
        Single(table, "mul.rz.f32 %d, %a, %b;", 2, (a, b, _) => Directed(Exact(a) * Exact(b), a * b, 0, true, a, b));
        Single(table, "fma.rm.f32 %d, %a, %b, %c;", 3, (a, b, c) =>
            Directed((Exact(a) * Exact(b)) + (Exact(c) << Scale), MathF.FusedMultiplyAdd(a, b, c), -1, true, a, b, c));
        Single(table, "fma.rp.f32 %d, %a, %b, %c;", 3, (a, b, c) =>
            Directed((Exact(a) * Exact(b)) + (Exact(c) << Scale), MathF.FusedMultiplyAdd(a, b, c), 1, true, a, b, c));
        Single(table, "ex2.approx.f32 %d, %a;", 1, (a, _, _) => (float)Math.Pow(2, a));
        Single(table, "ex2.approx.ftz.f32 %d, %a;", 1, (a, _, _) => Flush((float)Math.Pow(2, Flush(a))));
        Single(table, "lg2.approx.f32 %d, %a;", 1, (a, _, _) => (float)Math.Log2(a));
        Single(table, "rsqrt.approx.f32 %d, %a;", 1, (a, _, _) => (float)(1 / Math.Sqrt(a)));
        Single(table, "rcp.approx.ftz.f32 %d, %a;", 1, (a, _, _) => Flush(1 / Flush(a)));
        Single(table, "sqrt.approx.f32 %d, %a;", 1, (a, _, _) => MathF.Sqrt(a));
        Single(table, "div.approx.f32 %d, %a, %b;", 2, (a, b, _) => a / b);
        Single(table, "sin.approx.f32 %d, %a;", 1, (a, _, _) => (float)Math.Sin(a));
        Single(table, "cos.approx.f32 %d, %a;", 1, (a, _, _) => (float)Math.Cos(a));
        Single(table, "tanh.approx.f32 %d, %a;", 1, (a, _, _) => (float)Math.Tanh(a));
        Single(table, "copysign.f32 %d, %a, %b;", 2, (a, b, _) => MathF.CopySign(b, a));

        Double(table, "add.f64 %d, %a, %b;", 2, (a, b, _) => a + b);
        Double(table, "sub.f64 %d, %a, %b;", 2, (a, b, _) => a - b);
        Double(table, "mul.f64 %d, %a, %b;", 2, (a, b, _) => a * b);
        Double(table, "fma.rn.f64 %d, %a, %b, %c;", 3, Math.FusedMultiplyAdd);
        Double(table, "div.rn.f64 %d, %a, %b;", 2, (a, b, _) => a / b);
        Double(table, "rcp.rn.f64 %d, %a;", 1, (a, _, _) => 1 / a);
        Double(table, "sqrt.rn.f64 %d, %a;", 1, (a, _, _) => Math.Sqrt(a));
        Double(table, "min.f64 %d, %a, %b;", 2, (a, b, _) => double.MinNumber(a, b));
        Double(table, "max.f64 %d, %a, %b;", 2, (a, b, _) => double.MaxNumber(a, b));
        Double(table, "neg.f64 %d, %a;", 1, (a, _, _) => -a);
        Double(table, "abs.f64 %d, %a;", 1, (a, _, _) => Math.Abs(a));

        foreach ((string name, Func<float, float, bool> holds) in Relations)
        {
            Add($"setp.{name}.f32 %p, %a, %b; selp.u32 %d, 1, 0, %p;", "b32", "f32 f32", v => holds(F(v[0]), F(v[1])) ? 1u : 0);
        }
        Conversions(Add);
        return table;
    }

    private static void Integers<TSigned, TUnsigned>(Dictionary<string, (string, string[], Func<ulong[], ulong>)> table, int bits)
        where TSigned : IBinaryInteger<TSigned>
        where TUnsigned : IBinaryInteger<TUnsigned>
    {
        string b = "b" + bits.ToString(CultureInfo.InvariantCulture);
        TSigned S(ulong v) => TSigned.CreateTruncating(v);
        ulong B(TSigned v) => ulong.CreateTruncating(v);
        void Add(string text, Func<ulong[], ulong> expected, string? third = null) => table.Add(
            text.Replace("#", bits.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), (b, third is null ? [b, b] : [b,
                third], expected));
        Add("add.s# %d, %a, %b;", v => v[0] + v[1]);
        Add("sub.u# %d, %a, %b;", v => v[0] - v[1]);
        Add("mul.lo.s# %d, %a, %b;", v => v[0] * v[1]);
        Add("mad.lo.s# %d, %a, %b, %a;", v => (v[0] * v[1]) + v[0]);
        Add("min.s# %d, %a, %b;", v => B(TSigned.Min(S(v[0]), S(v[1]))));
        Add("max.s# %d, %a, %b;", v => B(TSigned.Max(S(v[0]), S(v[1]))));
        Add("min.u# %d, %a, %b;", v => Math.Min(v[0], v[1]));
        Add("max.u# %d, %a, %b;", v => Math.Max(v[0], v[1]));
        Add("and.b# %d, %a, %b;", v => v[0] & v[1]);
        Add("or.b# %d, %a, %b;", v => v[0] | v[1]);
        Add("xor.b# %d, %a, %b;", v => v[0] ^ v[1]);
        Add("not.b# %d, %a;", v => ~v[0]);
        Add("neg.s# %d, %a;", v => 0 - v[0]);
        Add("abs.s# %d, %a;", v => S(v[0]) < TSigned.Zero ? 0 - v[0] : v[0]);
        Add("div.u# %d, %a, %b;", v => v[1] == 0 ? ulong.MaxValue : v[0] / v[1]);
        Add("rem.u# %d, %a, %b;", v => v[1] == 0 ? v[0] : v[0] % v[1]);
        Add("div.s# %d, %a, 7;", v => B(S(v[0]) / TSigned.CreateChecked(7)));
        Add("rem.s# %d, %a, 7;", v => B(S(v[0]) % TSigned.CreateChecked(7)));
        Add("div.s# %d, %a, -1;", v => 0 - v[0]);
        Add("shl.b# %d, %a, %b;", v => v[1] >= (ulong)bits ? 0 : v[0] << (int)v[1], "b32");
        Add("shr.u# %d, %a, %b;", v => v[1] >= (ulong)bits ? 0 : v[0] >> (int)v[1], "b32");
        Add("shr.s# %d, %a, %b;", v => B(S(v[0]) >> (int)Math.Min(v[1], (ulong)bits - 1)), "b32");
        Add("setp.lt.s# %p, %a, %b; selp.b# %d, 5, 6, %p;", v => S(v[0]) < S(v[1]) ? 5u : 6);
        Add("setp.hs.u# %p, %a, %b; selp.b# %d, %a, %b, %p;", v => Math.Max(v[0], v[1]));
        Add("setp.le.u# %p, %a, %b; @!%p mov.b# %d, %a; @%p mov.b# %d, %b;", v => Math.Max(v[0], v[1]));
    }

    private static void Single(
        Dictionary<string, (string, string[], Func<ulong[], ulong>)> table, string text, int count, Func<float, float, float,
            float> expected) =>
        table.Add(text, ("f32", [.. Enumerable.Repeat("f32", count)], v =>
            BitConverter.SingleToUInt32Bits(expected(F(v[0]), F(v[count > 1 ? 1 : 0]), F(v[count > 2 ? 2 : 0])))));

    private static void Double(
        Dictionary<string, (string, string[], Func<ulong[], ulong>)> table, string text, int count, Func<double, double, double,
            double> expected) =>
        table.Add(text, ("f64", [.. Enumerable.Repeat("f64", count)], v =>
            BitConverter.DoubleToUInt64Bits(expected(D(v[0]), D(v[count > 1 ? 1 : 0]), D(v[count > 2 ? 2 : 0])))));

    private static void Conversions(Action<string, string, string, Func<ulong[], ulong>> add)
    {
        add("cvt.s64.s32 %d, %a;", "b64", "b32", v => (ulong)(int)v[0]);
        add("cvt.u64.u32 %d, %a;", "b64", "b32", v => v[0]);
        add("cvt.u32.u64 %d, %a;", "b32", "b64", v => v[0]);
        add("cvt.u16.u32 %d, %a;", "b16", "b32", v => v[0]);
        add("cvt.s32.s8 %d, %a;", "b32", "b32", v => (ulong)(sbyte)v[0]);
        add("cvt.u32.u8 %d, %a;", "b32", "b16", v => (byte)v[0]);
        add("cvt.sat.u8.s32 %d, %a;", "b32", "b32", v => (ulong)Math.Clamp((int)v[0], 0, 255));
        add("cvt.rn.f32.s32 %d, %a;", "f32", "b32", v => B((int)v[0]));
        add("cvt.rn.f32.u32 %d, %a;", "f32", "b32", v => B((uint)v[0]));
        add("cvt.rn.f32.s64 %d, %a;", "f32", "b64", v => B((long)v[0]));
        add("cvt.rn.f32.u64 %d, %a;", "f32", "b64", v => B(v[0]));
        add("cvt.rn.f64.s64 %d, %a;", "f64", "b64", v => BitConverter.DoubleToUInt64Bits((long)v[0]));
        add("cvt.rn.f64.u64 %d, %a;", "f64", "b64", v => BitConverter.DoubleToUInt64Bits(v[0]));
        add("cvt.rz.f32.s32 %d, %a;", "f32", "b32", v => B(Directed(new BigInteger((int)v[0]) << Scale, (int)v[0], 0, false)));
        add("cvt.rzi.s32.f32 %d, %a;", "b32", "f32", v => (ulong)(long)Math.Clamp(NoNaN(F(v[0])), int.MinValue, int.MaxValue));
        add("cvt.rzi.u32.f32 %d, %a;", "b32", "f32", v => (ulong)(long)Math.Clamp(NoNaN(F(v[0])), 0, uint.MaxValue));
        add("cvt.rni.s32.f32 %d, %a;", "b32", "f32", v =>
            (ulong)(long)Math.Clamp(Math.Round(NoNaN(F(v[0])), MidpointRounding.ToEven), int.MinValue, int.MaxValue));
        add("cvt.rmi.f32.f32 %d, %a;", "f32", "f32", v => B(MathF.Floor(F(v[0]))));
        add("cvt.rpi.f32.f32 %d, %a;", "f32", "f32", v => B(MathF.Ceiling(F(v[0]))));
        add("cvt.rni.f32.f32 %d, %a;", "f32", "f32", v => B(MathF.Round(F(v[0]), MidpointRounding.ToEven)));
        add("cvt.sat.f32.f32 %d, %a;", "f32", "f32", v => B(F(v[0]) > 0 ? Math.Min(F(v[0]), 1) : 0));
        add("cvt.f64.f32 %d, %a;", "f64", "f32", v => BitConverter.DoubleToUInt64Bits(F(v[0])));
        add("cvt.rn.f32.f64 %d, %a;", "f32", "f64", v => B((float)D(v[0])));
        add("cvt.rn.f16.f32 %d, %a;", "b16", "f32", v =>
            float.IsNaN(F(v[0])) ? 0x7FFFu : BitConverter.HalfToUInt16Bits((Half)F(v[0])));
        add("cvt.f32.f16 %d, %a;", "f32", "b16", v => B((float)BitConverter.UInt16BitsToHalf((ushort)v[0])));
        add("cvt.rn.bf16.f32 %d, %a;", "b16", "f32", v => BFloat((uint)v[0]));
        add("cvt.rz.bf16.f32 %d, %a;", "b16", "f32", v => float.IsNaN(F(v[0])) ? 0x7FFFu : v[0] >> 16);
        add("cvt.f32.bf16 %d, %a;", "f32", "b16", v => v[0] << 16);
        add("cvt.rn.bf16x2.f32 %d, %a, %b;", "b32", "f32 f32", v => (BFloat((uint)v[0]) << 16) | BFloat((uint)v[1]));
        add("cvt.rna.tf32.f32 %d, %a;", "b32", "f32", v =>
            float.IsNaN(F(v[0])) ? 0x7FFFFFFF : float.IsInfinity(F(v[0])) ? v[0] : (v[0] + 0x1000) & 0xFFFFE000);
        add("add.f16 %d, %a, %b;", "b16", "b16 b16", v => H(HalfOf(v[0]) + HalfOf(v[1])));
        add("fma.rn.bf16x2 %d, %a, %b, %c;", "b32", "b32 b32 b32", v => BFloatFma(v, 0) | (BFloatFma(v, 16) << 16));
    }

    private static ulong BFloatFma(ulong[] v, int shift)
    {
        // Values of 8 bits: exact in f64 but for sums of far exponents, where the result is the larger one.
        double[] x = [.. v.Select(bits => (double)BitConverter.UInt32BitsToSingle((uint)(bits >> shift & 0xFFFF) << 16))];
        double exact = Math.FusedMultiplyAdd(x[0], x[1], x[2]);
        return double.IsNaN(exact) ? 0x7FFFu : BFloat(BitConverter.SingleToUInt32Bits((float)exact));
    }

    private static Half HalfOf(ulong bits) => BitConverter.UInt16BitsToHalf((ushort)bits);

    private static ulong H(Half value) => Half.IsNaN(value) ? 0x7FFFu : BitConverter.HalfToUInt16Bits(value);

    private static ulong BFloat(uint bits) =>
        float.IsNaN(BitConverter.UInt32BitsToSingle(bits)) ? 0x7FFFu : (ulong)((bits + 0x7FFFL + (bits >> 16 & 1)) >> 16);

    private static double NoNaN(float value) => float.IsNaN(value) ? 0 : value;

    private static float F(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static double D(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static ulong B(float value) => BitConverter.SingleToUInt32Bits(value);

    private static float Flush(float value) => float.IsSubnormal(value) ? MathF.CopySign(0, value) : value;

    private const int Scale = 149;

    /// <summary>A finite f32 times 2¹⁴⁹; 0 of others.</summary>
    private static BigInteger Exact(float value)
    {
        if (!float.IsFinite(value))
        {
            return 0;
        }
        uint bits = BitConverter.SingleToUInt32Bits(value);
        int exponent = (int)(bits >> 23 & 255);
        BigInteger fraction = bits & 0x7FFFFF | (exponent == 0 ? 0 : 0x800000u);
        return (value < 0 ? -fraction : fraction) << Math.Max(exponent - 1, 0);
    }

    /// <summary>The exact value rounded in a direction, given what it is to nearest.</summary>
    private static float Directed(BigInteger exact, float nearest, int direction, bool square, params float[] operands)
    {
        if (!operands.All(float.IsFinite))
        {
            return nearest;
        }
        BigInteger limit = Exact(float.MaxValue) << (square ? Scale : 0);
        BigInteger near = float.IsInfinity(nearest) ? (nearest > 0 ? limit + 1 : -limit - 1) : Exact(nearest) << (square ? Scale : 0);
        bool down = direction < 0 || (direction == 0 && exact.Sign > 0);
        if (float.IsInfinity(nearest))
        {
            return down ? MathF.Min(nearest, float.MaxValue) : MathF.Max(nearest, float.MinValue);
        }
        return down ? (near > exact ? MathF.BitDecrement(nearest) : nearest) : near < exact ? MathF.BitIncrement(nearest) : nearest;
    }

    private static ulong[] Values(string type, Random random, int operand)
    {
        var values = new ulong[Count];
        for (int i = 0; i < Count; i++)
        {
            values[i] = type switch
            {
                "f32" when i < 64 => SpecialSingles[(i * (operand + 1)) % SpecialSingles.Length],
                "f32" => BitConverter.SingleToUInt32Bits((random.NextSingle() - 0.5f) * MathF.Pow(2, random.Next(-20, 20))),
                "f64" when i < 64 => BitConverter.DoubleToUInt64Bits(F(SpecialSingles[(i * (operand + 1)) % SpecialSingles.Length])),
                "f64" => BitConverter.DoubleToUInt64Bits((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-20, 20))),
                _ when i < 64 => SpecialIntegers[(i * (operand + 1)) % SpecialIntegers.Length],
                _ => (ulong)random.NextInt64(),
            };
            values[i] = Narrow(values[i], type);
        }
        return values;
    }

    private static int Bits(string type) => int.Parse(type[1..], CultureInfo.InvariantCulture);

    private static ulong Narrow(ulong bits, string type) => Bits(type) == 64 ? bits : bits & ((1UL << Bits(type)) - 1);

    private static bool Same(ulong got, ulong wanted, string type) => got == wanted
        || (type == "f32" && float.IsNaN(F(got)) && float.IsNaN(F(wanted))) || (type == "f64" && double.IsNaN(D(got))
            && double.IsNaN(D(wanted)));
}
