using System.Globalization;

namespace MailServer.Network.Listeners;

/// <summary>
/// The process's limit on open files, which the runtime raises to the hard limit at start. Half of it is reserved for mailboxes, databases and the spool,
/// so that new connections are refused rather than work for existing ones failing.
/// </summary>
public static class OpenFileLimit
{
    /// <summary>The minimum at which the server runs reliably: runtime, databases and listeners use about 200.</summary>
    public const int Minimum = 1024;

    private const string Label = "Max open files";

    /// <exception cref="InvalidDataException">The limit is too low for the server.</exception>
    public static void RequireEnough()
    {
        if (Most() is { } most && most < Minimum)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"the limit of {most} open files is below the minimum of {Minimum}: raise the limit ('ulimit -n', or LimitNOFILE= of the systemd unit)"));
    }

    internal static int ForConnections() => (int)Math.Min((Most() ?? int.MaxValue) / 2, int.MaxValue / 2);

    private static long? Most()
    {
        try
        {
            return File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith(Label, StringComparison.Ordinal)) is { } line
                   && line[Label.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
                   && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var most)
                ? most
                : null;
        }
        catch (IOException)
        {
            // Without /proc the limit is unknown.
            return null;
        }
    }
}
