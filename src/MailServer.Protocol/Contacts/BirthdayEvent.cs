using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Contacts;

/// <summary>Writes a yearly event for the BDAY (RFC 6350 §6.2.5) of a contact. The output is deterministic, so that the event changes only with the contact.</summary>
public static class BirthdayEvent
{
    private const string Product = "-//mailserver//Birthdays//EN";
    private const int LeapYear = 1604;

    /// <summary>False if the contact has no BDAY or the date is invalid.</summary>
    public static bool TryWrite(ContactCard card, IBufferWriter<byte> output, out string uid)
    {
        uid = "";
        if (card.Root.Line("BDAY") is not { } line || !TryRead(VCardDateConversion.ToV4(line).Text, out var day, out var knowsYear)) return false;
        uid = $"birthday-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(card.Uid)).AsSpan(0, 12))}";
        var writer = new ContentWriter(output);
        writer.Begin("VCALENDAR");
        writer.WriteLine("VERSION:2.0");
        writer.WriteLine("PRODID:" + Product);
        writer.Begin("VEVENT");
        writer.WriteLine("UID:" + uid);
        writer.WriteLine("DTSTAMP:19700101T000000Z");
        writer.WriteLine($"DTSTART;VALUE=DATE:{day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}");
        writer.WriteLine($"DTEND;VALUE=DATE:{day.AddDays(1).ToString("yyyyMMdd", CultureInfo.InvariantCulture)}");
        // 29 February: use the last day of February, so that the event occurs every year.
        writer.WriteLine(day is { Month: 2, Day: 29 } ? "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1" : "RRULE:FREQ=YEARLY");
        writer.WriteLine("SUMMARY:" + ContentText.Escape(knowsYear ? $"{card.FullName} ({day.Year.ToString(CultureInfo.InvariantCulture)})" : card.FullName));
        writer.WriteLine("TRANSP:TRANSPARENT");
        writer.WriteLine("CATEGORIES:Birthday");
        writer.End("VEVENT");
        writer.End("VCALENDAR");
        return true;
    }

    /// <summary>Parses a date of RFC 6350 §4.3.1: <c>19960415</c> or <c>--0415</c>, with or without a time of day.</summary>
    private static bool TryRead(string text, out DateOnly day, out bool knowsYear)
    {
        var date = text.Split('T')[0].Replace("-", "", StringComparison.Ordinal);
        knowsYear = !text.StartsWith("--", StringComparison.Ordinal) && date.Length == 8;
        if (date.Length == 4 && text.StartsWith("--", StringComparison.Ordinal)) date = LeapYear.ToString(CultureInfo.InvariantCulture) + date;
        var known = DateOnly.TryParseExact(date, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day) && day.Year < 9999;
        if (day.Year == LeapYear) knowsYear = false;
        return known;
    }
}
