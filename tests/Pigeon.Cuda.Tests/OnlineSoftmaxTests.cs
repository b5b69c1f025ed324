using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Pigeon.Simulator;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Softmax and the sums that it weighs in one loop, as kernels of GPUs.</summary>
public sealed class OnlineSoftmaxTests
{
    private const int Graphs = 2;
    private const int Orders = 2;

    public static TheoryData<string> Programs => [.. SoftmaxPrograms.All.Select(p => p.Name)];

    [CudaTheory]
    [MemberData(nameof(Programs))]
    public void One_loop_gives_what_the_evaluator_gives_in_every_order(string name)
    {
        Program program = SoftmaxPrograms.All.Single(p => p.Name == name).Program;
        CudaSource source = CudaEmitter.Emit(SoftmaxPrograms.Online(program));
        CompiledCuda compiled = Nvrtc.Compile(new(program.Name, source.Source, source.Headers), 80, ImageCache.Default());
        for (int seed = 0; seed < Graphs; seed++)
        {
            GraphBinding graph = SoftmaxPrograms.Graph(seed);
            using var device = new SimulatorDevice { GoesOn = true };
            using var executable = new GpuExecutable(new(source.Signature, compiled.Image), graph, device);
            foreach ((string logits, Func<Random, float> next) in SoftmaxPrograms.Logits)
            {
                string place = $"{name}, logits {logits}, graph {seed}";
                Dictionary<string, Tensor> arguments = SoftmaxPrograms.Arguments(program, graph, seed, next);
                var expected = Differential.Reference(program, graph, arguments);
                foreach ((string argument, Tensor tensor) in arguments)
                {
                    executable.Set(argument, tensor);
                }

                var first = new Dictionary<string, float[]>();
                for (int order = 0; order < Orders; order++)
                {
                    device.Gpu.Options = device.Gpu.Options with { Seed = (seed * Orders) + order };
                    executable.Run();
                    foreach (string output in expected.Keys)
                    {
                        float[] actual = executable.Output(output).Span.ToArray();
                        if (first.TryAdd(output, actual))
                        {
                            string? fault = SoftmaxPrograms.Fault(actual, expected[output]);
                            Assert.True(fault is null, $"{place}: {output}: {fault}");
                        }
                        else
                        {
                            Assert.True(first[output].AsSpan().SequenceEqual(actual), $"{place}: {output}: other bits in order {order}");
                        }
                    }
                }

                Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
            }

            Assert.True(device.Faulty.Count == 0, $"{name}, graph {seed}: {string.Join('\n', device.Faulty.SelectMany(launch => launch.Findings).Take(5))}");
        }
    }
}
