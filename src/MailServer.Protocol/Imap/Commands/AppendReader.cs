using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>
/// Reads the messages of APPEND and REPLACE line by line, since each literal ends a line: <c>append-message</c> of RFC 4466 §6, one or several (RFC 3502), each a literal, a literal8 (RFC 3516),
/// text with headers in UTF-8 (RFC 6855) or a list of parts (RFC 4469).
/// </summary>
internal sealed class AppendReader
{
    private List<AppendItem> _items = [];
    private bool _inMessage;
    private bool _inParts;
    private bool _inUtf8;

    /// <summary>Reads up to the end of the line, and to its literal if it has one; null if the line is malformed.</summary>
    public IReadOnlyList<AppendItem>? ReadLine(ref ImapReader reader)
    {
        _items = [];
        return Continue(ref reader) && reader.AtEnd ? _items : null;
    }

    private bool EndsWithLiteral => _items is [.., { Literal: not null }];

    private bool Continue(ref ImapReader reader)
    {
        if (_inUtf8 && !reader.TryRead((byte)')')) return false;
        _inUtf8 = false;
        if (_inParts && !ReadFurtherParts(ref reader)) return false;
        if (_inMessage && !_inParts && !EndsWithLiteral) EndMessage();
        while (!EndsWithLiteral && !reader.AtEnd)
            if (!reader.ReadSpace() || !ReadMessage(ref reader)) return false;
        return true;
    }

    private void EndMessage()
    {
        if (_items is not [.., AppendItem.End]) _items.Add(new AppendItem.End());
        _inMessage = false;
    }

    private bool ReadMessage(ref ImapReader reader)
    {
        var flags = MessageFlags.None;
        DateTimeOffset? date = null;
        if (reader.Rest is [(byte)'(', ..] && !(ImapFlags.ReadFlagList(ref reader, out flags) && reader.ReadSpace())) return false;
        if (reader.Rest is [(byte)'"', ..])
        {
            if (!ImapDates.ReadDateTime(ref reader, out var time) || !reader.ReadSpace()) return false;
            date = time;
        }

        _inMessage = true;
        _inParts = reader.TryReadWord("CATENATE ("u8);
        _items.Add(new AppendItem.Begin(flags, date, _inParts));
        return _inParts ? ReadParts(ref reader) : ReadOctets(ref reader, reader.TryReadWord("UTF8 ("u8));
    }

    private bool ReadFurtherParts(ref ImapReader reader)
    {
        if (!reader.TryRead((byte)')')) return reader.ReadSpace() && ReadParts(ref reader);
        _inParts = false;
        return true;
    }

    // cat-part = "TEXT" SP literal / "URL" SP astring / utf8-literal
    private bool ReadParts(ref ImapReader reader)
    {
        do
        {
            if (reader.TryReadWord("URL "u8))
            {
                if (!ReadUrl(ref reader)) return false;
            }
            else
            {
                var isText = reader.TryReadWord("TEXT "u8);
                var isUtf8 = !isText && reader.TryReadWord("UTF8 ("u8);
                if (!(isText || isUtf8) || !ReadOctets(ref reader, isUtf8)) return false;
            }

            if (EndsWithLiteral) return true;
        }
        while (reader.ReadSpace());
        _inParts = false;
        if (!reader.TryRead((byte)')')) return false;
        EndMessage();
        return true;
    }

    private bool ReadUrl(ref ImapReader reader)
    {
        if (reader.Rest is [(byte)'{', ..])
        {
            if (!ReadHeader(ref reader, out var header)) return false;
            _items.Add(new AppendItem.UrlLiteral(header));
            return true;
        }

        if (!reader.ReadAString(out var url)) return false;
        _items.Add(new AppendItem.Url(Encoding.UTF8.GetString(url)));
        return true;
    }

    /// <param name="reader">The line.</param>
    /// <param name="isUtf8">The literal is in parentheses, and has headers in UTF-8 (RFC 6855 §4).</param>
    private bool ReadOctets(ref ImapReader reader, bool isUtf8)
    {
        _inUtf8 = isUtf8;
        var isBinary = reader.TryRead((byte)'~'); // literal8 (RFC 3516 §7)
        if ((_inUtf8 && !isBinary) || !ReadHeader(ref reader, out var header)) return false;
        _items.Add(new AppendItem.Octets(header, isBinary));
        return true;
    }

    private static bool ReadHeader(ref ImapReader reader, out LiteralHeader header)
    {
        header = default;
        if (!reader.TryRead((byte)'{') || !reader.ReadDigits(out var size)) return false;
        header = new LiteralHeader(size, !reader.TryRead((byte)'+'));
        return reader.TryRead((byte)'}');
    }
}
