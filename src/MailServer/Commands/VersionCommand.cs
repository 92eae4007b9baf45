using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MailServer.Commands;

/// <summary><c>version</c> and <c>--version</c>.</summary>
internal static class VersionCommand
{
    private const string CommitKey = "Commit";

    /// <summary>The version of the package: <c>0.1.0</c>, or <c>0.1.0+git377.fbd5ea0</c> with the number of commits since then.</summary>
    public static string Version { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The commit that it was built from; null if unknown.</summary>
    public static string? Commit { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(static a => a.Key == CommitKey)?.Value;

    public static Command Create(CommandFactory factory) => factory.Action("version", "Print the version and the commit that it was built from.", [], [], static (context, _) =>
    {
        context.Say(Text);
        return Task.FromResult(ExitCodes.Done);
    });

    /// <summary>The action of <c>--version</c>.</summary>
    public static SynchronousCommandLineAction Option() => new VersionAction();

    private static string Text => $"mailserver {Version} (commit {Commit ?? "unknown"}, {RuntimeInformation.FrameworkDescription})";

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            ShellInvocation.ShellOf(parseResult).Terminal.Say(Text);
            return ExitCodes.Done;
        }
    }
}
