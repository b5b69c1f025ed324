using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>The command <c>pigeon</c>: parses, lets a verb work, and turns what comes of it into an exit code.</summary>
internal static class PigeonTool
{
    private const int UserError = 1;
    private const int InternalError = 2;
    private const int Cancelled = 130;

    /// <summary>Runs a command line.</summary>
    /// <returns>0: done. 1: the command or its files can't be used. 2: a fault of Pigeon. 130: cancelled.</returns>
    public static int Run(IReadOnlyList<string> arguments, Terminal terminal)
    {
        bool isTraced = Environment.GetEnvironmentVariable("PIGEON_TRACE") == "1" || arguments.Contains("--verbose");
        try
        {
            ParseResult line = Root(terminal).Parse(arguments.Count == 0 ? ["--help"] : arguments,
                new ParserConfiguration { ResponseFileTokenReplacer = null });
            RequireParsed(line);
            return line.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
            }).GetAwaiter().GetResult();
        }
        catch (PigeonException e)
        {
            return Fail(terminal, e, e.Message, isTraced, UserError);
        }
        catch (OperationCanceledException)
        {
            terminal.Note("pigeon: cancelled");
            return Cancelled;
        }
        catch (Exception e)
        {
            string hint = isTraced ? "" : " (please report it; --verbose shows where)";
            return Fail(terminal, e, $"internal error: {e.GetType().Name}: {e.Message}{hint}", isTraced, InternalError);
        }
    }

    private static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand("Pigeon compiles relational models: RGCN, RGAT, HGT and your own, for your graph and your machine.")
        {
            new Option<bool>("--verbose") { Description = "show where an error comes from", Recursive = true },
        };
        foreach (Verb verb in (Verb[])[new DoctorVerb(), new ModelsVerb(), new DatasetsVerb(), new CompileVerb(), new ExplainVerb(), new GridVerb(), new RunVerb(),
            new TrainVerb(), new EvalVerb(), new PredictVerb(), new PackVerb(),
            new ImportVerb(), new ExportVerb(), new InfoVerb(), new BenchVerb()])
        {
            root.Add(verb.ToCommand(terminal));
        }

        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    private static void RequireParsed(ParseResult line)
    {
        if (line.Errors.Count == 0 || line.Action is not ParseErrorAction)
        {
            return;
        }

        // A word that nobody knows explains the errors that follow from it.
        string message = line.UnmatchedTokens.Count > 0
            ? $"'{line.UnmatchedTokens[0]}' is not known here"
            : line.Errors[0].Message.TrimEnd('.');
        string verb = line.CommandResult.Command is RootCommand ? "" : line.CommandResult.Command.Name + " ";
        throw new PigeonException(DiagnosticIds.CommandLine, message, remedy: $"pigeon {verb}--help shows what there is");
    }

    private static int Fail(Terminal terminal, Exception error, string message, bool isTraced, int code)
    {
        // One line, whatever names a file put into the message.
        terminal.Note("pigeon: " + string.Concat(message.Select(c => char.IsControl(c) ? ' ' : c)));
        if (isTraced)
        {
            terminal.Note(error.ToString());
        }

        return code;
    }
}
