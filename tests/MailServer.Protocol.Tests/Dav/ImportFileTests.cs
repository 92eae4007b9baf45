using System.Text;
using MailServer.Protocol.Contacts;
using MailServer.Protocol.Dav.Import;
using MailServer.Protocol.Dav.Requests;

namespace MailServer.Protocol.Tests.Dav;

/// <summary>Files of other programs: every entry is taken or refused by its number, line and reason, and a malformed one affects no other.</summary>
public sealed class ImportFileTests
{
    static ImportFileTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    [Fact]
    public void Entries_without_a_UID_get_one_that_stays_the_same_until_they_change()
    {
        var text = Calendar(Event("", "SUMMARY:Walk"), Event("", "SUMMARY:Swim")) + Calendar(Event("", "SUMMARY:Walk"));
        var first = Import(text);
        Assert.Equal([false, false, true], first.Select(e => e.IsDuplicate));
        Assert.Equal(2, first.Where(e => !e.Text.IsEmpty).Select(UidOf).Distinct().Count());
        var again = Import(text.Replace("DTSTAMP:20260101T000000Z", "DTSTAMP:20270707T070707Z\r\nCREATED:20250101T000000Z\r\nLAST-MODIFIED:20260202T000000Z", StringComparison.Ordinal));
        Assert.Equal(first.Where(e => !e.Text.IsEmpty).Select(UidOf), again.Where(e => !e.Text.IsEmpty).Select(UidOf));
        Assert.NotEqual(UidOf(first[0]), UidOf(Import(text.Replace("Walk", "Run", StringComparison.Ordinal))[0]));
        Assert.Equal("event 1, line 4 (Walk)", first[0].Label);
        Assert.Equal("event 3, line 20 (Walk)", first[2].Label);
    }

    [Fact]
    public void Contacts_without_a_UID_get_one_and_equal_ones_are_one()
    {
        var cards = Import(Card("", "FN:Ann", "REV:20200101T000000Z") + Card("b", "FN:Ben") + Card("", "FN:Ann", "REV:20210101T000000Z") + Card("b", "FN:Benjamin") + Card("", "FN:Cleo"));
        Assert.Equal([false, false, true, true, false], cards.Select(c => c.IsDuplicate));
        // The same content is not stored twice; other content of the same UID replaces it.
        Assert.Equal([false, false, true, false, false], cards.Select(c => c.Text.IsEmpty));
        Assert.StartsWith("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:imported-", Text(cards[0]), StringComparison.Ordinal);
        Assert.All(cards.Where(c => !c.Text.IsEmpty), c => NewResourceReader.ReadUpload(c.Space, c.Text, null));
    }

    /// <summary>Each way in which one entry can be malformed, and the reason with the line within the entry.</summary>
    public static TheoryData<string, string> MalformedCards() => new()
    {
        { "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:bad\r\nNOTE:a\r\nnot folded\r\nFN:x\r\nEND:VCARD\r\n", "card 2, line 10 (UID bad): no colon before a value" },
        { "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nTEL;TYPE=\"home:1\r\nEND:VCARD\r\n", "card 2, line 9 (x): a quoted parameter value does not end" },
        { "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:bad\r\nFN:x\r\n", "card 2, line 9 (UID bad): a component does not end" },
        { "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:bad\r\n:x\r\nFN:x\r\nEND:VCARD\r\n", "card 2, line 9 (UID bad): no property name" },
        { "BEGIN:VCARD\r\nVERSION:2.1\r\nUID:bad\r\nN:x\r\nnothing\r\nEND:VCARD\r\n", "card 2, line 10 (UID bad): no colon before a value" },
        { "this is\r\nno card\r\n", "line 6: text outside of a card" },
    };

    [Theory]
    [MemberData(nameof(MalformedCards))]
    public void A_malformed_card_is_named_and_the_others_are_taken(string malformed, string reason)
    {
        var entries = Import(Card("one", "FN:One") + malformed + Card("two", "FN:Two"));
        Assert.Equal(["one", "two"], entries.Where(e => e.Fault is null).Select(UidOf));
        Assert.Equal([reason], entries.Where(e => e.Fault is not null).Select(e => $"{e.Label}: {e.Fault}"));
    }

    public static TheoryData<string, string> MalformedEvents() => new()
    {
        { "BEGIN:VEVENT\r\nUID:bad\r\nDTSTART:20260101T100000Z\r\nbroken line\r\nEND:VEVENT\r\n", "event 2, line 13 (UID bad): no colon before a value" },
        { "BEGIN:VEVENT\r\nSUMMARY:Unended\r\nDTSTART:20260101T100000Z\r\n", "event 2, line 12 (Unended): a component does not end" },
        { "BEGIN:VEVENT\r\nUID:bad\r\nBEGIN:VALARM\r\nTRIGGER:PT1M\r\nEND:VEVENT\r\n", "event 2, line 14 (UID bad): END does not match BEGIN" },
        { "BEGIN:VTODO\r\nSUMMARY;X=\"y:z\r\nUID:bad\r\nEND:VTODO\r\n", "task 1, line 11 (UID bad): a quoted parameter value does not end" },
        { "BEGIN:VTIMEZONE\r\nTZID:Home\r\nBEGIN:STANDARD\r\nnothing\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n", "time zone 1, line 13 (Home): no colon before a value" },
        { "END:VCALENDAR\r\nstray\r\ntext\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n", "line 11: text outside of a calendar" },
    };

    [Theory]
    [MemberData(nameof(MalformedEvents))]
    public void A_malformed_event_is_named_and_the_others_are_taken(string malformed, string reason)
    {
        var entries = Import(Calendar(Event("one"), malformed, Event("two")));
        Assert.Equal(["one", "two"], entries.Where(e => e.Fault is null).Select(UidOf));
        Assert.Equal([reason], entries.Where(e => e.Fault is not null).Select(e => $"{e.Label}: {e.Fault}"));
    }

    [Theory]
    [InlineData("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "line 1: the calendar does not end")]
    [InlineData("nothing of use\r\n", "line 1: text outside of a calendar")]
    public void A_file_without_entries_is_refused(string text, string reason) => Assert.Equal(reason, string.Concat(Import(text).Select(e => $"{e.Label}: {e.Fault}")));

    [Fact]
    public void Calendars_keep_their_time_zones_and_series_stay_whole()
    {
        const string zone = "BEGIN:VTIMEZONE\r\nTZID:Home\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0545\r\nTZOFFSETTO:+0545\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
        var entries = Import(Calendar(
            Event("series", "RRULE:FREQ=DAILY;COUNT=3", "SEQUENCE:1"), zone, Event("", "EXDATE;TZID=Home:20260101T100000"), Event("series", "RECURRENCE-ID:20260103T100000Z", "SUMMARY:old"),
            Event("series", "RECURRENCE-ID:20260103T100000Z", "SUMMARY:new"), Event("series", "RRULE:FREQ=DAILY;COUNT=9")));
        Assert.Equal([true, true, false, false], entries.OrderBy(e => !e.IsDuplicate).Select(e => e.IsDuplicate));
        Assert.Equal(["event 3, line 26 (UID series)", "event 5, line 42 (UID series)"], entries.Where(e => e.IsDuplicate).Select(e => e.Label));
        var series = Text(entries.Single(e => e.Label.EndsWith("(UID series)", StringComparison.Ordinal) && !e.IsDuplicate));
        Assert.Contains("SUMMARY:new", series, StringComparison.Ordinal);
        Assert.Contains("COUNT=3", series, StringComparison.Ordinal);
        Assert.Equal(3, series.Split("BEGIN:VEVENT").Length);
        Assert.DoesNotContain("VTIMEZONE", series, StringComparison.Ordinal);
        Assert.Contains("TZID:Home", Text(entries.Single(e => !e.IsDuplicate && !Text(e).Contains("series", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-8 with BOM")]
    [InlineData("utf-16")]
    [InlineData("windows-1252")]
    [InlineData("CR only")]
    [InlineData("LF only")]
    [InlineData("lower case")]
    public void A_file_is_read_in_every_form(string form)
    {
        foreach (var text in new[] { Calendar(Event("1", "SUMMARY:Müller")), Card("1", "FN:Müller") })
        {
            var entry = Assert.Single(ImportFile.Read(form switch
            {
                "utf-8 with BOM" => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)],
                "utf-16" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)],
                "windows-1252" => Encoding.Latin1.GetBytes(text),
                "CR only" => Encoding.UTF8.GetBytes(text.Replace("\r\n", "\r", StringComparison.Ordinal)),
                "LF only" => Encoding.UTF8.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal)),
                "lower case" => Encoding.UTF8.GetBytes(text.Replace("BEGIN", "begin", StringComparison.Ordinal).Replace("END:", "end:", StringComparison.Ordinal).Replace("VCARD", "vcard", StringComparison.Ordinal)),
                _ => Encoding.UTF8.GetBytes(text),
            }));
            Assert.Null(entry.Fault);
            Assert.Contains("Müller", Text(entry), StringComparison.Ordinal);
            Assert.Equal("1", NewResourceReader.ReadUpload(entry.Space, entry.Text, null).Uid);
        }
    }

    [Fact]
    public void A_file_of_many_entries_is_read_in_linear_time()
    {
        var cards = Import(string.Concat(Enumerable.Range(0, 20_000).Select(i => Card($"u{i}", "FN:x"))));
        Assert.Equal(20_000, cards.Count);
        Assert.Equal(20_000, Import(Calendar([.. Enumerable.Range(0, 20_000).Select(i => Event($"u{i}"))])).Count);
        var note = string.Concat(Enumerable.Repeat("=C3=BC=\r\n", 200_000));
        var long21 = Assert.Single(Import($"BEGIN:VCARD\r\nVERSION:2.1\r\nN:x\r\nNOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:{note}\r\nEND:VCARD\r\n"));
        Assert.Null(long21.Fault);
    }

    /// <summary>vCard 2.1, as programs and telephones write it, and the line of vCard 3.0 that it becomes.</summary>
    public static TheoryData<string, string> Legacy() => new()
    {
        { "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Gr=C3=BCn;J=C3=B6rg;;Dr.;", "N:Grün;Jörg;;Dr.;" },
        { "FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:J=C3=B6rg=\r\n Gr=C3=BCn", "FN:Jörg Grün" },
        { "FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:J=C3=\r\n=B6rg=20=\r\nGr=C3=BCn", "FN:Jörg Grün" },
        { "FN;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:J=F6rg", "FN:Jörg" },
        { "FN;ENCODING=QUOTED-PRINTABLE:J=F6rg", "FN:Jörg" },
        { "FN;CHARSET=ISO-8859-1:J\u00F6rg", "FN:Jörg" },
        { "FN;CHARSET=Shift_JIS;ENCODING=QUOTED-PRINTABLE:=89=EF=8B=63", "FN:会議" },
        { "NOTE;ENCODING=QUOTED-PRINTABLE:one, two; three=0D=0Afour=3B", "NOTE:one\\, two\\; three\\nfour\\;" },
        { "NOTE:C:\\\\temp, now", "NOTE:C:\\\\temp\\, now" },
        { "ADR;HOME;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:;;Hauptstra=C3=9Fe 1=0D=0AHinterhaus;K=C3=B6ln;;50667;Germany", "ADR;TYPE=HOME:;;Hauptstraße 1\\nHinterhaus;Köln;;50667;Germany" },
        { "ORG;ENCODING=QUOTED-PRINTABLE:Firm=3B Ltd;Sales", "ORG:Firm\\; Ltd;Sales" },
        { "TEL;CELL;PREF:+49 123", "TEL;TYPE=CELL,PREF:+49 123" },
        { "TEL;TYPE=HOME;VOICE:+49 123", "TEL;TYPE=HOME,VOICE:+49 123" },
        { "EMAIL;INTERNET:a@b.test", "EMAIL;TYPE=INTERNET:a@b.test" },
        { "PHOTO;JPEG;ENCODING=BASE64:\r\n AAEC\r\n Aw==\r\n\r\nTITLE:Boss", "PHOTO;TYPE=JPEG;ENCODING=b:AAECAw==" },
        { "PHOTO;ENCODING=BASE64;TYPE=PNG:AAEC\r\nAw==\r\nTITLE:Boss", "PHOTO;TYPE=PNG;ENCODING=b:AAECAw==" },
        { "PHOTO;VALUE=URL;GIF:http://x.test/a.gif", "PHOTO;TYPE=GIF;VALUE=uri:http://x.test/a.gif" },
        { "URL;WORK:http://x.test/?a=1;b=2,3", "URL;TYPE=WORK:http://x.test/?a=1;b=2,3" },
        { "BDAY:19960415", "BDAY:19960415" },
        { "CATEGORIES:Work;Home", "CATEGORIES:Work,Home" },
        { "GEO:37.24,-17.87", "GEO:37.24;-17.87" },
        { "item1.TEL;X-Odd=\"y\":1", "item1.TEL;X-ODD=y:1" },
        { "NOTE;LANGUAGE=de:x", "NOTE;LANGUAGE=de:x" },
        { "AGENT:\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nN:Agent;A\r\nUID:agent\r\nEND:VCARD\r\nTITLE:Boss", "TITLE:Boss" },
    };

    [Theory]
    [MemberData(nameof(Legacy))]
    public void VCard_21_becomes_30_in_UTF8(string lines, string expected)
    {
        var text = $"BEGIN:VCARD\r\nVERSION:2.1\r\nUID:old\r\n{lines}\r\nEND:VCARD\r\n";
        var entry = Assert.Single(ImportFile.Read(lines.Contains('\u00F6', StringComparison.Ordinal) ? Encoding.Latin1.GetBytes(text) : Encoding.UTF8.GetBytes(text)));
        Assert.Null(entry.Fault);
        var resource = NewResourceReader.ReadUpload(entry.Space, entry.Text, null);
        Assert.True(ContactCard.TryParse(resource.Body, ContactLimits.Default, out var card, out _));
        Assert.Equal((VCardVersion.V3, "old"), (card.Version, card.Uid));
        Assert.Contains(expected, Text(entry).Replace("\r\n ", "", StringComparison.Ordinal).Split("\r\n"));
        Assert.DoesNotContain("Agent", Text(entry), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3.0", "NOTE;CHARSET=UTF-8:one t\r\n wo\\, three", "NOTE:one two\\, three")]
    [InlineData("3.0", "NOTE;ENCODING=QUOTED-PRINTABLE:J=C3=B6=\r\nrg", "NOTE:Jörg")]
    [InlineData("4.0", "NOTE;CHARSET=UTF-8:one\r\n  two", "NOTE:one two")]
    [InlineData("2.1", "NOTE:one\r\n two", "NOTE:one two")]
    public void Properties_of_21_in_newer_cards_are_converted_and_the_version_stays(string version, string line, string expected)
    {
        var entry = Assert.Single(Import($"BEGIN:VCARD\r\nVERSION:{version}\r\nUID:1\r\nFN:x\r\n{line}\r\nEND:VCARD\r\n"));
        Assert.Contains(expected, Text(entry).Split("\r\n"));
        Assert.Contains($"VERSION:{(version == "2.1" ? "3.0" : version)}", Text(entry), StringComparison.Ordinal);
        NewResourceReader.ReadUpload(entry.Space, entry.Text, null);
    }

    [Theory]
    [InlineData("ORG:Firm\r\nEMAIL:a@b.test", "FN:Firm")]
    [InlineData("EMAIL:a@b.test", "FN:a@b.test")]
    [InlineData("NOTE:x", "FN:Unnamed")]
    [InlineData("N:Ant;Ann;;;", "N:Ant;Ann;;;")]
    public void A_contact_without_a_name_gets_one(string lines, string expected)
    {
        foreach (var version in new[] { "2.1", "3.0", "4.0" })
        {
            var entry = Assert.Single(Import($"BEGIN:VCARD\r\nVERSION:{version}\r\n{lines}\r\nEND:VCARD\r\n"));
            NewResourceReader.ReadUpload(entry.Space, entry.Text, null);
            Assert.Contains(expected, Text(entry).Split("\r\n"));
        }
    }

    private static List<ImportEntry> Import(string text) => [.. ImportFile.Read(Encoding.UTF8.GetBytes(text))];

    private static string Text(ImportEntry entry) => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(entry.Text.Span);

    private static string UidOf(ImportEntry entry) => NewResourceReader.ReadUpload(entry.Space, entry.Text, null).Uid!;

    private static string Calendar(params string[] components) => $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{string.Concat(components)}END:VCALENDAR\r\n";

    private static string Event(string uid, params string[] more) =>
        $"BEGIN:VEVENT\r\n{(uid.Length > 0 ? $"UID:{uid}\r\n" : "")}DTSTAMP:20260101T000000Z\r\nDTSTART:20260102T100000Z\r\nDURATION:PT1H\r\n{string.Concat(more.Select(m => m + "\r\n"))}END:VEVENT\r\n";

    private static string Card(string uid, params string[] more) => $"BEGIN:VCARD\r\nVERSION:3.0\r\n{(uid.Length > 0 ? $"UID:{uid}\r\n" : "")}{string.Concat(more.Select(m => m + "\r\n"))}END:VCARD\r\n";
}
