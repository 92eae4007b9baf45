using System.Buffers;

namespace MailServer.Protocol.Messages;

/// <summary>
/// Reads a structured MIME value such as <c>text/plain; charset="utf-8"; format=flowed</c>: first its token, then one parameter at a time (RFC 2045
/// §5.1). Tolerates missing quotes, stray semicolons, comments and folded lines.
/// </summary>
internal ref struct ParameterReader(ReadOnlySpan<byte> text, WireBuilder value)
{
    private static readonly SearchValues<byte> EndsToken = SearchValues.Create(" \t\r\n\0(/;,="u8);

    private ReadOnlySpan<byte> _rest = text;

    /// <summary>The name of the current parameter, as written.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The current value without quotes; valid until the next parameter.</summary>
    public readonly ReadOnlySpan<byte> Value => value.Written;

    /// <summary>Reads a token up to white space, a comment or one of <c>/ ; , =</c>.</summary>
    public ReadOnlySpan<byte> ReadToken()
    {
        SkipSpace();
        var length = _rest.IndexOfAny(EndsToken) is >= 0 and var end ? end : _rest.Length;
        var token = _rest[..length];
        _rest = _rest[length..];
        SkipSpace();
        return token;
    }

    public bool TryTake(byte octet)
    {
        if (!_rest.StartsWith(octet)) return false;
        _rest = _rest[1..];
        return true;
    }

    public bool MoveNext()
    {
        while (true)
        {
            var next = _rest.IndexOf((byte)';');
            if (next < 0) return false;
            _rest = _rest[(next + 1)..];
            Name = ReadToken();
            if (Name.IsEmpty || Name.ContainsAnyExceptInRange((byte)'!', (byte)'~') || !TryTake((byte)'=')) continue;
            ReadValue();
            return true;
        }
    }

    private void ReadValue()
    {
        value.Clear();
        SkipSpace();
        if (TryTake((byte)'"'))
        {
            ReadQuoted();
            return;
        }

        // Unquoted values with spaces are common. A comment is not part of the value.
        var length = _rest.IndexOfAny(";("u8) is >= 0 and var end ? end : _rest.Length;
        foreach (var octet in _rest[..length].TrimEnd(" \t\r\n\0"u8))
        {
            if (octet is not ((byte)'\r' or (byte)'\n' or 0)) value.Add(octet);
        }

        _rest = _rest[length..];
        SkipSpace();
    }

    private void ReadQuoted()
    {
        while (!_rest.IsEmpty)
        {
            var octet = _rest[0];
            _rest = _rest[1..];
            if (octet == '"') return;
            if (octet == '\\' && !_rest.IsEmpty)
            {
                octet = _rest[0];
                _rest = _rest[1..];
            }

            if (octet is not ((byte)'\r' or (byte)'\n' or 0)) value.Add(octet);
        }
    }

    private void SkipSpace()
    {
        var depth = 0;
        while (!_rest.IsEmpty)
        {
            var octet = _rest[0];
            if (octet == '(') depth++;
            else if (octet == ')' && depth > 0) depth--;
            else if (octet == '\\' && depth > 0 && _rest.Length > 1) _rest = _rest[1..];
            else if (depth == 0 && octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0)) return;
            _rest = _rest[1..];
        }
    }
}
