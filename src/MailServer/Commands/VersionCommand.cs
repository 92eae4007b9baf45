using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MailServer.Commands;

/// <summary><c>version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>With the commit it was built from.</summary>
    public static string Version { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static Command Create(CommandFactory factory) => factory.Action("version", "Prints the version.", [], [], static (context, _) =>
    {
        context.Say($"mailserver {Version} ({RuntimeInformation.FrameworkDescription})");
        return Task.FromResult(ExitCodes.Done);
    });
}
