using System.CommandLine;

namespace MailServer.Commands;

/// <summary>One run of a command, with the shell that it runs in: the tree of commands is made once and knows none.</summary>
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
