using System.Text;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Contacts;
using MailServer.Protocol.ContentLines;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Requests;

namespace MailServer.Protocol.Tests.Dav;

/// <summary>What clients may store: mistakes are refused with their precondition, but objects that have them already are still read.</summary>
public sealed class UploadRulesTests
{
    public static TheoryData<string, string> Refused() => new()
    {
        { "DTSTART:20260101T100000Z\nDTEND:20260101T095959Z", "valid-calendar-data" },
        { "DTSTART;VALUE=DATE:20260102\nDTEND;VALUE=DATE:20260101", "valid-calendar-data" },
        { "DTSTART;TZID=Europe/Berlin:20260101T100000\nDTEND;TZID=Asia/Tokyo:20260101T170000", "valid-calendar-data" },
        { $"DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY\n{Override("20260102T100000Z")}\n{Override("20260102T100000Z")}", "valid-calendar-object-resource" },
        { $"DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY\n{Override("20260102T100000Z")}\n{Override("20260102T110000", ";TZID=Europe/Berlin")}", "valid-calendar-object-resource" },
        { "DTSTART:20260101T100000Z\nRRULE:RSCALE=CHINESE;FREQ=YEARLY", "supported-rscale" },
        { "DTSTART:20260131T100000Z\nRRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD", "supported-rscale" },
        { "DTSTART:20260101T100000Z\nEXRULE:RSCALE=HEBREW;FREQ=YEARLY", "supported-rscale" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_mistake_is_refused_when_it_is_stored_and_tolerated_when_it_is_read(string lines, string condition)
    {
        var text = Calendar(lines);
        var refused = Assert.Throws<DavException>(() => NewResourceReader.ReadUpload(CollectionSpace.Calendars, text, null));
        Assert.Equal((403, condition), (refused.Status, refused.Condition!.LocalName));
        Assert.True(CalendarObject.TryParse(text, CalendarLimits.Default, out _, out _));
        Assert.NotNull(NewResourceReader.Read(CollectionSpace.Calendars, text, null).Uid);
    }

    [Theory]
    [InlineData("DTSTART:20260101T100000Z\nDTEND:20260101T100000Z")]
    [InlineData("DTSTART;VALUE=DATE:20260102\nDTEND;VALUE=DATE:20260102")]
    [InlineData("DTSTART;TZID=Europe/Berlin:20260101T100000\nDTEND;TZID=America/New_York:20260101T090000")]
    [InlineData("DTSTART:20260131T100000Z\nRRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=OMIT")]
    [InlineData("DTSTART:20260101T100000\nDTEND:20260101T090000Z")]
    [InlineData("DTSTART;TZID=GMT+05:30:20260101T100000")]
    public void What_clients_send_is_taken(string lines) => NewResourceReader.ReadUpload(CollectionSpace.Calendars, Calendar(lines), null);

    [Theory]
    [InlineData("urn:ietf:params:xml:ns:caldav", "calendar-query", TextCollation.AsciiCasemap)]
    [InlineData("urn:ietf:params:xml:ns:carddav", "addressbook-query", TextCollation.UnicodeCasemap)]
    public void The_collation_default_is_the_one_of_the_protocol(string space, string report, TextCollation expected)
    {
        var match = $"<C:prop-filter name='X'><C:text-match collation='default'>x</C:text-match></C:prop-filter>";
        var filter = report == "calendar-query" ? $"<C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'>{match}</C:comp-filter></C:comp-filter>" : match;
        var root = System.Xml.Linq.XElement.Parse($"<C:{report} xmlns:C='{space}' xmlns:D='DAV:'><D:prop/><C:filter>{filter}</C:filter></C:{report}>");
        var found = report == "calendar-query" ? CalendarQueryRequest.Parse(root).Filter.Root.Components[0].Properties[0].TextMatch! : AddressBookQueryRequest.Parse(root).Filter.Properties[0].TextMatches[0];
        Assert.Equal(expected, found.Collation);
    }

    /// <summary>Media of vCard 3.0, and the line of 4.0 that it becomes.</summary>
    [Theory]
    [InlineData("PHOTO;VALUE=URI;TYPE=PNG;ENCODING=b:http://p.test/b.png", "PHOTO;MEDIATYPE=image/png:http://p.test/b.png")]
    [InlineData("PHOTO;ENCODING=BASE64:https://p.test/b", "PHOTO:https://p.test/b")]
    [InlineData("PHOTO;VALUE=uri:http://p.test/b.png", "PHOTO;VALUE=uri:http://p.test/b.png")]
    [InlineData("PHOTO;ENCODING=b;TYPE=PNG:AAEC", "PHOTO:data:image/png;base64,AAEC")]
    public void A_photo_elsewhere_stays_a_URI(string line, string expected)
    {
        var text = Encoding.UTF8.GetBytes($"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:x\r\nN:x;;;;\r\n{line}\r\nEND:VCARD\r\n");
        Assert.True(ContactCard.TryParse(text, ContactLimits.Default, out var card, out _));
        foreach (var (version, wanted) in new[] { (VCardVersion.V3, line), (VCardVersion.V4, expected) })
        {
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            new AddressDataRequest { Version = version }.Write(card, output);
            Assert.Contains(wanted, Encoding.UTF8.GetString(output.WrittenSpan).Split("\r\n"));
        }
    }

    [Theory]
    [InlineData("ATTACH;MANAGED-ID=one;FMTTYPE=text/plain:https://mail.example.org/dav/attachments/ann%40example.org/one/a.txt", "one")]
    [InlineData("ATTACH:https://mail.example.org/dav/attachments/ann@example.org/one/a.txt", "one")]
    [InlineData("ATTACH;FILENAME=a:/dav/attachments/ann@example.org/one/a.txt\nATTACH;MANAGED-ID=two:https://other.test/b", "two one")]
    [InlineData("ATTACH:https://mail.example.org/dav/calendars/ann@example.org/one/a.txt", "")]
    [InlineData("ATTACH;VALUE=BINARY;ENCODING=BASE64:L2Rhdi9hdHRhY2htZW50cw==", "")]
    [InlineData("ATTACH:CID:part1@example.org", "")]
    public void An_attachment_is_kept_by_its_URL_if_the_client_drops_its_id(string lines, string ids) => Assert.Equal(
        ids, string.Join(' ', NewResourceReader.ReadUpload(CollectionSpace.Calendars, Calendar("DTSTART:20260101T100000Z\n" + lines), "text/calendar").Attachments));

    [Theory]
    [InlineData("a\nb\nc\n", "a\r\nb\r\nc\r\n")]
    [InlineData("a\r\nb\n", "a\r\nb\r\n")]
    [InlineData("a\r\nb", "a\r\nb\r\n")]
    [InlineData("\n\r\n", "\r\n\r\n")]
    [InlineData("", "")]
    public void Copied_lines_end_with_CRLF(string stored, string written)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        new ContentWriter(output).WriteStored(Encoding.UTF8.GetBytes(stored));
        Assert.Equal(written, Encoding.UTF8.GetString(output.WrittenSpan));
    }

    private static string Override(string id, string zone = "") => $"END:VEVENT\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID{zone}:{id}\nDTSTART:20260102T150000Z";

    /// <summary>Tasks: the same rule for DUE as for DTEND of events.</summary>
    [Theory]
    [InlineData("DTSTART:20260101T100000Z\nDUE:20260101T095959Z", true)]
    [InlineData("DTSTART;VALUE=DATE:20260102\nDUE;VALUE=DATE:20260101", true)]
    [InlineData("DTSTART;TZID=Europe/Berlin:20260101T100000\nDUE;TZID=Asia/Tokyo:20260101T170000", true)]
    [InlineData("DTSTART:20260101T100000Z\nDUE:20260101T100000Z", false)]
    [InlineData("DTSTART;VALUE=DATE:20260102\nDUE;VALUE=DATE:20260102", false)]
    [InlineData("DTSTART;VALUE=DATE:20260102\nDUE:20260101T100000Z", false)]
    [InlineData("DTSTART:20260101T100000\nDUE:20260101T090000Z", false)]
    [InlineData("DUE:20260101T090000Z", false)]
    [InlineData("DTSTART:20260101T100000Z", false)]
    public void A_task_is_due_after_its_start(string lines, bool isRefused)
    {
        var text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Calendar(lines)).Replace("VEVENT", "VTODO", StringComparison.Ordinal));
        if (!isRefused) NewResourceReader.ReadUpload(CollectionSpace.Calendars, text, null);
        else Assert.Equal("DUE is before DTSTART", Assert.Throws<DavException>(() => NewResourceReader.ReadUpload(CollectionSpace.Calendars, text, null)).Message);
        Assert.True(CalendarObject.TryParse(text, CalendarLimits.Default, out _, out _));
    }

    private static byte[] Calendar(string lines) => Encoding.UTF8.GetBytes(
        $"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n".ReplaceLineEndings("\r\n"));
}
