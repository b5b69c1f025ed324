using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>Loaded PTX: its variables in memory, its kernels decoded when they are first asked for.</summary>
public sealed class SimulatedModule : IDisposable
{
    // One text is read once, as long as it lives. Its kernels are the same too, unless they hold addresses of variables.
    private static readonly ConditionalWeakTable<string, ConcurrentDictionary<string, ReadPtx>> Known = [];

    private readonly PtxModule module;
    private readonly Dictionary<string, Allocation> variables = [];
    private readonly ConcurrentDictionary<string, KernelCode> kernels;

    internal SimulatedModule(DeviceMemory memory, string ptx, string file)
    {
        ReadPtx read = Known.GetOrCreateValue(ptx).GetOrAdd(file, name => new(PtxParser.Run(ptx, name), []));
        module = read.Module;
        kernels = module.Variables.Count == 0 ? read.Kernels : [];
        foreach (PtxVariable variable in module.Variables.Values.Where(variable => variable.Space is PtxSpace.Global or PtxSpace.Const))
        {
            variables[variable.Name] = memory.Allocate(variable.Name, variable.Bytes, variable.Space == PtxSpace.Const);
        }
        foreach ((string name, Allocation allocation) in variables)
        {
            Initialise(allocation, module.Variables[name]);
        }
    }

    /// <summary>The names of its kernels.</summary>
    public IEnumerable<string> Kernels => module.Functions.Values.Where(function => function.IsKernel).Select(function => function.Name);

    /// <summary>The architecture that it was compiled for, such as 80.</summary>
    public int Target => module.Target;

    /// <summary>The address of a variable.</summary>
    /// <exception cref="PigeonException">PG0655: there is none.</exception>
    public ulong Variable(string name) => variables.TryGetValue(name, out Allocation? allocation)
        ? allocation.Address : throw new PigeonException("PG0655", $"there is no variable '{name}'", module.File,
            "take the name from the PTX");

    /// <summary>Gives the memory of its variables back.</summary>
    public void Dispose()
    {
        foreach (Allocation allocation in variables.Values)
        {
            allocation.Dispose();
        }
    }

    internal KernelCode Kernel(string name)
    {
        if (!kernels.TryGetValue(name, out KernelCode? code))
        {
            if (!module.Functions.TryGetValue(name, out PtxFunction? function) || !function.IsKernel)
            {
                throw new PigeonException("PG0655", $"there is no kernel '{name}', but {string.Join(", ", Kernels)}", module.File,
                    "take the name from the PTX");
            }
            kernels[name] = code = KernelDecoder.Run(module, function, variables);
        }
        return code;
    }

    private sealed record ReadPtx(PtxModule Module, ConcurrentDictionary<string, KernelCode> Kernels);

    private unsafe void Initialise(Allocation allocation, PtxVariable variable)
    {
        int bytes = variable.Type.Bytes();
        long at = 0;
        foreach (PtxInitial item in variable.Initial ?? [])
        {
            if (at + bytes > allocation.Bytes)
            {
                throw new PigeonException("PG0650", $"this is not PTX: too many initial values of {variable.Name}",
                    $"{module.File}({variable.Line})", "give the text that NVRTC returned");
            }
            ulong bits = item.Bits;
            // The address of a function is left 0: calls through pointers are not simulated.
            if (item.Symbol is not null && variables.TryGetValue(item.Symbol, out Allocation? target))
            {
                bits += target.Address;
            }
            for (int i = 0; i < bytes; i++)
            {
                allocation.Data[at + i] = (byte)(bits >> (8 * i));
            }
            at += bytes;
        }
        allocation.Initialised.SetRange(0, allocation.Bytes);
    }
}
