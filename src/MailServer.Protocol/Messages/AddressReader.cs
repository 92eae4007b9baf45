using System.Buffers;

namespace MailServer.Protocol.Messages;

/// <summary>The kind of element that <see cref="AddressReader"/> has read.</summary>
internal enum AddressElementKind
{
    Mailbox,
    GroupStart,
    GroupEnd,
}

/// <summary>Buffers reused by consecutive address readers.</summary>
internal sealed class AddressBuffers : IDisposable
{
    public WireBuilder Name { get; } = new(128);

    public WireBuilder Route { get; } = new(16);

    public WireBuilder Local { get; } = new(128);

    public WireBuilder Domain { get; } = new(128);

    public WireBuilder Comment { get; } = new(16);

    public void Clear()
    {
        Name.Clear();
        Route.Clear();
        Local.Clear();
        Domain.Clear();
        Comment.Clear();
    }

    public void Dispose()
    {
        Name.Dispose();
        Route.Dispose();
        Local.Dispose();
        Domain.Dispose();
        Comment.Dispose();
    }
}

/// <summary>
/// Reads an address list (RFC 5322 §3.4 with the obsolete forms of §4.4) element by element in one pass; accepts any input. Quoting is removed;
/// encoded-words and 8-bit octets are kept. The spans are valid until the next element.
/// </summary>
internal ref struct AddressReader(ReadOnlySpan<byte> text, AddressBuffers scratch)
{
    private static readonly SearchValues<byte> Special = SearchValues.Create(" \t\r\n\0(\"\\,;:<>@"u8);

    private ReadOnlySpan<byte> _rest = text;
    private bool _inGroup;
    private bool _quoted;

    public AddressElementKind Kind { get; private set; }

    /// <summary>The display name of a mailbox or the name of a group. An address without a display name uses its comment, the older convention.</summary>
    public readonly ReadOnlySpan<byte> Name => scratch.Name.Length > 0 ? scratch.Name.Written : scratch.Comment.Written;

    /// <summary>The source route without its colon (RFC 5322 §4.4 <c>obs-domain-list</c>).</summary>
    public readonly ReadOnlySpan<byte> Route => scratch.Route.Written;

    public readonly ReadOnlySpan<byte> Local => scratch.Local.Written;

    public readonly ReadOnlySpan<byte> Domain => scratch.Domain.Written;

    public bool MoveNext()
    {
        while (true)
        {
            scratch.Clear();
            SkipSpace();
            // A comment before an address is not its name.
            scratch.Comment.Clear();
            if (_rest.IsEmpty) return TryEndGroup();
            if (TryTake((byte)',')) continue;
            if (TryTake((byte)';') ? TryEndGroup() : TryReadElement()) return true;
        }
    }

    private bool TryEndGroup()
    {
        var ended = _inGroup;
        _inGroup = false;
        scratch.Clear();
        Kind = AddressElementKind.GroupEnd;
        return ended;
    }

    private bool TryReadElement()
    {
        Kind = AddressElementKind.Mailbox;
        _quoted = false;
        ReadWords(scratch.Local, inAngle: false);
        if (TryTake((byte)':')) return TryStartGroup();
        if (TryTake((byte)'@'))
        {
            ReadDomain();
            SkipSpace();
            if (_rest.StartsWith((byte)'<'))
            {
                scratch.Local.Add((byte)'@');
                scratch.Local.Add(scratch.Domain.Written);
            }
        }

        if (TryTake((byte)'<'))
        {
            scratch.Name.Add(scratch.Local.Written);
            ReadAngle();
        }
        else if (!_quoted)
        {
            RemoveSpaceAroundDots(scratch.Local);
        }

        SkipToEnd();
        return true;
    }

    private bool TryStartGroup()
    {
        // Groups cannot be nested: the inner group name is skipped.
        if (_inGroup) return false;
        _inGroup = true;
        Kind = AddressElementKind.GroupStart;
        scratch.Name.Add(scratch.Local.Written);
        scratch.Comment.Clear();
        return true;
    }

    // angle-addr / obs-angle-addr
    private void ReadAngle()
    {
        scratch.Local.Clear();
        scratch.Domain.Clear();
        SkipSpace();
        if (_rest.StartsWith((byte)'@')) ReadRoute();
        _quoted = false;
        ReadWords(scratch.Local, inAngle: true);
        if (!_quoted) RemoveSpaceAroundDots(scratch.Local);
        if (TryTake((byte)'@')) ReadDomain();
        TryTake((byte)'>');
    }

    private void ReadRoute()
    {
        var colon = _rest.IndexOfAny(":<>"u8);
        if (colon < 0 || _rest[colon] != ':') return;
        foreach (var octet in _rest[..colon])
        {
            if (octet > ' ') scratch.Route.Add(octet);
        }

        _rest = _rest[(colon + 1)..];
    }

    /// <summary>Reads words, joined by single spaces, up to a terminator.</summary>
    private void ReadWords(WireBuilder words, bool inAngle)
    {
        var space = false;
        while (!_rest.IsEmpty)
        {
            var octet = _rest[0];
            if (octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0 or (byte)'(')
            {
                SkipSpace();
                space = true;
                continue;
            }

            if (EndsWords(octet, inAngle)) return;
            if (space && words.Length > 0) words.Add((byte)' ');
            space = false;
            ReadWord(words);
        }
    }

    private static bool EndsWords(byte octet, bool inAngle) => inAngle
        ? octet is (byte)'@' or (byte)'>' or (byte)','
        : octet is (byte)'@' or (byte)'<' or (byte)',' or (byte)';' or (byte)':';

    private void ReadWord(WireBuilder words)
    {
        if (TryTake((byte)'"'))
        {
            _quoted = true;
            ReadQuoted(words);
            return;
        }

        var length = Math.Max(1, _rest.IndexOfAny(Special) is >= 0 and var end ? end : _rest.Length);
        // A stray ">" outside an address, or "\" before an atom, is dropped.
        if (_rest[0] is not ((byte)'>' or (byte)'\\')) words.Add(_rest[..length]);
        _rest = _rest[length..];
    }

    private void ReadQuoted(WireBuilder words)
    {
        while (!_rest.IsEmpty)
        {
            var plain = _rest.IndexOfAny("\"\\\r\n"u8) is >= 0 and var end ? end : _rest.Length;
            words.Add(_rest[..plain]);
            _rest = _rest[plain..];
            if (_rest.IsEmpty || TryTake((byte)'"')) return;
            if (_rest[0] == '\\' && _rest.Length > 1)
            {
                words.Add(_rest[1]);
                _rest = _rest[1..];
            }

            _rest = _rest[1..];
        }
    }

    // domain = dot-atom / domain-literal / obs-domain
    private void ReadDomain()
    {
        var domain = scratch.Domain;
        SkipSpace();
        while (!_rest.IsEmpty && _rest[0] is not ((byte)',' or (byte)';' or (byte)'<' or (byte)'>' or (byte)':'))
        {
            var length = _rest[0] == '[' ? LiteralLength(_rest) : _rest.IndexOfAny(Special) is >= 0 and var end ? end : _rest.Length;
            domain.Add(_rest[..Math.Max(1, length)]);
            _rest = _rest[Math.Max(1, length)..];
            var before = _rest.Length;
            SkipSpace();
            if (before != _rest.Length && !domain.Written.EndsWith((byte)'.') && !_rest.StartsWith((byte)'.')) return;
        }
    }

    // domain-literal; 0 when it is not closed
    private static int LiteralLength(ReadOnlySpan<byte> text) =>
        text.IndexOfAny("],;<"u8) is >= 0 and var end && text[end] == ']' ? end + 1 : 0;

    /// <summary>Skips white space and comments; keeps the last comment.</summary>
    private void SkipSpace()
    {
        while (!_rest.IsEmpty)
        {
            if (_rest[0] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0) _rest = _rest[1..];
            else if (_rest[0] == '(') ReadComment();
            else return;
        }
    }

    private void ReadComment()
    {
        var comment = scratch.Comment;
        comment.Clear();
        for (var depth = 0; !_rest.IsEmpty;)
        {
            var octet = _rest[0];
            if (octet == '(') depth++;
            if (octet == ')') depth--;
            var isOuter = (octet == '(' && depth == 1) || depth == 0;
            if (octet == '\\' && _rest.Length > 1)
            {
                _rest = _rest[1..];
                octet = _rest[0];
            }

            if (!isOuter) comment.Add(octet);
            _rest = _rest[1..];
            if (depth == 0) return;
        }
    }

    /// <summary>Skips any text between an address and the next separator.</summary>
    private void SkipToEnd()
    {
        while (true)
        {
            SkipSpace();
            if (_rest.IsEmpty || _rest[0] is (byte)',' or (byte)';' or (byte)'<') return;
            _rest = _rest[1..];
        }
    }

    private bool TryTake(byte octet)
    {
        if (!_rest.StartsWith(octet)) return false;
        _rest = _rest[1..];
        return true;
    }

    // obs-local-part = word *("." word): white space is allowed around the dots
    private static void RemoveSpaceAroundDots(WireBuilder local)
    {
        if (!local.Written.Contains((byte)' ') || !local.Written.Contains((byte)'.')) return;
        var text = local.ToArray();
        local.Clear();
        for (var i = 0; i < text.Length; i++)
        {
            var touchesDot = (i > 0 && text[i - 1] == '.') || (i + 1 < text.Length && text[i + 1] == '.');
            if (text[i] != ' ' || !touchesDot) local.Add(text[i]);
        }
    }
}
