using System.Runtime.InteropServices;

namespace Pigeon.Simulator;

/// <summary>The registers of a warp while it is in a function.</summary>
internal sealed unsafe class Frame : IDisposable
{
    private void* memory;

    public Frame(FunctionCode code)
    {
        Code = code;
        nuint bytes = (nuint)((code.Bytes + 63) & ~63);
        memory = NativeMemory.AlignedAlloc(bytes + ((nuint)code.Slots * 4) + 64, 64);
        File = (byte*)memory;
        Defined = (uint*)(File + bytes);
        Clear();
    }

    ~Frame() => Release();

    /// <summary>The function.</summary>
    public FunctionCode Code { get; }

    /// <summary>The rows.</summary>
    public byte* File { get; private set; }

    /// <summary>For each slot, the lanes that were written.</summary>
    public uint* Defined { get; private set; }

    /// <summary>The caller's frame; null of a kernel.</summary>
    public Frame? Caller { get; set; }

    /// <summary>The call; -1 of a kernel.</summary>
    public int CallSite { get; set; } = -1;

    /// <summary>How many calls deep it is.</summary>
    public int Depth { get; set; }

    /// <summary>Where its local memory begins.</summary>
    public int LocalBase { get; set; }

    /// <summary>The lanes that have not returned.</summary>
    public uint Lanes { get; set; }

    /// <summary>Registers become 0, and constants what they are.</summary>
    public void Clear()
    {
        NativeMemory.Clear(memory, (nuint)Code.Bytes);
        Code.Fill(new Span<byte>(File, Code.Bytes));
    }

    /// <summary>Makes it undefined.</summary>
    public void Reset() => Code.ResetDefined(new Span<uint>(Defined, Code.Slots));

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (memory is not null)
        {
            NativeMemory.AlignedFree(memory);
            memory = null;
        }
    }
}
