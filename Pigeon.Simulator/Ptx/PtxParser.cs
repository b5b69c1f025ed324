using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>Reads PTX as NVRTC prints it: directives and variables of a module, and its functions.</summary>
internal sealed class PtxParser
{
    private static readonly HashSet<string> Linkage = [".visible", ".extern", ".weak", ".common"];

    private readonly PtxCursor cursor;
    private readonly PtxModule module;
    private readonly PtxScope scope = new(null);

    private PtxParser(string text, string file)
    {
        cursor = new PtxCursor(PtxLexer.Run(text, file), file);
        module = new PtxModule { File = file };
    }

    /// <summary>Reads a module.</summary>
    /// <param name="text">The PTX.</param>
    /// <param name="file">What to call it in reports.</param>
    /// <exception cref="PigeonException">PG0650: it is not PTX.</exception>
    public static PtxModule Run(string text, string file)
    {
        var parser = new PtxParser(text, file);
        while (parser.cursor.Current.Kind != PtxTokenKind.End)
        {
            parser.Directive();
        }
        return parser.module;
    }

    private void Directive()
    {
        while (Linkage.Contains(cursor.Current.Text))
        {
            cursor.Take();
        }
        switch (cursor.Current.Text)
        {
            case ".version" or ".address_size" or ".loc":
                cursor.Line();
                break;
            case ".target":
                cursor.Take();
                string target = cursor.Word();
                string digits = new([.. target.Where(char.IsAsciiDigit)]);
                module.Target = int.TryParse(digits, CultureInfo.InvariantCulture, out int number) ? number : 0;
                while (cursor.TryTake(","))
                {
                    cursor.Take();
                }
                break;
            case ".file":
                List<PtxToken> file = cursor.Line();
                if (file.Count >= 3)
                {
                    module.Sources[(int)file[1].Bits] = file[2].Text;
                }
                break;
            case ".section":
                cursor.Take();
                cursor.Take();
                cursor.SkipBraces();
                break;
            case ".pragma":
                SkipStatement();
                break;
            case ".global" or ".const" or ".shared":
                PtxVariable variable = Variable();
                cursor.Expect(";");
                module.Variables[variable.Name] = variable;
                scope.Declare(variable);
                break;
            case ".func" or ".entry":
                Function();
                break;
            default:
                throw cursor.Error($"'{cursor.Current.Text}' where a directive belongs");
        }
    }

    private void Function()
    {
        bool kernel = cursor.Take().Text == ".entry";
        List<PtxVariable> results = cursor.Current.Is("(") ? Parameters() : [];
        string name = cursor.Word();
        List<PtxVariable> parameters = cursor.Current.Is("(") ? Parameters() : [];
        var function = new PtxFunction { Name = name, IsKernel = kernel, Results = results, Parameters = parameters };
        while (cursor.Current.Text.StartsWith('.'))
        {
            string directive = cursor.Take().Text;
            if (directive is ".maxntid" or ".reqntid")
            {
                function.MaxThreads = cursor.Count();
                while (cursor.TryTake(","))
                {
                    function.MaxThreads *= cursor.Count();
                }
            }
            else if (directive == ".pragma")
            {
                SkipStatement();
            }
            else if (directive != ".noreturn")
            {
                cursor.Size();
            }
        }
        if (!cursor.TryTake(";"))
        {
            new PtxBodyParser(cursor, function, scope, this).Run();
        }
        if (function.IsDefined || !module.Functions.ContainsKey(name))
        {
            module.Functions[name] = function;
        }
    }

    private List<PtxVariable> Parameters()
    {
        var parameters = new List<PtxVariable>();
        cursor.Expect("(");
        while (!cursor.TryTake(")"))
        {
            parameters.Add(Variable() with { Ordinal = parameters.Count });
            cursor.TryTake(",");
        }
        return parameters;
    }

    /// <summary>Reads <c>.space [.align n] .type name[size] = {…}</c>, up to where a semicolon or comma belongs.</summary>
    internal PtxVariable Variable()
    {
        int line = cursor.Current.Line;
        PtxSpace space = cursor.Take().Text switch
        {
            ".global" => PtxSpace.Global,
            ".const" => PtxSpace.Const,
            ".shared" => PtxSpace.Shared,
            ".local" => PtxSpace.Local,
            ".param" or ".reg" => PtxSpace.Param,
            string other => throw cursor.Error($"'{other}' where a state space belongs"),
        };
        int alignment = 0, lanes = 1;
        PtxType type = PtxType.None;
        while (cursor.Current.Text.StartsWith('.'))
        {
            string word = cursor.Take().Text;
            if (word == ".align")
            {
                alignment = cursor.Count();
            }
            else if (word is ".v2" or ".v4")
            {
                lanes = word[2] - '0';
            }
            else if (word is not (".ptr" or ".global" or ".const" or ".shared" or ".local"))
            {
                type = PtxTypes.Parse(word[1..]);
                if (type == PtxType.None)
                {
                    throw cursor.Error($"the type '{word}'");
                }
            }
        }
        string name = cursor.Word();
        long bytes = lanes * type.Bytes();
        bool open = false;
        while (cursor.TryTake("["))
        {
            if (cursor.TryTake("]"))
            {
                open = true;
                continue;
            }
            long size = cursor.Size();
            if (size > (1L << 40) / Math.Max(bytes, 1))
            {
                throw cursor.Error("a variable of more than 2^40 bytes");
            }
            bytes *= size;
            cursor.Expect("]");
        }
        List<PtxInitial>? initial = cursor.TryTake("=") ? Initial() : null;
        return new PtxVariable(name, space, type, open ? 0 : bytes, Math.Max(alignment, lanes * type.Bytes()), initial, line);
    }

    private List<PtxInitial> Initial()
    {
        var items = new List<PtxInitial>();
        bool braces = cursor.TryTake("{");
        do
        {
            PtxToken token = cursor.Take();
            if (token.Is("{"))
            {
                throw cursor.Error("nested initial values");
            }
            bool generic = token.Is("generic") && cursor.TryTake("(");
            PtxToken name = generic ? cursor.Take() : token;
            if (generic)
            {
                cursor.Expect(")");
            }
            ulong offset = name.Bits;
            if (name.Kind == PtxTokenKind.Word && cursor.TryTake("+"))
            {
                offset = cursor.Take().Bits;
            }
            items.Add(new PtxInitial(offset, name.Kind == PtxTokenKind.Word ? name.Text : null));
        }
        while (braces && cursor.TryTake(","));
        if (braces)
        {
            cursor.Expect("}");
        }
        return items;
    }

    private void SkipStatement()
    {
        while (!cursor.Take().Is(";"))
        {
        }
    }
}
