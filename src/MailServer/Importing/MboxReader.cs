using System.Globalization;
using System.Text;
using MailServer.Protocol.Messages;
using MailServer.Storage.SafeFiles;

namespace MailServer.Importing;

/// <summary>A message of an mbox file, still quoted.</summary>
/// <param name="Offset">The offset of its <c>From </c> line, or of its header if it has none.</param>
/// <param name="FromLine">Its <c>From </c> line; empty if it has none.</param>
/// <param name="Content">Header and body; only the beginning if the message is too large.</param>
/// <param name="Size">The size of header and body in octets.</param>
/// <param name="HasLength">Whether its end was determined by a Content-Length field.</param>
internal sealed record MboxMessage(long Offset, ReadOnlyMemory<byte> FromLine, ReadOnlyMemory<byte> Content, long Size, bool HasLength);

/// <summary>
/// Splits an mbox file into messages. A Content-Length field (mboxcl, mboxcl2) is used if the next message or the end of the file is where it says; otherwise a
/// message ends at the next line that looks like a <c>From </c> line.
/// </summary>
internal sealed class MboxReader : IDisposable
{
    private const int MaxLine = 1024 * 1024;
    private const int Ahead = 1_000;

    // A file without a From line is a message if it has one of these fields.
    private static readonly string[] MailFields = ["From", "Received", "Return-Path", "Delivered-To", "Date", "Subject", "Message-ID", "MIME-Version", "X-Mozilla-Status", "X-GM-THRID"];

    private readonly FileStream _stream;
    private readonly StreamLineReader _lines;
    private readonly long _maxMessage;
    private readonly MemoryStream _content = new();
    private byte[] _fromLine = [];
    private long _offset;
    private long _size;
    private long _headerSize;
    private long _bodyStart;
    private long? _end;
    private bool _inMessage;
    private bool _inHeader;

    public MboxReader(string file, long maxMessage)
    {
        _maxMessage = maxMessage;
        _stream = SafeFileReader.Stream(SafeFileReader.OpenNamed(file));
        Span<byte> mark = stackalloc byte[3];
        if (_stream.ReadAtLeast(mark, mark.Length, throwOnEndOfStream: false) < mark.Length || !mark.SequenceEqual("\uFEFF"u8)) _stream.Position = 0;
        _lines = new StreamLineReader(_stream, MaxLine);
    }

    /// <summary>Why the file cannot be an mbox file, as words that follow its name; null if it can. An empty file can.</summary>
    public string? FindFault()
    {
        var start = _lines.Peek(Ahead).TrimStart("\r\n"u8);
        if (start.IsEmpty) return null;
        var end = start.IndexOfAny((byte)'\r', (byte)'\n');
        if (end >= 0 && start[end] == '\r' && end + 1 < start.Length && start[end + 1] != '\n') return "has lines that end with CR alone: convert it first, for example with 'tr \"\\r\" \"\\n\"'";
        if (MboxFromLine.IsLike(start)) return null;
        if (MboxFromLine.StartsHeader(start))
            foreach (var field in HeaderFields.Enumerate(start))
                if (IsOfMail(field.Name)) return null;
        return "is not an mbox file: it starts neither with 'From ' nor with a message header";
    }

    public IEnumerable<MboxMessage> Read(CancellationToken cancel)
    {
        var (isLineStart, isAfterEmpty) = (true, true);
        while (_lines.Read() is { } line)
        {
            cancel.ThrowIfCancellationRequested();
            var start = _lines.Position - line.Length;
            var isLine = line.Span.EndsWith("\n"u8);
            var isEmpty = isLineStart && isLine && line.Span.Trim("\r\n"u8).IsEmpty;
            if (!_inMessage && isEmpty) continue;
            if (isLineStart && MboxFromLine.IsLike(line.Span))
            {
                // Peek invalidates the line.
                var kept = line.ToArray();
                line = kept;
                if (IsSeparator(kept, start, isAfterEmpty))
                {
                    if (_inMessage) yield return Finish();
                    Begin(start, kept);
                    (isLineStart, isAfterEmpty) = (isLine, false);
                    continue;
                }
            }

            if (!_inMessage) Begin(start, []);
            Add(line.Span);
            if (_inHeader && isEmpty) EndHeader();
            (isLineStart, isAfterEmpty) = (isLine, isEmpty);
        }

        if (_inMessage) yield return Finish();
    }

    public void Dispose()
    {
        _lines.Dispose();
        _stream.Dispose();
    }

    private bool IsSeparator(ReadOnlySpan<byte> line, long start, bool isAfterEmpty)
    {
        if (!_inMessage) return true;
        return _end is { } end ? start >= end : MboxFromLine.IsSeparator(line, _lines.Peek(Ahead), isAfterEmpty);
    }

    private void Begin(long offset, byte[] fromLine)
    {
        (_inMessage, _inHeader, _offset, _fromLine, _size, _end) = (true, true, offset, fromLine, 0, null);
        _content.SetLength(0);
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        _size += line.Length;
        if (_size <= _maxMessage)
        {
            _content.Write(line);
        }
        else if (_content.Length > ImportedHeader.HeaderPrefixOctets)
        {
            _content.SetLength(ImportedHeader.HeaderPrefixOctets);
            _content.Capacity = ImportedHeader.HeaderPrefixOctets;
        }
    }

    private void EndHeader()
    {
        (_inHeader, _headerSize, _bodyStart) = (false, _size, _lines.Position);
        if (_size > _maxMessage || !HeaderFields.TryFind(_content.GetBuffer().AsSpan(0, (int)_content.Length), "Content-Length"u8, out var field)) return;
        if (long.TryParse(Encoding.ASCII.GetString(field.Value), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && length <= _stream.Length - _bodyStart && IsEnd(_bodyStart + length)) _end = _bodyStart + length;
    }

    /// <summary>Whether the file ends or the next message starts at a position, after at most one empty line.</summary>
    private bool IsEnd(long position)
    {
        Span<byte> next = stackalloc byte[9];
        next = next[..RandomAccess.Read(_stream.SafeFileHandle, next, position)];
        var rest = next.TrimStart("\r\n"u8);
        return rest.IsEmpty ? position + next.Length == _stream.Length : next.Length - rest.Length <= 4 && MboxFromLine.IsLike(rest);
    }

    private static bool IsOfMail(ReadOnlySpan<byte> field)
    {
        foreach (var name in MailFields)
            if (Ascii.EqualsIgnoreCase(field, name)) return true;
        return false;
    }

    private MboxMessage Finish()
    {
        _inMessage = false;
        var content = _content.ToArray().AsMemory();
        if (_size > _maxMessage) return new MboxMessage(_offset, _fromLine, content, _size, _end is not null);
        if (_end is { } end)
        {
            // The rest is padding of the file format.
            content = content[..(int)Math.Min(content.Length, _headerSize + end - _bodyStart)];
        }
        else if (content.Span.EndsWith("\r\n\r\n"u8)) content = content[..^2];
        else if (content.Span.EndsWith("\n\n"u8)) content = content[..^1];
        return new MboxMessage(_offset, _fromLine, content, content.Length, _end is not null);
    }
}
