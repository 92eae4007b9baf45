using System.Globalization;
using MailServer.Domain;

namespace MailServer.Network.Listeners;

/// <summary>The process's limit on open files, which the runtime raises to the hard limit at start. <see cref="Limits.Within"/> divides it.</summary>
public static class OpenFileLimit
{
    private const string Label = "Max open files";

    /// <exception cref="InvalidDataException">The limit is too low for the server.</exception>
    public static void RequireEnough()
    {
        if (Find() is { } most && most < Limits.MinOpenFiles)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"the limit of {most} open files is below the minimum of {Limits.MinOpenFiles}: raise the limit ('ulimit -n', or LimitNOFILE= of the systemd unit)"));
    }

    /// <summary>Returns the limit; null if it is unknown or none.</summary>
    public static long? Find()
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
