using System.Globalization;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>date</c> (RFC 5260 §4): the first field, or the one of <c>:index</c>.</summary>
internal sealed class DateTest(FieldSelection selection, DateZone zone, SieveText name, SieveText part, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var selection = new FieldSelection(arguments, takesMime: false);
        var zone = DateZone.Read(arguments, hasOriginal: true);
        var match = new MatchArguments(arguments);
        var name = arguments.Text("the name of a header field");
        return new DateTest(selection, zone, name, DatePart.Read(arguments), match.Keys());
    }

    public override bool Evaluate(SieveRun run)
    {
        var field = selection.Select(run, [name.Expand(run)]).FirstOrDefault();
        // The date of a Received field follows its last semicolon.
        var value = field is null ? default : field.Value[(field.Value.LastIndexOf((byte)';') + 1)..].Trim(" \t\r\n"u8);
        return matcher.Matches(value.IsEmpty || DateField.ReadTime(value) is not { } time ? [] : DatePart.Values(zone.Convert(time, run), part.Expand(run)), run);
    }
}

/// <summary><c>currentdate</c> (RFC 5260 §5).</summary>
internal sealed class CurrentDateTest(DateZone zone, SieveText part, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var zone = DateZone.Read(arguments, hasOriginal: false);
        var match = new MatchArguments(arguments);
        return new CurrentDateTest(zone, DatePart.Read(arguments), match.Keys());
    }

    public override bool Evaluate(SieveRun run) => matcher.Matches(DatePart.Values(zone.Convert(run.Facts.Now, run), part.Expand(run)), run);
}

/// <summary>The zone that a date is converted to (RFC 5260 §4.1).</summary>
internal sealed class DateZone(SieveText? offset, bool isOriginal)
{
    public static DateZone Read(SieveArguments arguments, bool hasOriginal)
    {
        var offset = arguments.TextTag("zone");
        var isOriginal = hasOriginal && arguments.Flag("originalzone");
        if (offset is not null && isOriginal) arguments.Error("':zone' and ':originalzone' exclude each other");
        if (offset?.Constant is { } constant && ReadOffset(constant) is null) arguments.Error($"'{constant}' is not a time zone", "write it as +hhmm or -hhmm");
        return new DateZone(offset, isOriginal);
    }

    public DateTimeOffset Convert(DateTimeOffset time, SieveRun run)
    {
        if (isOriginal) return time;
        return ReadOffset(offset?.Expand(run) ?? "") is { } given ? time.ToOffset(given) : TimeZoneInfo.ConvertTime(time, run.Facts.Zone);
    }

    private static TimeSpan? ReadOffset(string text)
    {
        if (text.Length != 5 || text[0] is not ('+' or '-') || !int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var digits)) return null;
        var minutes = (digits / 100 * 60) + (digits % 100);
        return digits % 100 > 59 || minutes > 14 * 60 ? null : TimeSpan.FromMinutes(text[0] == '-' ? -minutes : minutes);
    }
}

/// <summary>The parts of a date (RFC 5260 §4.2).</summary>
internal static class DatePart
{
    private static readonly string[] Names = ["year", "month", "day", "date", "julian", "hour", "minute", "second", "time", "iso8601", "std11", "zone", "weekday"];

    // Day 0 of the modified Julian calendar
    private static readonly DateOnly JulianStart = new(1858, 11, 17);

    public static SieveText Read(SieveArguments arguments)
    {
        var part = arguments.Text("the part of the date");
        if (part.Constant is { Length: > 0 } name && !Names.Contains(name, StringComparer.OrdinalIgnoreCase)) arguments.Error($"'{name}' is not a part of a date", Suggestions.For(name, Names));
        return part;
    }

    /// <summary>The value of a part; none if it is not known.</summary>
    public static string[] Values(DateTimeOffset time, string part) => Value(time, part.ToLowerInvariant()) is { } value ? [value] : [];

    private static string? Value(DateTimeOffset time, string part) => part switch
    {
        "year" => Format(time, "yyyy"),
        "month" => Format(time, "MM"),
        "day" => Format(time, "dd"),
        "date" => Format(time, "yyyy-MM-dd"),
        "julian" => (DateOnly.FromDateTime(time.DateTime).DayNumber - JulianStart.DayNumber).ToString(CultureInfo.InvariantCulture),
        "hour" => Format(time, "HH"),
        "minute" => Format(time, "mm"),
        "second" => Format(time, "ss"),
        "time" => Format(time, "HH:mm:ss"),
        "iso8601" => Format(time, "yyyy-MM-ddTHH:mm:sszzz"),
        "std11" => Format(time, "ddd, dd MMM yyyy HH:mm:ss ") + Zone(time),
        "zone" => Zone(time),
        "weekday" => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Format(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);

    private static string Zone(DateTimeOffset time) => Format(time, "zzz").Replace(":", "", StringComparison.Ordinal);
}
