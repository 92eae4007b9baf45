using System.Buffers;
using System.Text;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Contacts;

namespace MailServer.Protocol.Tests.Contacts;

public sealed class BirthdayEventTests
{
    [Theory]
    [InlineData("3.0", "BDAY:1980-05-17", "DTSTART;VALUE=DATE:19800517", "SUMMARY:Ann (1980)")]
    [InlineData("3.0", "BDAY;VALUE=date:1980-05-17", "DTSTART;VALUE=DATE:19800517", "SUMMARY:Ann (1980)")]
    [InlineData("3.0", "BDAY:1980-05-17T00:00:00Z", "DTSTART;VALUE=DATE:19800517", "SUMMARY:Ann (1980)")]
    [InlineData("3.0", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-17", "DTSTART;VALUE=DATE:16040517", "SUMMARY:Ann\r\n")]
    [InlineData("4.0", "BDAY:19800517", "DTSTART;VALUE=DATE:19800517", "SUMMARY:Ann (1980)")]
    [InlineData("4.0", "BDAY:--0517", "DTSTART;VALUE=DATE:16040517", "SUMMARY:Ann\r\n")]
    [InlineData("4.0", "BDAY:--0229", "BYMONTHDAY=-1", "SUMMARY:Ann\r\n")]
    public void A_birthday_is_a_yearly_event(string version, string line, string day, string title)
    {
        var text = Assert.IsType<string>(Write(version, line));
        Assert.Contains(day, text, StringComparison.Ordinal);
        Assert.Contains(title, text, StringComparison.Ordinal);
        Assert.True(CalendarObject.TryParse(Encoding.UTF8.GetBytes(text), CalendarLimits.Default, out var calendar, out _));
        Assert.Null(calendar.LastUtc);
    }

    [Theory]
    [InlineData("")]
    [InlineData("BDAY:\r\n")]
    [InlineData("BDAY:1980\r\n")]
    [InlineData("BDAY:---17\r\n")]
    [InlineData("BDAY;VALUE=text:circa 1800\r\n")]
    [InlineData("BDAY:19801350\r\n")]
    [InlineData("BDAY:9999-12-31\r\n")]
    public void A_contact_without_a_full_date_has_no_birthday(string line) => Assert.Null(Write("4.0", line.TrimEnd()));

    private static string? Write(string version, string line)
    {
        var text = $"BEGIN:VCARD\r\nVERSION:{version}\r\nUID:ann\r\nFN:Ann\r\nN:;Ann;;;\r\n{line}{(line.Length > 0 ? "\r\n" : "")}END:VCARD\r\n";
        Assert.True(ContactCard.TryParse(Encoding.UTF8.GetBytes(text), ContactLimits.Default, out var card, out var fault), fault?.Reason);
        var output = new ArrayBufferWriter<byte>();
        return BirthdayEvent.TryWrite(card, output, out _) ? Encoding.UTF8.GetString(output.WrittenSpan) : null;
    }
}
