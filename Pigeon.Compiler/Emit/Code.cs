using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.CodeAnalysis.CSharp;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// A piece of generated source. It can only be built from literals of the emitter's own source, numbers, checked identifiers and
/// other pieces, so no name of a file reaches generated code unescaped and no culture changes a number.
/// </summary>
public readonly struct Code
{
    private readonly string? text;

    private Code(string text) => this.text = text;

    /// <summary>Whether there is nothing in it.</summary>
    public bool IsEmpty => string.IsNullOrEmpty(text);

    /// <summary>A piece of source.</summary>
    public static Code Of(ref CodeHandler handler) => new(handler.ToText());

    /// <summary>A name that was checked to be an identifier.</summary>
    public static Code Identifier(string name) => SyntaxFacts.IsValidIdentifier(name)
        ? new(name)
        : throw new PigeonException("PG0131", $"'{name}' is no identifier");

    /// <summary>A quoted and escaped string.</summary>
    public static Code Quoted(string value) => new(NameText.Quoted(value));

    /// <summary>The text of a comment: anything, on one line.</summary>
    public static Code Comment(string value) => new("// " + value.ReplaceLineEndings(" "));

    /// <summary>
    /// The text of a comment of a language in which a backslash at the end continues it: printable ASCII as it is, all else by number.
    /// </summary>
    public static Code AsciiComment(string value) =>
        new("// " + string.Concat(value.Select(c => c is >= ' ' and <= '~' and not '\\' and not '?' ? $"{c}" : $"<{(int)c:X4}>")));

    /// <summary>Joins pieces with a separator.</summary>
    public static Code Join(Separator separator, IEnumerable<Code> items) =>
        new(string.Join(separator switch { Separator.Comma => ", ", Separator.And => " && ", Separator.Or => " || ", _ => " + " }, items.Select(i => i.text)));

    /// <inheritdoc/>
    public override string ToString() => text ?? "";
}

/// <summary>What stands between joined pieces.</summary>
public enum Separator
{
    /// <summary>A comma.</summary>
    Comma,

    /// <summary>A plus sign.</summary>
    Plus,

    /// <summary>A conjunction.</summary>
    And,

    /// <summary>A disjunction.</summary>
    Or,
}

/// <summary>The interpolation of <see cref="Code"/>: identifiers, numbers and pieces only.</summary>
[InterpolatedStringHandler]
public readonly ref struct CodeHandler
{
    private readonly StringBuilder text;

    /// <summary>Called by the compiler.</summary>
    public CodeHandler(int literalLength, int formattedCount) => text = new(literalLength + (formattedCount * 8));

    /// <summary>Text of the emitter itself.</summary>
    public void AppendLiteral(string literal) => text.Append(literal);

    /// <summary>Another piece.</summary>
    public void AppendFormatted(Code code) => text.Append(code.ToString());

    /// <summary>A whole number.</summary>
    public void AppendFormatted(int value) => text.Append(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A whole number.</summary>
    public void AppendFormatted(long value) => text.Append(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A single precision number, as an expression.</summary>
    public void AppendFormatted(float value) => text.Append(
        float.IsPositiveInfinity(value) ? "float.PositiveInfinity" :
        float.IsNegativeInfinity(value) ? "float.NegativeInfinity" :
        value.ToString("R", CultureInfo.InvariantCulture) + "f");

    internal string ToText() => text.ToString();
}

/// <summary>Collects lines of generated source and indents them.</summary>
public sealed class CodeWriter
{
    private readonly StringBuilder text = new();
    private int depth;

    /// <summary>Writes a line.</summary>
    public void Line(ref CodeHandler line) => Append(line.ToText());

    /// <summary>Writes an empty line.</summary>
    public void Line() => text.Append('\n');

    /// <summary>Writes the lines of another writer here.</summary>
    public void Lines(CodeWriter inner)
    {
        foreach (string line in inner.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Append(line);
        }
    }

    /// <summary>Writes a line and opens a block, which closes when the result is disposed.</summary>
    public Scope Block(ref CodeHandler header)
    {
        Append(header.ToText());
        return Block();
    }

    /// <summary>Opens a block, which closes when the result is disposed.</summary>
    public Scope Block()
    {
        Append("{");
        depth++;
        return new(this);
    }

    /// <inheritdoc/>
    public override string ToString() => text.ToString();

    private void Append(string line) => text.Append(' ', depth * 4).Append(line).Append('\n');

    /// <summary>An open block.</summary>
    public readonly struct Scope(CodeWriter writer) : IDisposable
    {
        /// <summary>Closes the block.</summary>
        public void Dispose()
        {
            writer.depth--;
            writer.Append("}");
        }
    }
}
