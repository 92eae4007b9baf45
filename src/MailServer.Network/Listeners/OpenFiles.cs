using System.Globalization;

namespace MailServer.Network.Listeners;

/// <summary>
/// How many connections the process's bound on open files leaves room for: half of the descriptors are kept for mailboxes and the spool,
/// so that it is new connections that are refused, not the work of those inside that fails.
/// </summary>
internal static class OpenFiles
{
    private const string Label = "Max open files";

    public static int ForConnections()
    {
        try
        {
            return File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith(Label, StringComparison.Ordinal)) is { } line
                   && line[Label.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
                   && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var most)
                ? (int)Math.Min(most / 2, int.MaxValue)
                : int.MaxValue;
        }
        catch (IOException)
        {
            // No /proc, no such bound to know.
            return int.MaxValue;
        }
    }
}
