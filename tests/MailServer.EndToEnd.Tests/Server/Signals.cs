using System.Globalization;

namespace MailServer.EndToEnd.Tests.Server;

/// <summary>Signals to a process, by its id.</summary>
public static class Signals
{
    public static async Task SendAsync(int processId, string signal) =>
        (await ProgramRun.StartAsync("/bin/sh", ["-c", $"kill -{signal} {processId.ToString(CultureInfo.InvariantCulture)}"])).Succeeded();
}
