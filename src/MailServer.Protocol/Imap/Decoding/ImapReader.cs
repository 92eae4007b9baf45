using System.Buffers;
using System.Text;
using System.Text.Unicode;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Protocol.Imap.Decoding;

/// <summary>
/// Parses the elements of one complete command including its literals. The methods are named after the ABNF of RFC 3501 §9. A method returns false
/// when the input does not match; the command is then malformed, so the position does not matter.
/// </summary>
internal ref struct ImapReader(ReadOnlySpan<byte> command, int maxNesting, bool utf8Names = false)
{
    // RFC 3501 §9: atom-specials are ( ) { SP CTL % * " \ ]
    private static readonly SearchValues<byte> AtomChars = SearchValues.Create(Printable("(){ %*\"\\]"));
    private static readonly SearchValues<byte> AStringChars = SearchValues.Create(Printable("(){ %*\"\\"));
    private static readonly SearchValues<byte> ListChars = SearchValues.Create(Printable("(){ \"\\"));
    private static readonly SearchValues<byte> TagChars = SearchValues.Create(Printable("(){ %*\"\\+"));

    private readonly int _maxNesting = maxNesting;
    private readonly bool _utf8Names = utf8Names;
    private ReadOnlySpan<byte> _rest = command;
    private int _nesting;

    /// <summary>Whether the whole command has been read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>The unread rest, for lookahead.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public bool TryRead(byte octet)
    {
        if (_rest.IsEmpty || _rest[0] != octet) return false;
        _rest = _rest[1..];
        return true;
    }

    public bool ReadSpace() => TryRead((byte)' ');

    /// <summary>Reads a keyword of the grammar, case-insensitively, if it comes next.</summary>
    public bool TryReadWord(ReadOnlySpan<byte> word)
    {
        if (_rest.Length < word.Length || !Ascii.EqualsIgnoreCase(_rest[..word.Length], word)) return false;
        _rest = _rest[word.Length..];
        return true;
    }

    /// <summary>An opening parenthesis; counts against the nesting limit.</summary>
    public bool Open() => TryRead((byte)'(') && ++_nesting <= _maxNesting;

    public bool Close()
    {
        if (!TryRead((byte)')')) return false;
        _nesting--;
        return true;
    }

    /// <summary>Counts a nesting level without parentheses, such as the NOT of SEARCH.</summary>
    public bool Enter() => ++_nesting <= _maxNesting;

    public void Leave() => _nesting--;

    /// <summary>Skips the rest, when the command is refused because of what was read so far.</summary>
    public void SkipAll() => _rest = default;

    public bool ReadTag(out ReadOnlySpan<byte> tag) => ReadRun(TagChars, out tag);

    public bool ReadAtom(out ReadOnlySpan<byte> atom) => ReadRun(AtomChars, out atom);

    public bool ReadAString(out ReadOnlySpan<byte> value) => ReadRun(AStringChars, out value) || ReadString(out value);

    /// <summary>list-mailbox: an astring that may contain unquoted wildcards.</summary>
    public bool ReadListMailbox(out ReadOnlySpan<byte> pattern) => ReadRun(ListChars, out pattern) || ReadString(out pattern);

    /// <summary>A quoted string or literal. Octets above 127 are accepted; the command interprets them.</summary>
    public bool ReadString(out ReadOnlySpan<byte> value)
    {
        value = default;
        if (_rest.IsEmpty) return false;
        return _rest[0] switch
        {
            (byte)'"' => ReadQuoted(out value),
            (byte)'{' => ReadLiteral(out value),
            _ => false,
        };
    }

    /// <summary>literal8 (RFC 3516 §7), which may contain NUL.</summary>
    public bool ReadLiteral8(out ReadOnlySpan<byte> value)
    {
        value = default;
        return TryRead((byte)'~') && ReadLiteralOctets(out value);
    }

    /// <summary>NIL or a string.</summary>
    public bool ReadNString(out ReadOnlySpan<byte> value)
    {
        value = default;
        return ReadString(out value) || TryReadWord("NIL"u8);
    }

    public bool ReadNumber(out uint number)
    {
        number = 0;
        if (!ReadDigits(out var value) || value > uint.MaxValue) return false;
        number = (uint)value;
        return true;
    }

    /// <summary>nz-number.</summary>
    public bool ReadNonZero(out uint number) => ReadNumber(out number) && number != 0;

    /// <summary>A number of at most 18 digits: the size of a literal or message.</summary>
    public bool ReadDigits(out long value)
    {
        value = 0;
        var count = _rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (count < 0) count = _rest.Length;
        if (count is 0 or > 18) return false;
        foreach (var digit in _rest[..count]) value = (value * 10) + (digit - '0');
        _rest = _rest[count..];
        return true;
    }

    /// <summary>A size with any number of digits. Values that do not fit become <see cref="long.MaxValue"/> and are refused as too large.</summary>
    public bool ReadSize(out long size)
    {
        if (ReadDigits(out size)) return true;
        var count = _rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (count <= 0) return false;
        size = long.MaxValue;
        _rest = _rest[count..];
        return true;
    }

    /// <summary>mod-sequence-valzer (RFC 7162 §7). A value that does not fit becomes <see cref="long.MaxValue"/>: no change is newer.</summary>
    public bool ReadModSeq(out ModSeq modSeq)
    {
        var isRead = ReadSize(out var value);
        modSeq = new ModSeq(value);
        return isRead;
    }

    /// <summary>sequence-set: <c>1,3:5,*</c> or <c>$</c>.</summary>
    public bool ReadSequenceSet(out SequenceSet set)
    {
        set = SequenceSet.Saved;
        if (TryRead((byte)'$')) return true;
        set = SequenceSet.Empty;
        var ranges = new List<(uint First, uint Last)>();
        do
        {
            if (!ReadSequenceNumber(out var first)) return false;
            var last = first;
            if (TryRead((byte)':') && !ReadSequenceNumber(out last)) return false;
            ranges.Add((first, last));
        }
        while (TryRead((byte)','));
        set = new SequenceSet([.. ranges]);
        return true;
    }

    /// <summary>mailbox: a name in modified UTF-7 (RFC 3501 §5.1.3) or UTF-8. Null when it is not a valid folder name.</summary>
    public bool ReadMailbox(out FolderName? name) => ReadMailbox(out name, out _);

    /// <param name="name">The folder; null when the name is not valid.</param>
    /// <param name="supplied">The name in Unicode as the client wrote it.</param>
    public bool ReadMailbox(out FolderName? name, out string supplied)
    {
        (name, supplied) = (null, "");
        if (!ReadAString(out var wire)) return false;
        if (FolderNameText.TryDecode(wire, _utf8Names, out supplied) && FolderName.TryParse(supplied, out var parsed)) name = parsed;
        return true;
    }

    private bool ReadSequenceNumber(out uint number)
    {
        number = SequenceSet.Star;
        return TryRead((byte)'*') || ReadNonZero(out number);
    }

    private bool ReadRun(SearchValues<byte> of, out ReadOnlySpan<byte> run)
    {
        var count = _rest.IndexOfAnyExcept(of);
        if (count < 0) count = _rest.Length;
        run = _rest[..count];
        _rest = _rest[count..];
        return count > 0;
    }

    private bool ReadQuoted(out ReadOnlySpan<byte> value)
    {
        value = default;
        var escaped = false;
        for (var at = 1; at < _rest.Length; at++)
        {
            switch (_rest[at])
            {
                case (byte)'"':
                    value = escaped ? Unescape(_rest[1..at]) : _rest[1..at];
                    _rest = _rest[(at + 1)..];
                    // RFC 6855 §3
                    return Utf8.IsValid(value);
                case (byte)'\\' when at + 1 < _rest.Length && _rest[at + 1] is (byte)'"' or (byte)'\\':
                    escaped = true;
                    at++;
                    break;
                case (byte)'\\' or (byte)'\r' or (byte)'\n' or 0:
                    return false;
            }
        }

        return false;
    }

    private static byte[] Unescape(ReadOnlySpan<byte> quoted)
    {
        var plain = new List<byte>(quoted.Length);
        for (var at = 0; at < quoted.Length; at++)
        {
            if (quoted[at] == '\\') at++;
            plain.Add(quoted[at]);
        }

        return [.. plain];
    }

    private bool ReadLiteral(out ReadOnlySpan<byte> value) => ReadLiteralOctets(out value) && !value.Contains((byte)0);

    // The framer has already measured the literal, so its octets are present.
    private bool ReadLiteralOctets(out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryRead((byte)'{') || !ReadDigits(out var size)) return false;
        TryRead((byte)'+');
        if (!TryRead((byte)'}')) return false;
        TryRead((byte)'\r');
        if (!TryRead((byte)'\n') || size > _rest.Length) return false;
        value = _rest[..(int)size];
        _rest = _rest[(int)size..];
        return true;
    }

    private static byte[] Printable(string except)
    {
        var octets = new List<byte>();
        for (var octet = 0x21; octet < 0x7f; octet++)
            if (!except.Contains((char)octet, StringComparison.Ordinal)) octets.Add((byte)octet);
        return [.. octets];
    }
}
