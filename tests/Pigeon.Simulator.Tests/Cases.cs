namespace Pigeon.Simulator.Tests;

/// <summary>The kernels of the folder Kernels with data for them, and what must come out. Each returns the largest relative
/// error.</summary>
internal static class Cases
{
    /// <summary>Kernels by name: a run on a device gives its findings and counters, and its relative error against f64.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Device, SimulatedModule, (LaunchReport Report, double Error)>> All =
        new Dictionary<string, Func<Device, SimulatedModule, (LaunchReport, double)>>
        {
            ["gemm"] = (device, module) => Gemm(device, module, 100, 32, 64),
            ["traverse"] = (device, module) => Traverse(device, module, 70, 300, 40),
            ["reduce"] = (device, module) => Reduce(device, module, 5000, 6),
            ["pipeline"] = (device, module) => Pipeline(device, module, 90, 96, 64),
            ["tf32"] = (device, module) => Tf32(device, module, 32, 24, 16),
            ["transpose"] = (device, module) => Transpose(device, module, 9, 2),
            ["scatter"] = (device, module) => Scatter(device, module, 300, 20),
        };

    public static (LaunchReport Report, double Error) Gemm(Device device, SimulatedModule module, int rows, int k, int n)
    {
        var random = new Random(7);
        int inputs = rows + 13;
        float[] x = Numbers(random, inputs * k), w = Numbers(random, k * n);
        int[] gather = [.. Enumerable.Range(0, rows).Select(_ => random.Next(inputs))], scatter = Shuffled(random, rows);
        ulong y = device.New<float>("y", rows * n);
        LaunchReport report = device.Run(module, "gemm", new LaunchSize((rows + 63) / 64, n / 64), 256, device.Put("x", x), device.Put("w",
            w), y,
            device.Put("gather", gather), device.Put("scatter", scatter), (ulong)rows, (ulong)k, (ulong)n);
        double[] expected = new double[rows * n];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < n; j++)
            {
                expected[(scatter[i] * n) + j] = Enumerable.Range(0, k).Sum(l => (double)x[(gather[i] * k) + l] * w[(l * n) + j]);
            }
        }
        return (report, Error(device, report, y, expected));
    }

    public static (LaunchReport Report, double Error) Traverse(Device device, SimulatedModule module, int nodes, int edges, int width)
    {
        var random = new Random(8);
        int[] targets = [.. Enumerable.Range(0, edges).Select(i => i < edges / 4 ? 3 : random.Next(nodes)).Order()];
        int[] offsets = [.. Enumerable.Range(0, nodes + 1).Select(node => targets.Count(target => target < node))];
        int[] sources = [.. Enumerable.Range(0, edges).Select(_ => random.Next(nodes))];
        float[] logits = Numbers(random, edges), x = Numbers(random, nodes * width);
        ulong y = device.New<float>("y", nodes * width);
        LaunchReport report = device.Run(module, "traverse", new LaunchSize((nodes + 3) / 4), 128, device.Put("offsets", offsets),
            device.Put("sources", sources), device.Put("logits", logits), device.Put("x", x), y, (ulong)nodes, (ulong)width);
        double[] expected = new double[nodes * width];
        for (int node = 0; node < nodes; node++)
        {
            int[] incoming = [.. Enumerable.Range(offsets[node], offsets[node + 1] - offsets[node])];
            double total = incoming.Sum(e => Math.Exp(logits[e]));
            for (int c = 0; c < width; c++)
            {
                expected[(node * width) + c] = incoming.Sum(e => Math.Exp(logits[e]) / total * x[(sources[e] * width) + c]);
            }
        }
        return (report, Error(device, report, y, expected));
    }

    public static (LaunchReport Report, double Error) Reduce(Device device, SimulatedModule module, int n, int blocks)
    {
        float[] x = Numbers(new Random(9), n);
        ulong total = device.New<float>("total", 1), large = device.Put("large", 0u);
        LaunchReport report = device.Run(module, "reduce", new LaunchSize(blocks), 256, device.Put("x", x), device.New<float>("partial",
            blocks),
            total, large, (ulong)n);
        double error = Error(device, report, total, [x.Sum(v => (double)v)]);
        return (report, device.Get<uint>(large, 1)[0] == x.Count(v => v > 0.5f) ? error : 1);
    }

    public static (LaunchReport Report, double Error) Pipeline(Device device, SimulatedModule module, int rows, int k, int n)
    {
        var random = new Random(10);
        ushort[] x = [.. Numbers(random, rows * k).Select(BFloat)], w = [.. Numbers(random, k * n).Select(BFloat)];
        ulong y = device.New<float>("y", rows * n);
        LaunchReport report = device.Run(module, "pipeline", new LaunchSize((rows + 63) / 64, n / 64), 128, device.Put("x", x),
            device.Put("w", w), y,
            (ulong)rows, (ulong)k, (ulong)n);
        return (report, Error(device, report, y, Product(x.Select(Value), w.Select(Value), rows, k, n)));
    }

    public static (LaunchReport Report, double Error) Tf32(Device device, SimulatedModule module, int rows, int k, int n)
    {
        var random = new Random(11);
        float[] x = Numbers(random, rows * k), w = Numbers(random, k * n);
        ulong y = device.New<float>("y", rows * n);
        LaunchReport report = device.Run(module, "tf32gemm", new LaunchSize(rows / 16, n / 8), 32, device.Put("x", x), device.Put("w", w),
            y, (ulong)k,
            (ulong)n);
        // The error of tf32 itself is below its bound; against operands rounded alike only the sums differ.
        return (report, Error(device, report, y, Product(x.Select(Rounded), w.Select(Rounded), rows, k, n)));
    }

    public static (LaunchReport Report, double Error) Transpose(Device device, SimulatedModule module, int tiles, int blocks)
    {
        float[] x = Numbers(new Random(12), tiles * 1024);
        ulong y = device.New<float>("y", tiles * 1024);
        LaunchReport report = device.Run(module, "transpose", new LaunchSize(blocks), 64, device.Put("x", x), y, (ulong)tiles);
        double[] expected = [.. Enumerable.Range(0, x.Length).Select(i => (double)x[(i / 1024 * 1024) + (i % 32 * 32) + (i / 32 % 32)])];
        return (report, Error(device, report, y, expected));
    }

    public static (LaunchReport Report, double Error) Scatter(Device device, SimulatedModule module, int edges, int nodes)
    {
        var random = new Random(13);
        double[] v = [.. Numbers(random, edges).Select(x => (double)x)], weights = [1, 0.5, 0.25, 2];
        int[] types = [.. Enumerable.Range(0, edges).Select(_ => random.Next(4))];
        int[] targets = [.. Enumerable.Range(0, edges).Select(_ => random.Next(nodes))];
        ulong y = device.Put("y", new float[nodes]), latest = device.Put("degree", new int[nodes]);
        LaunchReport report = device.Run(module, "scatter", new LaunchSize((edges + 127) / 128), 128, device.Put("v", v),
            device.Put("types", types),
            device.Put("dst", targets), y, latest, (ulong)edges);
        double[] expected = new double[nodes];
        int[] last = new int[nodes];
        for (int e = 0; e < edges; e++)
        {
            // kept[i] is v times 1 + (i - type mod 4): kept[type] is v, its neighbour 2v.
            expected[targets[e]] += (v[e] + Math.Abs(2 * v[e])) * weights[types[e]];
            last[targets[e]] = e;
        }
        double error = Error(device, report, y, expected);
        return (report, report.Findings.Count > 0 || device.Get<int>(latest, nodes).SequenceEqual(last) ? error : 1);
    }

    private static double Rounded(float value) =>
        BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(value) + 0x1000) & 0xFFFFE000);

    private static ushort BFloat(float value) => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);

    private static double Value(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private static double[] Product(IEnumerable<double> left, IEnumerable<double> right, int rows, int k, int n)
    {
        double[] x = [.. left], w = [.. right], result = new double[rows * n];
        for (int i = 0; i < rows * n; i++)
        {
            result[i] = Enumerable.Range(0, k).Sum(l => x[(i / n * k) + l] * w[(l * n) + (i % n)]);
        }
        return result;
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];

    private static int[] Shuffled(Random random, int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order);
        return order;
    }

    /// <summary>‖y − expected‖ / ‖expected‖; infinite where y is not a number; 0 where findings say that there may be no result.</summary>
    private static double Error(Device device, LaunchReport report, ulong y, double[] expected)
    {
        if (report.Findings.Count > 0)
        {
            return 0;
        }
        float[] got = device.Get<float>(y, expected.Length);
        double difference = Math.Sqrt(expected.Zip(got, (e, g) => (e - g) * (e - g)).Sum());
        return double.IsNaN(difference) ? double.PositiveInfinity : difference / Math.Sqrt(expected.Sum(e => e * e));
    }
}
