using System.Buffers;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Urls;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>
/// The messages of APPEND or REPLACE. Their octets are streamed to the driver and never buffered here; each message waits in the spool until all have arrived. If one is refused, the driver discards all.
/// </summary>
/// <param name="reader">The reader of the command, which has read the first line.</param>
/// <param name="firstLine">What the first line contains.</param>
/// <param name="most">Maximum number of messages.</param>
internal sealed class MessageUpload(AppendReader reader, IReadOnlyList<AppendItem> firstLine, int most)
{
    private readonly List<NewMessage> _messages = [];
    private AppendItem.Begin? _message;
    private ImapError? _refusal;
    private string? _detail;
    private bool _literalRead;
    private bool _hasBegun;
    private bool _hasNul;
    private long _size;
    private long _total;
    private int _parts;

    /// <summary>The messages, durable in the spool.</summary>
    public IReadOnlyList<NewMessage> Messages => _messages;

    /// <summary>Receives all messages, unless one is refused (<see cref="IsRefused"/>).</summary>
    public IEnumerable<ImapEffect> Receive(ImapSession session, string tag)
    {
        using var urls = new UrlSource();
        for (var items = firstLine; ;)
        {
            foreach (var item in items)
            {
                if (_refusal is null)
                    foreach (var effect in Take(session, item, urls)) yield return effect;
            }

            var literal = items is [.., var last] ? last.Literal : null;
            if (_literalRead)
            {
                byte[] rest;
                while (!session.TryTakeLine(out rest)) yield return ImapSession.NeedInput;
                _literalRead = false;
                literal = CommandFramer.TryReadLiteral(rest, out var next) ? next : null;
                CheckOctets(items);
                if (_refusal is null && ReadLine(rest) is { } line)
                {
                    items = line;
                    continue;
                }

                _refusal ??= ImapError.Syntax;
            }

            if (_refusal is not { } refusal) yield break;
            IsRefused = true;
            session.MessageOctets = null;
            if (_hasBegun) yield return new ImapEffect.DiscardMessage();
            session.RefuseWithLiteral(tag, refusal, literal, _detail);
            yield break;
        }
    }

    /// <summary>A message was refused, and the client was told.</summary>
    public bool IsRefused { get; private set; }

    private IReadOnlyList<AppendItem>? ReadLine(byte[] line)
    {
        var rest = new ImapReader(line, 0);
        return reader.ReadLine(ref rest);
    }

    private IEnumerable<ImapEffect> Take(ImapSession session, AppendItem item, UrlSource urls) => item switch
    {
        AppendItem.Begin begin => Begin(session, begin),
        AppendItem.Octets octets => TakeOctets(session, octets),
        AppendItem.Url url => TakeUrl(session, url.Text, urls),
        AppendItem.UrlLiteral url => TakeUrlLiteral(session, url.Header, urls),
        _ => End(session),
    };

    private IEnumerable<ImapEffect> Begin(ImapSession session, AppendItem.Begin begin)
    {
        (_message, _size, _parts) = (begin, 0, 0);
        if (begin.IsCatenated && session.IsDisabled(Capabilities.Catenate)) _refusal = ImapError.Syntax;
        // RFC 8508 §4.7: REPLACE takes one message.
        else if (_messages.Count == most) _refusal = most == 1 ? ImapError.Syntax : ImapError.TooManyMessages;
        return [];
    }

    private IEnumerable<ImapEffect> TakeOctets(ImapSession session, AppendItem.Octets octets)
    {
        var header = octets.Header;
        if (header.Size == 0 && !_message!.IsCatenated) _refusal = ImapError.EmptyMessage;
        if (!HasRoom(session, header.Size)) yield break;
        foreach (var effect in BeginMessage(header.Size)) yield return effect;
        if (header.IsSynchronizing) session.Output.Write("+ Ready for the message\r\n"u8);
        for (var left = header.Size; left > 0;)
        {
            left -= CopyOctets(session, left);
            if (left > 0) yield return ImapSession.NeedInput;
        }

        if (session.Observer.IsWatched) session.Observer.LineReceived(RedactedText.Placeholder("message", header.Size));
        (_size, _literalRead) = (_size + header.Size, true);
    }

    // Messages with NUL octets could not be fetched by clients without BINARY (RFC 3516 §4.4).
    private void CheckOctets(IReadOnlyList<AppendItem> items)
    {
        if (_hasNul && _refusal is null) _refusal = items is [.., AppendItem.Octets { IsBinary: true }] ? ImapError.UnknownEncoding : ImapError.NulInLiteral;
    }

    private IEnumerable<ImapEffect> TakeUrlLiteral(ImapSession session, LiteralHeader header, UrlSource urls)
    {
        if (header.Size > ImapUrl.MaxLength)
        {
            _refusal = ImapError.LiteralTooBig;
            yield break;
        }

        if (header.IsSynchronizing) session.Output.Write("+ Ready for the URL\r\n"u8);
        var octets = new List<byte>((int)header.Size);
        while (octets.Count < header.Size)
        {
            octets.AddRange(session.Take(header.Size - octets.Count).ToArray());
            if (octets.Count < header.Size) yield return ImapSession.NeedInput;
        }

        _literalRead = true;
        foreach (var effect in TakeUrl(session, Encoding.UTF8.GetString([.. octets]), urls)) yield return effect;
    }

    private IEnumerable<ImapEffect> TakeUrl(ImapSession session, string text, UrlSource urls)
    {
        if (ImapUrl.Parse(text) is not { } url || !session.IsOwn(url))
        {
            RefuseUrl(text);
            yield break;
        }

        foreach (var effect in urls.Open(session, url)) yield return effect;
        if (urls.IsUnavailable) _refusal = ImapError.Unavailable;
        else if (urls.Found is null) RefuseUrl(text);
        // Checked before anything is copied, so that the parts of a message that is too large cost nothing.
        if (_refusal is not null || !HasRoom(session, urls.Length)) yield break;
        foreach (var effect in BeginMessage(urls.Length)) yield return effect;
        _size += urls.Length;
        foreach (var effect in urls.Copy(session.MessageOctets!)) yield return effect;
        if (urls.Found is null) _refusal = ImapError.Unavailable;
    }

    private void RefuseUrl(string url) => (_refusal, _detail) = (ImapError.BadUrl, PercentText.ForResponseCode(url));

    private IEnumerable<ImapEffect> End(ImapSession session)
    {
        if (_size == 0)
        {
            _refusal = ImapError.EmptyMessage;
            yield break;
        }

        session.MessageOctets = null;
        yield return new ImapEffect.CommitMessage();
        if (session.Message is not { } message)
        {
            _refusal = ImapError.Unavailable;
            yield break;
        }

        _messages.Add(new NewMessage(_message!.Flags, _message.InternalDate, message));
        _total += _size;
    }

    private bool HasRoom(ImapSession session, long size)
    {
        var limits = session.Limits;
        var room = Math.Min(limits.MaxMessageSize, (2 * limits.MaxMessageSize) - _total) - _size;
        if (_refusal is null && size > room) _refusal = ImapError.MessageTooBig;
        if (_refusal is null && ++_parts > limits.ImapCatenateParts) _refusal = ImapError.TooManyParts;
        return _refusal is null;
    }

    // A message begins with its first octets: until then there is nothing to discard.
    private IEnumerable<ImapEffect> BeginMessage(long size)
    {
        _hasBegun = true;
        if (_parts > 1) yield break;
        yield return new ImapEffect.BeginMessage(size);
    }

    private long CopyOctets(ImapSession session, long left)
    {
        var octets = session.Take(left);
        var writer = session.MessageOctets ?? throw new InvalidOperationException("no message was begun");
        foreach (var segment in octets)
        {
            _hasNul |= segment.Span.Contains((byte)0);
            writer.Write(segment.Span);
        }

        return octets.Length;
    }
}
