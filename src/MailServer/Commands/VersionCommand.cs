using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MailServer.Commands;

/// <summary><c>version</c>.</summary>
internal static class VersionCommand
{
    public static Command Create(CommandFactory factory) => factory.Action("version", "Prints the version.", [], [], static (context, _) =>
    {
        var version = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        context.Say($"mailserver {version} ({RuntimeInformation.FrameworkDescription})");
        return Task.FromResult(ExitCodes.Done);
    });
}
