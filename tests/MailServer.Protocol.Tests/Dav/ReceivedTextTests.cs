using System.Text;
using System.Xml;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.ContentLines;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Reports;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Tests.Dav;

/// <summary>Octets that are not text: refused or converted when they arrive, and never seen as broken XML.</summary>
public sealed class ReceivedTextTests
{
    private const int Seed = 20261129;

    private static readonly Encoding Strict = new UTF8Encoding(false, throwOnInvalidBytes: true);

    static ReceivedTextTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static TheoryData<CollectionSpace, int> Forbidden()
    {
        var characters = new TheoryData<CollectionSpace, int>();
        foreach (var character in Enumerable.Range(0, 32).Where(c => c is not ('\t' or '\r' or '\n')).Concat([0xFFFE, 0xFFFF]))
        {
            characters.Add(CollectionSpace.Calendars, character);
            characters.Add(CollectionSpace.AddressBooks, character);
        }

        return characters;
    }

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void A_character_that_no_report_can_return_is_refused_with_its_line(CollectionSpace space, int character)
    {
        var refused = Assert.Throws<DavException>(() => Upload(space, Encoding.UTF8.GetBytes(Text(space, "a" + (char)character + "b")), null));
        Assert.Equal((403, space == CollectionSpace.Calendars ? "valid-calendar-data" : "valid-address-data"), (refused.Status, refused.Condition!.LocalName));
        Assert.StartsWith("line 5:", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CollectionSpace.Calendars, "text/calendar")]
    [InlineData(CollectionSpace.Calendars, "text/calendar; charset=utf-8")]
    [InlineData(CollectionSpace.Calendars, "text/calendar; charset=unknown")]
    [InlineData(CollectionSpace.AddressBooks, null)]
    [InlineData(CollectionSpace.AddressBooks, "text/vcard; charset=\"US-ASCII\"")]
    public void Octets_that_are_not_UTF8_are_refused(CollectionSpace space, string? contentType)
    {
        var refused = Assert.Throws<DavException>(() => Upload(space, Encoding.Latin1.GetBytes(Text(space, "Müller")), contentType));
        Assert.StartsWith("line 5: the text is not UTF-8", refused.Message, StringComparison.Ordinal);
    }

    public static TheoryData<CollectionSpace, string, string> Charsets()
    {
        var charsets = new TheoryData<CollectionSpace, string, string>();
        foreach (var (charset, text) in new[] { ("iso-8859-1", "Müller"), ("ISO-8859-15", "10 €"), ("windows-1252", "„Müller“"), ("utf-16", "Müller"), ("utf-16be", "Müller"), ("shift_jis", "会議"), ("iso-2022-jp", "会議"), ("koi8-r", "встреча"), ("gb18030", "会议") })
        {
            charsets.Add(CollectionSpace.Calendars, charset, text);
            charsets.Add(CollectionSpace.AddressBooks, charset, text);
        }

        return charsets;
    }

    [Theory]
    [MemberData(nameof(Charsets))]
    public void Text_in_a_declared_charset_is_converted(CollectionSpace space, string charset, string text)
    {
        var sent = Encoding.GetEncoding(charset).GetBytes(Text(space, text));
        var stored = Upload(space, sent, $"text/x; charset=\"{charset}\"");
        Assert.Equal(Text(space, text), Strict.GetString(stored.Body.Span));
        Assert.Equal(Text(space, text), Strict.GetString(ReceivedText.Repair(sent, charset).Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("; charset=iso-8859-1")]
    [InlineData("; charset=utf-8")]
    public void UTF8_is_kept_octet_for_octet(string declared)
    {
        var text = Encoding.UTF8.GetBytes(Text(CollectionSpace.Calendars, "Müller 会議 \u007f \u0085 ﾊ \U0001F642 \U0001FFFE"));
        Assert.True(Upload(CollectionSpace.Calendars, text, "text/calendar" + declared).Body.Span.SequenceEqual(text));
        Assert.True(Upload(CollectionSpace.Calendars, [.. text, 0, 0], null).Body.Span.SequenceEqual(text));
        Assert.True(ReceivedText.Repair(text, null).Span.SequenceEqual(text));
    }

    [Fact]
    public void A_repaired_text_has_only_lost_what_cannot_be_stored()
    {
        var octets = Encoding.UTF8.GetBytes("a\0b\u000bc\uFFFEd\uFFFFe\tﾊ\r\n");
        Assert.Equal("abcde\tﾊ\r\n", Strict.GetString(ReceivedText.Repair(octets, null).Span));
        Assert.Equal("Müller", Strict.GetString(ReceivedText.Repair(Encoding.Latin1.GetBytes("M\u0001üller"), null).Span));
        Assert.Equal(0, ReceivedText.Repair(new byte[5_000_000], null).Length);
    }

    [Fact]
    public void Whatever_is_stored_reports_are_well_formed_XML()
    {
        var random = new Random(Seed);
        string[] calendarData = ["", "<C:expand start='20200101T000000Z' end='20300101T000000Z'/>", "<C:limit-recurrence-set start='20200101T000000Z' end='20300101T000000Z'/>", "<C:comp name='VCALENDAR'><C:comp name='VEVENT'><C:prop name='SUMMARY'/></C:comp></C:comp>"];
        var selections = calendarData.Select(data => (Space: CollectionSpace.Calendars, Name: CalendarDataName, Selection: Parse($"<C:calendar-multiget xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><C:calendar-data>{data}</C:calendar-data></D:prop></C:calendar-multiget>")))
            .Concat(new[] { "", " version='3.0'", " version='4.0'" }.Select(version => (CollectionSpace.AddressBooks, AddressData, Parse($"<A:addressbook-multiget xmlns:A='urn:ietf:params:xml:ns:carddav' xmlns:D='DAV:'><D:prop><A:address-data content-type='text/vcard'{version}/></D:prop></A:addressbook-multiget>"))))
            .ToArray();
        for (var round = 0; round < 3_000; round++)
        {
            var (space, name, selection) = selections[round % selections.Length];
            var entry = Damaged(space, random);
            var selected = selection.Select(entry, isPlanned: false)!;
            using var output = new DavXmlWriter();
            Multistatus.Begin(output);
            var tag = XmlTag.Of(name);
            var properties = LiveProperties.All.Where(property => property.Applies(Resource(space, selected))).Select(property => property.Name).Append(name);
            PropertySelection.Of(properties, minimal: false, name, (resource, o) =>
            {
                o.Raw(tag.Open.Span).Text(resource.Entry!.Body.Span).Raw(tag.Close.Span);
                return true;
            }).WriteResponse(Resource(space, selected), output);
            Multistatus.End(output);
            using var reader = XmlReader.Create(new MemoryStream(output.Written.ToArray()), new XmlReaderSettings { CheckCharacters = true });
            var failed = Record.Exception(() => { while (reader.Read()) { } });
            Assert.True(failed is null, $"seed {Seed}, round {round}: {failed?.Message}");
        }
    }

    private static DavResource Resource(CollectionSpace space, ResourceEntry entry) => new()
    {
        Href = "/dav/x/" + DavUrl.Encode(entry.Name),
        Kind = space == CollectionSpace.Calendars ? DavResourceKind.CalendarObject : DavResourceKind.Contact,
        Owner = EmailAddress.Parse("ann@a.test"),
        Entry = entry,
    };

    /// <summary>A resource as an older version could have stored it, with some octets replaced.</summary>
    private static ResourceEntry Damaged(CollectionSpace space, Random random)
    {
        byte[][] pieces = [[0], [0x0B], [0xFF], [0xC3], [0xEF, 0xBF, 0xBE], [0xEF, 0xBF, 0xBF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], "]]>"u8.ToArray(), "&<"u8.ToArray(), [0xEF]];
        var body = Encoding.UTF8.GetBytes(Text(space, "Müller")).ToList();
        for (var i = random.Next(1, 6); i > 0; i--) body.InsertRange(random.Next(body.Count), pieces[random.Next(pieces.Length)]);
        string Odd() => new([.. Enumerable.Range(0, 6).Select(_ => (char)random.Next(1, 0x10000))]);
        return new ResourceEntry
        {
            Id = 1,
            Name = Odd(),
            ETag = "e",
            Size = body.Count,
            ContentType = "text/" + Odd(),
            Component = CalendarComponents.Event,
            Created = DateTimeOffset.UnixEpoch,
            Modified = DateTimeOffset.UnixEpoch,
            ModSeq = 1,
            Body = body.ToArray(),
        };
    }

    private static ReportSelection Parse(string report) =>
        ReportSelection.Parse(new CollectionRequest.Search(CollectionPath.HomeOf(CollectionSpace.Calendars).Child("a"), 0, Encoding.UTF8.GetBytes(report)), Limits.Default);

    private static NewResource Upload(CollectionSpace space, byte[] body, string? contentType) => NewResourceReader.ReadUpload(space, body, contentType);

    private static string Text(CollectionSpace space, string text) => space == CollectionSpace.Calendars
        ? $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nSUMMARY:{text}\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T100000Z\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        : $"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nN:x;;;;\r\nFN:{text}\r\nBDAY:1996-04-15\r\nEND:VCARD\r\n";
}
