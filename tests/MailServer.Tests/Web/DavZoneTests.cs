using System.Xml.Linq;

namespace MailServer.Tests.Web;

/// <summary>The time zone of a calendar in its two forms, calendar-timezone and calendar-timezone-id (RFC 7809 §3.1.5): whichever a client changes, the other follows.</summary>
public sealed class DavZoneTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Caldav = "urn:ietf:params:xml:ns:caldav";

    /// <summary>What clients set or remove, one after another, and the name and the definition that the calendar then has.</summary>
    [Theory]
    [InlineData("id:Europe/London", "Europe/London", "Europe/London")]
    [InlineData("zone:America/New_York", "America/New_York", "America/New_York")]
    [InlineData("zone:Nowhere/Else", "", "Nowhere/Else")]
    [InlineData("id:Europe/London zone:Asia/Tokyo", "Asia/Tokyo", "Asia/Tokyo")]
    [InlineData("zone:Asia/Tokyo id:Europe/London", "Europe/London", "Europe/London")]
    [InlineData("id:Europe/London zone:Nowhere/Else", "", "Nowhere/Else")]
    [InlineData("id:Europe/London id:", "", "")]
    [InlineData("id:Europe/London zone:", "", "")]
    [InlineData("zone:Asia/Tokyo id:", "", "")]
    public async Task Both_forms_agree(string changes, string name, string definition)
    {
        using var http = new DavSession(node, TestNode.Ann);
        var url = $"{http.Home}{Guid.NewGuid():N}/";
        var made = false;
        foreach (var change in changes.Split(' '))
        {
            var (form, zone) = (change[..change.IndexOf(':', StringComparison.Ordinal)], change[(change.IndexOf(':', StringComparison.Ordinal) + 1)..]);
            var property = form == "id" ? $"<C:calendar-timezone-id>{zone}</C:calendar-timezone-id>" : $"<C:calendar-timezone>{(zone.Length > 0 ? Definition(zone) : "")}</C:calendar-timezone>";
            if (!made) await http.ExpectAsync(201, "MKCALENDAR", url, $"<C:mkcalendar {DavSession.Names}><D:set><D:prop>{property}</D:prop></D:set></C:mkcalendar>");
            else await http.ExpectAsync(207, "PROPPATCH", url, $"<D:propertyupdate {DavSession.Names}><D:{Verb(zone)}><D:prop>{property}</D:prop></D:{Verb(zone)}></D:propertyupdate>");
            made = true;
        }

        var found = XElement.Parse(await http.ExpectAsync(207, "PROPFIND", url, $"<D:propfind {DavSession.Names}><D:prop><C:calendar-timezone/><C:calendar-timezone-id/></D:prop></D:propfind>", ("Depth", "0")));
        Assert.Equal(name, found.Descendants(XName.Get("calendar-timezone-id", Caldav)).Single().Value);
        var text = found.Descendants(XName.Get("calendar-timezone", Caldav)).Single().Value.ReplaceLineEndings("\r\n");
        Assert.Equal(definition.Length > 0, text.Contains("BEGIN:VTIMEZONE\r\n", StringComparison.Ordinal));
        Assert.Equal(definition.Length > 0, text.Contains($"TZID:{definition}\r\n", StringComparison.Ordinal) && definition.Length > 0);
        // What the server wrote is a definition that it takes.
        if (definition.Length > 0) Assert.Contains(" 200 ", await http.ExpectAsync(207, "PROPPATCH", url, $"<D:propertyupdate {DavSession.Names}><D:set><D:prop><C:calendar-timezone>{text}</C:calendar-timezone></D:prop></D:set></D:propertyupdate>"), StringComparison.Ordinal);
    }

    private static string Verb(string zone) => zone.Length > 0 ? "set" : "remove";

    private static string Definition(string zone) =>
        $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTIMEZONE\r\nTZID:{zone}\r\nBEGIN:STANDARD\r\nDTSTART:19701101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n";
}
