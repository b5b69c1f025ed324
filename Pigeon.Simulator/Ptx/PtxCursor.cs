using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>Walks over tokens, and says where one is not what it should be.</summary>
internal sealed class PtxCursor(List<PtxToken> tokens, string file)
{
    private int at;

    /// <summary>The token that is next.</summary>
    public PtxToken Current => tokens[at];

    /// <summary>The token after the next.</summary>
    public PtxToken Following => tokens[Math.Min(at + 1, tokens.Count - 1)];

    /// <summary>Takes the next token.</summary>
    public PtxToken Take() => Current.Kind == PtxTokenKind.End ? throw Error("the end of the text") : tokens[at++];

    /// <summary>Takes the next token if it is this one.</summary>
    public bool TryTake(string text)
    {
        if (!Current.Is(text))
        {
            return false;
        }
        at++;
        return true;
    }

    /// <summary>Takes this token.</summary>
    public PtxToken Expect(string text) => Current.Is(text) ? Take() : throw Error($"'{Current.Text}' where '{text}' belongs");

    /// <summary>Takes a name.</summary>
    public string Word() => Current.Kind == PtxTokenKind.Word ? Take().Text : throw Error($"'{Current.Text}' where a name belongs");

    /// <summary>Takes an integer between 0 and 2⁴⁰.</summary>
    public long Size() => Current is { Kind: PtxTokenKind.Integer, Bits: < 1UL << 40 }
        ? (long)Take().Bits : throw Error($"'{Current.Text}' where a size belongs");

    /// <summary>Takes an integer that fits 31 bits.</summary>
    public int Count() => Current is { Kind: PtxTokenKind.Integer, Bits: <= int.MaxValue }
        ? (int)Take().Bits : throw Error($"'{Current.Text}' where a count belongs");

    /// <summary>Takes what is left of the line.</summary>
    public List<PtxToken> Line()
    {
        var taken = new List<PtxToken>();
        int line = Current.Line;
        while (Current.Kind != PtxTokenKind.End && Current.Line == line)
        {
            taken.Add(Take());
        }
        return taken;
    }

    /// <summary>Takes everything up to a closing brace, braces inside it included.</summary>
    public void SkipBraces()
    {
        Expect("{");
        for (int depth = 1; depth > 0;)
        {
            PtxToken token = Take();
            depth += token.Is("{") ? 1 : token.Is("}") ? -1 : 0;
        }
    }

    /// <summary>What is wrong at the next token.</summary>
    public PigeonException Error(string what) =>
        new("PG0650", $"this is not PTX: {what}", $"{file}({Current.Line})", "give the text that NVRTC returned");
}
