using System.Xml.Linq;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>Writes the content element of a report (calendar-data, address-data); false if the resource has no content.</summary>
public delegate bool ContentPropertyWriter(DavResource resource, DavXmlWriter output);

/// <summary>The properties that a client requests (RFC 4918 §14.20). It is prepared once and used for every resource of a response.</summary>
public sealed class PropertySelection
{
    private readonly List<SelectedProperty> _slots = [];
    private readonly List<SelectedProperty> _missing = [];
    private readonly bool _namesOnly;
    private readonly bool _everything;

    private PropertySelection(bool everything, bool namesOnly)
    {
        _everything = everything;
        _namesOnly = namesOnly;
    }

    /// <summary>True if properties set by clients are needed.</summary>
    public bool IncludesDeadProperties => _everything || _slots.Exists(slot => slot.Content is null && slot.TakesDead);

    /// <summary>Omit missing properties from the response (Prefer: return=minimal, RFC 8144 §2.1).</summary>
    public bool Minimal { get; init; }

    public static PropertySelection PropName() => new(everything: true, namesOnly: true);

    public static PropertySelection AllProp(IEnumerable<XName> include)
    {
        var selection = new PropertySelection(everything: true, namesOnly: false);
        foreach (var property in LiveProperties.All.Where(property => property.InAllProp)) selection.Add(property.Name, null);
        foreach (var name in include.Where(name => !selection.Includes(name))) selection.Add(name, null);
        return selection;
    }

    /// <param name="names">The requested properties.</param>
    /// <param name="minimal">See <see cref="Minimal"/>.</param>
    /// <param name="contentName">The content element of the report; null if the request is not such a report.</param>
    /// <param name="content">Writes the content element.</param>
    public static PropertySelection Of(IEnumerable<XName> names, bool minimal, XName? contentName = null, ContentPropertyWriter? content = null)
    {
        var selection = new PropertySelection(everything: false, namesOnly: false) { Minimal = minimal };
        foreach (var name in names) selection.Add(name, name == contentName ? content : null);
        return selection;
    }

    public bool Includes(XName name) => _slots.Exists(slot => slot.Name == name);

    /// <summary>Writes one response element (RFC 4918 §14.24).</summary>
    public void WriteResponse(DavResource resource, DavXmlWriter output)
    {
        output.Raw("<D:response>"u8).Href(resource.Href);
        if (_namesOnly) WriteNames(resource, output);
        else WriteValues(resource, output);
        output.Raw("</D:response>\n"u8);
    }

    /// <summary>Writes the propstat elements of a resource inside a response element.</summary>
    public void WritePropertyStatus(DavResource resource, DavXmlWriter output)
    {
        if (_slots.Count > 0) WriteValues(resource, output);
    }

    private void Add(XName name, ContentPropertyWriter? content) => _slots.Add(new SelectedProperty(name, LiveProperties.Find(name), content));

    private void WriteValues(DavResource resource, DavXmlWriter output)
    {
        _missing.Clear();
        var start = output.Length;
        output.Raw("<D:propstat><D:prop>"u8);
        var found = 0;
        foreach (var slot in _slots)
        {
            if (slot.TryWrite(resource, output)) found++;
            else if (!_everything) _missing.Add(slot);
        }

        if (_everything) WriteOtherDead(resource, output);
        if (found == 0 && _missing.Count > 0 && !Minimal) output.Truncate(start);
        else output.Raw("</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"u8);
        if (_missing.Count == 0 || Minimal) return;
        output.Raw("<D:propstat><D:prop>"u8);
        foreach (var slot in _missing) output.Raw(slot.Tag.Empty.Span);
        output.Raw("</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"u8);
    }

    private void WriteOtherDead(DavResource resource, DavXmlWriter output)
    {
        foreach (var (name, value) in resource.DeadProperties ?? new Dictionary<string, string>())
            if (!Includes(XName.Get(name))) output.Raw(value);
    }

    private static void WriteNames(DavResource resource, DavXmlWriter output)
    {
        output.Raw("<D:propstat><D:prop>"u8);
        var live = LiveProperties.All.Where(property => property.Applies(resource)).Select(property => property.Name);
        var dead = (resource.DeadProperties?.Keys ?? []).Select(XName.Get);
        foreach (var name in live.Union(dead)) output.Empty(name);
        output.Raw("</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"u8);
    }

    private sealed record SelectedProperty(XName Name, LiveProperty? Live, ContentPropertyWriter? Content)
    {
        private readonly string _key = Name.ToString();

        public bool TakesDead => Live is null or { IsSettable: true };

        public XmlTag Tag { get; } = XmlTag.Of(Name);

        public bool TryWrite(DavResource resource, DavXmlWriter output)
        {
            if (Content is not null) return Content(resource, output);
            if (TakesDead && resource.DeadProperties is { } dead && dead.TryGetValue(_key, out var value))
            {
                output.Raw(value);
                return true;
            }

            if (Live is null || !Live.Applies(resource)) return false;
            var start = output.Length;
            output.Raw(Tag.Open.Span);
            var inside = output.Length;
            Live.Write(resource, output);
            if (output.Length == inside)
            {
                output.Truncate(start);
                output.Raw(Tag.Empty.Span);
            }
            else
            {
                output.Raw(Tag.Close.Span);
            }

            return true;
        }
    }
}
