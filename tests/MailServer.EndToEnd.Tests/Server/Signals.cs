using System.Globalization;

namespace MailServer.EndToEnd.Tests.Server;

/// <summary>Sends signals to a process by its id.</summary>
public static class Signals
{
    public static Task SendAsync(int processId, string signal) => KillAsync(signal, processId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sends a signal to every process of the group led by this process.</summary>
    public static Task SendToGroupAsync(int processId, string signal) => KillAsync(signal, "-" + processId.ToString(CultureInfo.InvariantCulture));

    private static async Task KillAsync(string signal, string target) =>
        (await ProgramRun.StartAsync("/bin/sh", ["-c", $"kill -{signal} {target}"])).Succeeded();
}
