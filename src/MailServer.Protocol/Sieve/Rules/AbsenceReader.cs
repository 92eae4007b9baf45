using System.Globalization;
using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Protocol.Sieve.Rules;

/// <summary>Reads the automatic reply.</summary>
internal static class AbsenceReader
{
    private const string Iso8601 = "yyyy-MM-ddTHH:mm:sszzz";

    /// <param name="node">The command <c>if</c> with the reply.</param>
    /// <param name="zone">The zone that its comment names; null without one.</param>
    public static OutOfOffice Read(SieveNode node, string? zone)
    {
        if (!node.Is("if")) throw new NoRuleException(node.Offset, "replies to mail in another way than the page does");
        var (test, isEnabled) = RuleReader.Enabled(node.Tests[0]);
        var tests = test.Is("true") ? [] : test.ListOf("allof") ?? [test];
        DateTimeOffset? start = null;
        DateTimeOffset? end = null;
        var onlyContacts = false;
        foreach (var each in tests)
        {
            if (start is null && end is null && Time(each, "ge") is { } from) start = from;
            else if (end is null && Time(each, "lt") is { } until) end = until;
            else if (!onlyContacts && IsContacts(each)) onlyContacts = true;
            else throw new NoRuleException(each.Offset, "replies under a condition that the page does not know");
        }

        var name = ZoneOf(zone, start, end);
        return Reply(node.Block![0]) with { IsEnabled = isEnabled, Start = Local(start, name), End = Local(end, name), Zone = name, OnlyContacts = onlyContacts };
    }

    private static OutOfOffice Reply(SieveNode vacation)
    {
        string? subject = null;
        long? days = null;
        var arguments = vacation.Arguments;
        var at = 0;
        for (; at + 2 < arguments.Count; at += 2)
        {
            var (tag, value) = (arguments[at], arguments[at + 1]);
            if (tag.IsTag("days") && value.Kind == SieveArgumentKind.Number) days = value.Number;
            else if (tag.IsTag("subject") && value.One() is { } text) subject = text;
            // Only says when somebody is answered again.
            else if (!tag.IsTag("handle") || value.One() is null) break;
        }

        if (at + 1 != arguments.Count || arguments[at].One() is not { } reason || days is < 1 or > 60) throw new NoRuleException(vacation.Offset, "replies in a way that the page does not know");
        return new OutOfOffice { Subject = subject ?? "", Text = reason, Days = (int)(days ?? OutOfOffice.DefaultDays) };
    }

    private static DateTimeOffset? Time(SieveNode test, string relation)
    {
        if (!test.Is("currentdate") || test.Arguments is not [var zone, var offset, var value, var how, var part, var key]) return null;
        if (!zone.IsTag("zone") || !value.IsTag("value") || how.One() != relation || part.One() != "iso8601") return null;
        if (!DateTimeOffset.TryParseExact(key.One(), Iso8601, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)) return null;
        return offset.One() == time.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal) ? time : null;
    }

    private static bool IsContacts(SieveNode test) =>
        test.Is("address") && test.Arguments is [var tag, var field, var list] && tag.IsTag("list") && field.One() == "from" && list.One() == RuleWriter.Contacts;

    /// <summary>The zone of the comment, if the times are of it; otherwise the offset of the first time.</summary>
    private static string ZoneOf(string? zone, DateTimeOffset? start, DateTimeOffset? end)
    {
        if (zone is not null && Fits(zone, start) && Fits(zone, end)) return zone;
        return (start ?? end) is { } first ? OutOfOffice.NameOf(first.Offset) : "UTC";
    }

    private static bool Fits(string zone, DateTimeOffset? time) => OutOfOffice.OffsetOf(zone, time?.DateTime ?? DateTime.UnixEpoch) is { } offset && (time is null || time.Value.Offset == offset);

    private static DateTime? Local(DateTimeOffset? time, string zone)
    {
        if (time is not { } given) return null;
        return given.ToOffset(OutOfOffice.OffsetOf(zone, given.DateTime) ?? given.Offset).DateTime;
    }
}
