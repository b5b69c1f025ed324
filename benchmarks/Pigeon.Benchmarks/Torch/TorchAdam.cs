using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>Adam on torch's parameters: <c>torch.optim.Adam</c>, or libtorch's fused operator.</summary>
internal abstract class TorchAdam : IDisposable
{
    /// <summary>Adam for parameters.</summary>
    public static TorchAdam Create(Parameter[] parameters, bool fused) => fused ? new Fused(parameters) : new Stock(parameters);

    /// <summary>Drops the gradients; the next backward pass makes new ones instead of adding to zeros.</summary>
    public abstract void ForgetGradients();

    /// <summary>Updates every parameter that has a gradient.</summary>
    public abstract void Step();

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class Stock(Parameter[] parameters) : TorchAdam
    {
        private readonly optim.Optimizer optimiser = optim.Adam(parameters, Workload.LearningRate);

        public override void ForgetGradients()
        {
            foreach (Tensor parameter in parameters)
            {
                parameter.grad = null;
            }
        }

        public override void Step() => optimiser.step();

        public override void Dispose() => optimiser.Dispose();
    }

    private sealed class Fused(Parameter[] parameters) : TorchAdam
    {
        private readonly Tensor[] means = [.. parameters.Select(p => zeros_like(p).DetachFromDisposeScope())];
        private readonly Tensor[] squares = [.. parameters.Select(p => zeros_like(p).DetachFromDisposeScope())];
        private readonly Tensor[] steps = [.. parameters.Select(_ => zeros(1).DetachFromDisposeScope())];

        public override void ForgetGradients()
        {
            foreach (Tensor parameter in parameters)
            {
                parameter.grad = null;
            }
        }

        public override void Step()
        {
            using var noGradient = no_grad();
            Tensor?[] gradients = [.. parameters.Select(p => p.grad)];
            int[] used = [.. Enumerable.Range(0, parameters.Length).Where(i => gradients[i] is not null)];
            Aten.Adam(Of([.. parameters]), Of(gradients!), Of(means), Of(squares), Of(steps), Workload.LearningRate);

            Tensor[] Of(Tensor[] all) => used.Length == all.Length ? all : [.. used.Select(i => all[i])];
        }

        public override void Dispose()
        {
            foreach (Tensor state in (Tensor[])[.. means, .. squares, .. steps])
            {
                state.Dispose();
            }
        }
    }
}
