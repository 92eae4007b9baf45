using System.CommandLine;

namespace MailServer.Commands;

/// <summary>Passes the shell of one run to the command; the tree of commands is built once and shared by all runs.</summary>
internal sealed class ShellInvocation : InvocationConfiguration
{
    private readonly Shell _shell;

    public ShellInvocation(Shell shell)
    {
        _shell = shell;
        (Output, Error) = (shell.Out, shell.Error);
        EnableDefaultExceptionHandler = false;
        ProcessTerminationTimeout = null;
    }

    public static Shell ShellOf(ParseResult parsed) => ((ShellInvocation)parsed.InvocationConfiguration)._shell;
}
