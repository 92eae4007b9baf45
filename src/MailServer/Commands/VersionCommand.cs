using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using MailServer.Common;

namespace MailServer.Commands;

/// <summary><c>version</c> and <c>--version</c>.</summary>
internal static class VersionCommand
{
    public static Command Create(CommandFactory factory) => factory.Action("version", "Print the version and the commit that it was built from.", [], [], static (context, _) =>
    {
        context.WriteLine(Text);
        return Task.FromResult(ExitCodes.Success);
    });

    /// <summary>The action of <c>--version</c>.</summary>
    public static SynchronousCommandLineAction Option() => new VersionAction();

    private static string Text => $"mailserver {BuildVersion.Version} (commit {BuildVersion.Commit ?? "unknown"}, {RuntimeInformation.FrameworkDescription})";

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            ShellInvocation.ShellOf(parseResult).Terminal.WriteLine(Text);
            return ExitCodes.Success;
        }
    }
}
