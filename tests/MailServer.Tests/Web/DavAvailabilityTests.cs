namespace MailServer.Tests.Web;

/// <summary>Availability (RFC 7953) that clients store as objects of a calendar: it counts in the free-busy times of the calendar.</summary>
public sealed class DavAvailabilityTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Day = "DTSTART:20260126T000000Z\r\nDTEND:20260127T000000Z";
    private const string Work = "BEGIN:AVAILABLE\r\nUID:work\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260126T090000Z\r\nDTEND:20260126T170000Z\r\nRRULE:FREQ=DAILY\r\nEND:AVAILABLE";

    /// <summary>The objects of a calendar, and its busy times on 26 January 2026.</summary>
    [Theory]
    [InlineData("BUSY-UNAVAILABLE:20260126T000000Z/20260127T000000Z", Day)]
    [InlineData("BUSY-UNAVAILABLE:20260126T000000Z/20260126T090000Z BUSY-UNAVAILABLE:20260126T170000Z/20260127T000000Z", Day + "\r\n" + Work)]
    [InlineData("BUSY:20260126T000000Z/20260127T000000Z", Day + "\r\n" + Work, "PRIORITY:1\r\nBUSYTYPE:BUSY\r\n" + Day)]
    [InlineData("BUSY-UNAVAILABLE:20260126T000000Z/20260127T000000Z", "PRIORITY:5\r\nBUSYTYPE:BUSY-TENTATIVE\r\n" + Day, "PRIORITY:5\r\n" + Day)]
    [InlineData("BUSY:20260126T000000Z/20260127T000000Z", "PRIORITY:5\r\n" + Day, "PRIORITY:5\r\nBUSYTYPE:BUSY\r\n" + Day)]
    [InlineData("", "DTSTART:20260128T000000Z\r\nDTEND:20260129T000000Z")]
    public async Task A_stored_availability_is_busy_time(string expected, params string[] objects)
    {
        using var http = new DavSession(node, TestNode.Ann);
        var url = $"{http.Home}{Guid.NewGuid():N}/";
        await http.ExpectAsync(201, "MKCALENDAR", url, $"<C:mkcalendar {DavSession.Names}><D:set><D:prop><C:supported-calendar-component-set><C:comp name='VEVENT'/><C:comp name='VAVAILABILITY'/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>");
        foreach (var (i, text) in objects.Index())
            await http.ExpectAsync(201, "PUT", $"{url}{i}.ics", $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VAVAILABILITY\r\nUID:{url}{i}\r\nDTSTAMP:20260101T000000Z\r\n{text}\r\nEND:VAVAILABILITY\r\nEND:VCALENDAR\r\n");
        var found = await http.ExpectAsync(200, "REPORT", url, $"<C:free-busy-query {DavSession.Names}><C:time-range start='20260126T000000Z' end='20260127T000000Z'/></C:free-busy-query>");
        Assert.Equal(expected, string.Join(' ', found.Split("\r\n").Where(static line => line.StartsWith("FREEBUSY", StringComparison.Ordinal)).Select(static line => line.Replace("FREEBUSY;FBTYPE=", "", StringComparison.Ordinal))));
    }
}
