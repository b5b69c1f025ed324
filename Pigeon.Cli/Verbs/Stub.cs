using System.CommandLine;
namespace Pigeon.Cli;
internal sealed class CompileVerb : Verb { protected override string Name => "compile"; protected override string Description => "x"; public override string Examples => ""; protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation) { } }
internal sealed class DoctorVerb : Verb { protected override string Name => "doctor"; protected override string Description => "x"; public override string Examples => ""; protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation) { } }
internal sealed record CompileReport(int A);
internal sealed record DoctorReport(int A);
