using System.Text;
using System.Xml.Linq;
using MailServer.Domain;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Protocol.Tests.Dav;

public sealed class DavXmlTests
{
    [Theory]
    [InlineData("<a")]
    [InlineData("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>")]
    [InlineData("<a>&e;</a>")]
    [InlineData("<a><b></a>")]
    [InlineData("<a/><b/>")]
    [InlineData("<x:a/>")]
    public void Unsafe_or_malformed_XML_is_refused(string text) => Assert.Equal(400, Assert.Throws<DavException>(() => Read(text)).Status);

    [Fact]
    public void Nesting_is_limited()
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat("<a>", depth)) + string.Concat(Enumerable.Repeat("</a>", depth));
        Read(Nested(Limits.Default.DavXmlDepth));
        Assert.Throws<DavException>(() => Read(Nested(Limits.Default.DavXmlDepth + 1)));
    }

    [Fact]
    public void A_property_keeps_its_namespaces_and_its_language()
    {
        var root = Read("<D:propertyupdate xmlns:D='DAV:' xmlns:z='urn:z'><D:set><D:prop xml:lang='de'><z:p a='1'>x &amp; <z:q/></z:p></D:prop></D:set><D:remove><D:prop><z:gone/></D:prop></D:remove></D:propertyupdate>");
        var updates = PropertyUpdate.Parse(root);
        Assert.Equal(["{urn:z}p", "{urn:z}gone"], updates.Select(update => update.Name.ToString()));
        Assert.Null(updates[1].Value);
        var kept = XElement.Parse(PropertyUpdate.ToStored(updates[0].Value!, Limits.Default));
        Assert.Equal("x & ", kept.Value);
        Assert.Equal("de", kept.Attribute(XNamespace.Xml + "lang")?.Value);
    }

    [Fact]
    public void Written_text_round_trips()
    {
        const string text = "a & b <c> \"d\"\r\nü\t€ 🙂";
        using var output = new DavXmlWriter();
        output.Raw("<a>"u8).Text(text).Text(Encoding.UTF8.GetBytes(text)).Raw("</a>"u8);
        Assert.Equal(text + text, Read(Encoding.UTF8.GetString(output.Written.Span)).Value);
    }

    [Fact]
    public void Any_written_text_is_well_formed_XML()
    {
        var all = Enumerable.Range(0, 0x10000).Select(c => (char)c).ToArray();
        var octets = Encoding.UTF8.GetBytes(new string([.. all.Where(c => !char.IsSurrogate(c))]));
        using var output = new DavXmlWriter();
        output.Raw("<a>"u8).Text(new string(all)).Text(octets).Text([0xEF]).Text([0xEF, 0xBF]).Text("ﾊ\uFEFF"u8).Raw("</a>"u8);
        Assert.EndsWith("ﾊ\uFEFF", Read(Encoding.UTF8.GetString(output.Written.Span)).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void An_extended_MKCOL_names_the_kind_of_collection()
    {
        var made = MkColRequest.Parse(
            Read("<mkcol xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><set><prop><resourcetype><collection/><C:calendar/></resourcetype>"
                + "<C:supported-calendar-component-set><C:comp name='VTODO'/></C:supported-calendar-component-set><displayname>Do</displayname></prop></set></mkcol>"),
            CollectionKind.Folder,
            Limits.Default);
        Assert.Equal((CollectionKind.Calendar, CalendarComponents.Todo), (made.Kind, made.Components));
        Assert.Equal(["{DAV:}displayname"], made.Properties.Keys);
    }

    private static XElement Read(string text) => DavXmlReader.Read(Encoding.UTF8.GetBytes(text), Limits.Default);
}
