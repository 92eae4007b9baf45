using System.Globalization;
using System.Text;

namespace MailServer.Importing;

/// <summary>
/// The line before each message of an mbox file: <c>From sender Thu Jan  1 00:00:00 1970</c>. Its form varies: the sender may be missing or contain spaces,
/// a zone may come before or after the year, seconds may be missing.
/// </summary>
internal static class MboxFromLine
{
    // Weekday, month, day, time, year.
    private const int DateWords = 5;
    private const int LongestLine = 1_000;

    private static readonly string[] Months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    private static readonly string[] Days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    // Minutes east of UTC.
    private static readonly Dictionary<string, int> Zones = new(StringComparer.OrdinalIgnoreCase)
    {
        ["GMT"] = 0,
        ["UTC"] = 0,
        ["UT"] = 0,
        ["Z"] = 0,
        ["EST"] = -300,
        ["EDT"] = -240,
        ["CST"] = -360,
        ["CDT"] = -300,
        ["MST"] = -420,
        ["MDT"] = -360,
        ["PST"] = -480,
        ["PDT"] = -420,
        ["MET"] = 60,
        ["CET"] = 60,
        ["MEST"] = 120,
        ["CEST"] = 120,
        ["DST"] = 60,
    };

    public static bool IsLike(ReadOnlySpan<byte> line) => line.StartsWith("From "u8);

    /// <summary>
    /// Whether such a line starts a message or is an unquoted line of text. After an empty line, either a date in it or a header after it is sufficient;
    /// otherwise both are required.
    /// </summary>
    public static bool IsSeparator(ReadOnlySpan<byte> line, ReadOnlySpan<byte> next, bool isAfterEmptyLine) =>
        isAfterEmptyLine ? StartsHeader(next) || DateOf(line) is not null : StartsHeader(next) && DateOf(line) is not null;

    /// <summary>The date of the line, in UTC if it has no zone; null if there is none.</summary>
    public static DateTimeOffset? DateOf(ReadOnlySpan<byte> line)
    {
        if (line.Length > LongestLine) return null;
        var words = Encoding.Latin1.GetString(line).Split([' ', '\t', '\r', '\n', ','], StringSplitOptions.RemoveEmptyEntries);
        // Search from the end, because a sender's name may contain a weekday.
        for (var i = words.Length - DateWords; i >= 1; i--)
            if (Days.Contains(words[i], StringComparer.OrdinalIgnoreCase) && Parse(words.AsSpan(i + 1)) is { } date) return date;
        return null;
    }

    /// <summary>Whether a text starts with a header field, or with a <c>&gt;From </c> line, which precedes the header in some mbox files.</summary>
    public static bool StartsHeader(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith(">From "u8)) return true;
        var colon = text.IndexOf((byte)':');
        return colon > 0 && !text[..colon].ContainsAnyExceptInRange((byte)'!', (byte)'~');
    }

    private static DateTimeOffset? Parse(ReadOnlySpan<string> words)
    {
        int month = 0, day = 0, year = 0, zone = 0;
        TimeSpan? time = null;
        foreach (var word in words)
        {
            if (month == 0 && Array.FindIndex(Months, m => m.Equals(word, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index) month = index + 1;
            else if (time is null && TryReadTime(word, out var found)) time = found;
            else if (word[0] is '+' or '-' && TryReadZone(word, out var minutes)) zone = minutes;
            else if (word.Length == 4 && IsNumber(word, out var four)) year = four;
            else if (word.Length <= 2 && day == 0 && IsNumber(word, out var two)) day = two;
            else if (Zones.TryGetValue(word, out var named)) zone += named;
            // Unknown zone names; UUCP appends the host ("remote from ...").
            else if (year > 0) break;
        }

        if (month == 0 || year is < 1 or > 9998 || day < 1 || day > DateTime.DaysInMonth(year, month) || time is not { } clock) return null;
        return new DateTimeOffset(new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Unspecified) + clock, TimeSpan.FromMinutes(zone));
    }

    private static bool IsNumber(string word, out int number) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool TryReadTime(string word, out TimeSpan time) =>
        TimeSpan.TryParseExact(word, [@"h\:mm\:ss", @"hh\:mm\:ss", @"h\:mm", @"hh\:mm"], CultureInfo.InvariantCulture, out time);

    // +0200
    private static bool TryReadZone(string word, out int minutes)
    {
        minutes = 0;
        if (word.Length != 5 || !IsNumber(word[1..], out var number) || number % 100 > 59 || number / 100 > 14) return false;
        minutes = ((number / 100 * 60) + (number % 100)) * (word[0] == '-' ? -1 : 1);
        return Math.Abs(minutes) <= 14 * 60;
    }
}
