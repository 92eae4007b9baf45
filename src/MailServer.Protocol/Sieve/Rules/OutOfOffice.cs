using System.Globalization;

namespace MailServer.Protocol.Sieve.Rules;

/// <summary>An automatic reply for a time of absence. Each sender gets it once in <see cref="Days"/> days; lists, programs, bounces and junk never do (RFC 5230 §4.6).</summary>
public sealed record OutOfOffice
{
    public const int DefaultDays = 7;

    /// <summary>Maximum length of the subject and the text in characters.</summary>
    public const int LongestSubject = 200;

    /// <inheritdoc cref="LongestSubject"/>
    public const int LongestText = 8_000;

    /// <summary>False: it is kept for another time.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>When it begins, on the clocks of <see cref="Zone"/>; null: at once.</summary>
    public DateTime? Start { get; init; }

    /// <summary>When it ends, on the clocks of <see cref="Zone"/>; null: when it is switched off.</summary>
    public DateTime? End { get; init; }

    /// <summary>A time zone of the IANA database, or an offset such as <c>+01:00</c>.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>Only people in the address books get a reply.</summary>
    public bool OnlyContacts { get; init; }

    /// <summary>Empty: made of the subject of the message.</summary>
    public string Subject { get; init; } = "";

    public required string Text { get; init; }

    public int Days { get; init; } = DefaultDays;

    /// <summary>The beginning as a point in time.</summary>
    public DateTimeOffset? StartsAt => At(Start);

    /// <summary>The end as a point in time.</summary>
    public DateTimeOffset? EndsAt => At(End);

    /// <summary>Whether replies are sent at a time.</summary>
    public OutOfOfficeState StateAt(DateTimeOffset now)
    {
        if (!IsEnabled) return OutOfOfficeState.Off;
        if (EndsAt <= now) return OutOfOfficeState.Over;
        return StartsAt > now ? OutOfOfficeState.Planned : OutOfOfficeState.On;
    }

    /// <summary>The reply, if its times, zone and texts are possible.</summary>
    /// <exception cref="RuleFormatException">One is not.</exception>
    public OutOfOffice Checked()
    {
        if (OffsetOf(Zone, DateTime.UnixEpoch) is null) throw new RuleFormatException($"'{Zone}' is not a time zone, such as Europe/Berlin");
        if (Start is { Year: < 2000 or > 2200 } || End is { Year: < 2000 or > 2200 }) throw new RuleFormatException("write a year between 2000 and 2200");
        if (StartsAt >= EndsAt) throw new RuleFormatException("the end must be after the start");
        if (Subject.Length > LongestSubject || Subject.Any(char.IsControl)) throw new RuleFormatException($"a subject has at most {LongestSubject} characters, in one line");
        var text = Text.ReplaceLineEndings("\r\n").Trim();
        if (text.Length is 0 or > LongestText || text.Any(static c => char.IsControl(c) && c is not ('\r' or '\n' or '\t'))) throw new RuleFormatException($"write a text of 1 to {LongestText} characters");
        return this with { Text = text };
    }

    /// <summary>The offset of a zone from UTC at a time on its clocks; null if there is no such zone.</summary>
    public static TimeSpan? OffsetOf(string zone, DateTime time)
    {
        ArgumentNullException.ThrowIfNull(zone);
        if (FixedOffset(zone) is { } offset) return offset;
        return IsName(zone) && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? WholeMinutes(found.GetUtcOffset(DateTime.SpecifyKind(time, DateTimeKind.Unspecified))) : null;
    }

    /// <summary>An offset as the name of a zone.</summary>
    public static string NameOf(TimeSpan offset) => string.Create(CultureInfo.InvariantCulture, $"{(offset < TimeSpan.Zero ? '-' : '+')}{offset:hh\\:mm}");

    private DateTimeOffset? At(DateTime? time) => time is { } local ? new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), OffsetOf(Zone, local) ?? TimeSpan.Zero) : null;

    private static TimeSpan? FixedOffset(string zone)
    {
        if (zone.Length != 6 || zone[0] is not ('+' or '-') || !TimeSpan.TryParseExact(zone.AsSpan(1), "hh\\:mm", CultureInfo.InvariantCulture, out var offset) || offset > TimeSpan.FromHours(14)) return null;
        return zone[0] == '-' ? -offset : offset;
    }

    // A zone is looked up as a file; its name may come from a script that somebody wrote by hand.
    private static bool IsName(string zone) => zone.Length is > 0 and <= 60 && char.IsAsciiLetter(zone[0]) && zone.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '-' or '/');

    private static TimeSpan WholeMinutes(TimeSpan offset) => TimeSpan.FromMinutes((int)offset.TotalMinutes);
}

/// <summary>Whether automatic replies are sent.</summary>
public enum OutOfOfficeState
{
    Off,

    /// <summary>It begins later.</summary>
    Planned,

    On,

    /// <summary>It has ended by itself.</summary>
    Over,
}
