using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Times;

/// <summary>
/// The names of time zones. The property TZID is TEXT with escapes (RFC 5545 §3.8.3.1), the parameter is quoted and has none (§3.2.19), and clients confuse
/// the two. Names are therefore compared without backslashes, quotes and surrounding blanks, which Microsoft clients append.
/// </summary>
internal static class ZoneName
{
    private const string Tzid = "TZID";

    /// <summary>The name in the form in which names are compared.</summary>
    public static string Of(string written) => written.Replace("\\", "", StringComparison.Ordinal).Trim().Trim('"').Trim();

    /// <summary>The name that a VTIMEZONE with these properties defines; null if it has none.</summary>
    public static string? DefinedBy(IEnumerable<ContentLine> definition) => definition.FirstOrDefault(line => line.Name == Tzid) is { } line ? Of(line.Text) : null;

    /// <summary>The name to which a time refers; null if it refers to none.</summary>
    public static string? UsedBy(ContentLine line) => WrittenIn(line) is { } written ? Of(written) : null;

    /// <summary>The parameter as the client wrote it, without quotes; null if it is missing. A comma in a name that is not quoted separates no values.</summary>
    public static string? WrittenIn(ContentLine line)
    {
        foreach (var parameter in line.Parameters)
            if (parameter.Name == Tzid) return parameter.Joined;
        return null;
    }

    /// <summary>The distinct names to which these times refer.</summary>
    public static HashSet<string> UsedIn(IEnumerable<ContentLine> lines) => lines.Select(UsedBy).OfType<string>().ToHashSet(StringComparer.Ordinal);
}
