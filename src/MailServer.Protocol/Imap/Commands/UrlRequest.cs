using System.Text;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>What URLFETCH returns of a URL (RFC 5524 §3).</summary>
internal enum UrlItem
{
    /// <summary>The structure of the part.</summary>
    BodyPartStructure,

    /// <summary>The octets without the transfer encoding.</summary>
    Binary,

    /// <summary>The octets.</summary>
    Body,
}

/// <summary>A URL of URLFETCH, and what is wanted of it; nothing in particular for the octets alone (RFC 4467).</summary>
internal sealed record UrlRequest(string Url, IReadOnlyList<UrlItem> Items)
{
    /// <summary>url-fetch-arg: a URL, or a list of a URL and items, each at most once and not both kinds of octets.</summary>
    public static UrlRequest? Read(ref ImapReader reader)
    {
        var isList = reader.TryRead((byte)'(');
        if (!reader.ReadAString(out var url)) return null;
        var items = new List<UrlItem>();
        while (isList && !reader.TryRead((byte)')'))
        {
            if (!reader.ReadSpace() || !reader.ReadAtom(out var name) || ItemOf(name) is not { } item || items.Contains(item)) return null;
            items.Add(item);
        }

        return items.Contains(UrlItem.Binary) && items.Contains(UrlItem.Body) ? null : new UrlRequest(Encoding.UTF8.GetString(url), items);
    }

    private static UrlItem? ItemOf(ReadOnlySpan<byte> name)
    {
        if (Ascii.EqualsIgnoreCase(name, "BODYPARTSTRUCTURE"u8)) return UrlItem.BodyPartStructure;
        if (Ascii.EqualsIgnoreCase(name, "BINARY"u8)) return UrlItem.Binary;
        return Ascii.EqualsIgnoreCase(name, "BODY"u8) ? UrlItem.Body : null;
    }
}
