using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.Contacts;
using MailServer.Protocol.ContentLines;
using MailServer.Protocol.Dav.Import;
using MailServer.Protocol.Scheduling;
using MailServer.Protocol.Tests.Scheduling;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>Values that are written differently and mean the same are equal wherever they are compared.</summary>
public sealed class ComparedValuesTests
{
    private static readonly EmailAddress Eva = EmailAddress.Parse("eva+x@e.test");

    public static TheoryData<string> Addresses =>
        ["mailto:eva+x@e.test", "MAILTO:eva+x@e.test", "mailto:eva%2Bx@e.test", "mailto:eva%2bx@E.TEST", "mailto:Eva+X@e.test", " mailto:eva+x@e.test ", "mailto:eva+x@e.test?subject=a", "/dav/principals/eva+x@e.test/", "https://h.test/dav/principals/eva%2Bx@e.test/"];

    [Theory]
    [InlineData(@"a\,b\;c", "a,b;c")]
    [InlineData(@"a\,b", @"a,b")]
    [InlineData(@"a\\b", @"a\\b")]
    public void The_parts_of_a_series_have_one_UID(string master, string instance)
    {
        var text = $"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{Part(master, "RRULE:FREQ=DAILY;COUNT=3")}{Part(instance, "RECURRENCE-ID:20260602T100000Z")}END:VCALENDAR\n";
        Assert.Equal(2, CalendarText.Parse(text).Components.Count);
        Assert.Single(ImportFile.Read(CalendarText.Bytes(text)));
    }

    [Theory]
    [InlineData("SUMMARY:a\\, b\\; c\\nd", "SUMMARY:a, b; c\\Nd")]
    [InlineData("LOCATION:Room 1\\, left", "LOCATION:Room 1, left")]
    [InlineData("DESCRIPTION:x", "description:x")]
    public void A_text_that_is_escaped_differently_is_no_change(string before, string after)
    {
        var old = MeetingSamples.Of(MeetingSamples.Component($"{MeetingSamples.Times}\n{before}\n{MeetingSamples.People()}"));
        Assert.Empty(MeetingSamples.Change(old, MeetingSamples.Of(MeetingSamples.Component($"{MeetingSamples.Times}\n{after}\n{MeetingSamples.People()}"))).Messages);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void An_attendee_is_found_by_each_form_of_the_address(string written)
    {
        Assert.Equal(Eva, CalendarUserAddress.Parse(written));
        var meeting = MeetingSamples.Of(MeetingSamples.Component($"{MeetingSamples.Times}\n{MeetingSamples.People()}\nATTENDEE;PARTSTAT=DECLINED:{written}"));
        Assert.Contains(Eva, meeting.Attendees);
        var busy = new FreeBusyBuilder(CalendarText.Range("20261201T000000Z", "20261202T000000Z"), CalendarTimeZone.Utc, CalendarLimits.Default);
        busy.Add(meeting.Calendar, Eva);
        Assert.Empty(busy.Periods);
        var same = MeetingSamples.Of(MeetingSamples.Component($"{MeetingSamples.Times}\n{MeetingSamples.People()}\nATTENDEE;PARTSTAT=DECLINED:mailto:eva+x@e.test"));
        Assert.Empty(MeetingSamples.Change(same, meeting).Messages);
        var request = OutboxFreeBusyRequest.Parse(CalendarText.Bytes(
            $"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nMETHOD:REQUEST\nBEGIN:VFREEBUSY\nUID:1\nDTSTAMP:20260101T000000Z\nDTSTART:20260101T000000Z\nDTEND:20260102T000000Z\nORGANIZER:mailto:ann@a.test\nATTENDEE:mailto:eva+x@e.test\nATTENDEE:{written}\nEND:VFREEBUSY\nEND:VCALENDAR"));
        Assert.Equal(Eva, Assert.Single(request.Attendees).Address);
    }

    [Theory]
    [InlineData(@"CATEGORIES:Work\, urgent,Home", "Home", TextMatchType.Equals, true)]
    [InlineData(@"CATEGORIES:Work\, urgent,Home", "Work, urgent", TextMatchType.Equals, true)]
    [InlineData(@"CATEGORIES:Work\, urgent,Home", "urgent", TextMatchType.Equals, false)]
    [InlineData(@"CATEGORIES:Work\, urgent,Home", "Work, urgent,Home", TextMatchType.Equals, true)]
    [InlineData(@"NOTE:a\; b\nc", "a; b\nc", TextMatchType.Equals, true)]
    [InlineData("NICKNAME:Bob,Rob", "rob", TextMatchType.StartsWith, true)]
    [InlineData("X-OWNER:MAILTO:eva%2Bx@e.test", "mailto:eva+x@e.test", TextMatchType.Equals, true)]
    [InlineData("X-OWNER:mailto:eva%2Bx@e.test", "eva%2Bx", TextMatchType.Contains, true)]
    public void A_text_match_sees_the_text_and_not_its_escapes(string line, string text, TextMatchType type, bool matches)
    {
        var read = Encoding.UTF8.GetBytes($"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:1\r\nFN:x\r\n{line}\r\nEND:VCARD\r\n");
        Assert.True(ContactCard.TryParse(read, ContactLimits.Default, out var card, out _));
        foreach (var negate in new[] { false, true })
        {
            var filter = new ContactPropertyFilter { Name = line[..line.IndexOf(':', StringComparison.Ordinal)], TextMatches = [new TextMatch(text, TextCollation.UnicodeCasemap, type, negate)] };
            Assert.Equal(matches != negate, filter.Matches(card));
        }
    }

    [Theory]
    [InlineData("ACCEPTED", false)]
    [InlineData("DECLINED", true)]
    public void A_negated_match_of_a_parameter_holds_for_none_of_its_values(string text, bool matches)
    {
        Assert.True(ContentComponentParser.TryRead(Encoding.UTF8.GetBytes("BEGIN:VEVENT\r\nATTENDEE;X-P=ACCEPTED,TENTATIVE:mailto:a@b.test\r\nEND:VEVENT\r\n"), new ContentLineLimits(), out var roots, out _));
        var filter = new ParameterFilter { Name = "X-P", TextMatch = new TextMatch(text, TextCollation.AsciiCasemap, TextMatchType.Contains, Negate: true) };
        Assert.Equal(matches, filter.Matches(roots[0].Lines[0]));
    }

    private static string Part(string uid, string more) => $"BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20260101T000000Z\nDTSTART:20260601T100000Z\n{more}\nEND:VEVENT\n";
}
