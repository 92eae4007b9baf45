using System.Globalization;

namespace MailServer.Protocol.Dav.Headers;

/// <summary>Parses the Timeout of a lock (RFC 4918 §10.7): the first valid value, limited to a maximum.</summary>
public static class TimeoutHeader
{
    private const string Seconds = "Second-";

    public static TimeSpan Parse(string? header, TimeSpan longest)
    {
        foreach (var offer in (header ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (offer.StartsWith(Seconds, StringComparison.OrdinalIgnoreCase)
                && long.TryParse(offer.AsSpan(Seconds.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return TimeSpan.FromSeconds(Math.Clamp(seconds, 1, (long)longest.TotalSeconds));
        }

        return longest;
    }
}
