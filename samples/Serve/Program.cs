using Pigeon.Kernels;
using Pigeon.Runtime;
using Pigeon.Simulator;

// serve MODEL.pigeon cpu|cuda|sim OUT.npy [X.npy]: computes the model's output for the pack's graph, and its features where it has any.
if (args.Length is < 3 or > 4)
{
    Console.Error.WriteLine("usage: serve MODEL.pigeon cpu|cuda|sim OUT.npy [X.npy]");
    return 2;
}

try
{
    using ModelPack pack = ModelPack.Open(args[0]);
    using IGpuDevice? device = args[1] switch
    {
        "cuda" => new CudaDevice(),
        "sim" => new SimulatorDevice(),
        _ => null,
    };
    using IExecutable model = device is null ? pack.Bind(threads: 1) : pack.Bind(device);
    using Tensor? x = args.Length == 4 ? NpyFile.Read(args[3]) : null;
    if (x is not null)
    {
        model.Set("x", x);
    }

    model.Run();
    NpyFile.Write(args[2], model.Output("y"));
    Console.WriteLine($"{pack.Model} on {device?.Name ?? "cpu"}: {pack.Graph.NodeCount} nodes, wrote {args[2]}");
    return 0;
}
catch (PigeonException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
