using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Pigeon.Cli;

/// <summary>The usual help, then what a verb's author adds to it: examples, and what the options' lines are too short for.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    private const string Overview = """
        Examples:
          pigeon bench                                  three models on a generated graph
          pigeon compile rgat --heads 4 -o out          IR after each pass, plan, C#, pictures
          pigeon run rgcn --graph g.csv --features x.npy --weights w.safetensors -o y.npy

        Exit codes: 0 done, 1 the command or a file can't be used, 2 a fault of Pigeon, 130 cancelled.
        Environment: PIGEON_DATA (data folder), PIGEON_CACHE (folder of compiled kernels, or off), PIGEON_TRACE=1 (stack traces).
        """;

    public override int Invoke(ParseResult parseResult)
    {
        int code = usual.Invoke(parseResult);
        string text = parseResult.CommandResult.Command is VerbCommand command ? "Examples:\n" + command.Verb.Examples : Overview;
        parseResult.InvocationConfiguration.Output.WriteLine(text);
        return code;
    }
}
