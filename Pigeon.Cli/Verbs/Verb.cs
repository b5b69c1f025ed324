using System.CommandLine;

namespace Pigeon.Cli;

/// <summary>A verb of the tool: its options, and what it does.</summary>
internal abstract class Verb
{
    /// <summary>Prints JSON in place of text.</summary>
    private readonly Option<bool> json = new("--json") { Description = "print JSON" };

    /// <summary>The verb.</summary>
    protected abstract string Name { get; }

    /// <summary>One line.</summary>
    protected abstract string Description { get; }

    /// <summary>Command lines to learn from, indented by two.</summary>
    public abstract string Examples { get; }

    /// <summary>The arguments and options, in the order of the help.</summary>
    protected virtual IEnumerable<Symbol> Symbols => [];

    /// <summary>The command that parses the verb's arguments and then runs it.</summary>
    public Command ToCommand(Terminal terminal)
    {
        var command = new VerbCommand(Name, Description, this);
        foreach (Symbol symbol in Symbols.Append(json))
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        // On a thread of its own, so that Ctrl-C is heard while kernels run.
        command.SetAction((line, cancellation) => Task.Run(() =>
        {
            Run(line, terminal, cancellation);
            return 0;
        }, CancellationToken.None));
        return command;
    }

    /// <summary>Does the work; an error is an exception.</summary>
    protected abstract void Run(ParseResult line, Terminal terminal, CancellationToken cancellation);

    /// <summary>Whether the result is to be JSON.</summary>
    protected bool IsJson(ParseResult line) => line.GetValue(json);
}

/// <summary>A command that knows its verb.</summary>
internal sealed class VerbCommand(string name, string description, Verb verb) : Command(name, description)
{
    public Verb Verb => verb;
}
