using System.Text;
using MailServer.Domain.Addresses;

namespace MailServer.Protocol.Smtp.Headers;

/// <summary>
/// Parses the addresses in a From field (RFC 5322 §3.4, groups of RFC 6854), ignoring display names. Strict: an ambiguous value is rejected, because
/// these addresses are compared with the sender's permissions.
/// </summary>
public sealed class FromFieldParser
{
    private readonly string _text;
    private readonly List<EmailAddress> _found = [];
    private readonly StringBuilder _current = new();
    private int _at;
    private bool _spaced;
    private bool _torn;
    private bool _closed;

    private FromFieldParser(string text) => _text = text;

    /// <summary>All addresses in order; null when the value is malformed or contains no address.</summary>
    public static IReadOnlyList<EmailAddress>? Parse(ReadOnlySpan<byte> value)
    {
        var parser = new FromFieldParser(Encoding.UTF8.GetString(value));
        return parser.ReadAll() && parser._found.Count > 0 ? parser._found : null;
    }

    private bool ReadAll()
    {
        while (_at < _text.Length)
        {
            var c = _text[_at];
            var ok = c switch
            {
                ' ' or '\t' or '\r' or '\n' => Skip(),
                '(' => SkipComment(),
                '"' => CopyUntil('"'),
                '[' => CopyUntil(']'),
                '<' => ReadAngle(),
                ',' or ';' => Skip() && Finish(),
                ':' => Skip() && EndGroupName(),
                _ => Append(c) && ++_at > 0,
            };
            if (!ok) return false;
        }

        return Finish();
    }

    private bool Skip()
    {
        _at++;
        _spaced = true;
        return true;
    }

    private bool SkipComment()
    {
        var depth = 0;
        for (; _at < _text.Length; _at++)
        {
            if (_text[_at] == '\\') _at++;
            else if (_text[_at] == '(') depth++;
            else if (_text[_at] == ')' && --depth == 0) return Skip();
        }

        return false;
    }

    private bool CopyUntil(char close)
    {
        var start = _at;
        for (_at++; _at < _text.Length; _at++)
        {
            if (_text[_at] == '\\') _at++;
            else if (_text[_at] == close) break;
        }

        if (_at >= _text.Length) return false;
        _at++;
        if (!Append(_text[start])) return false;
        _current.Append(_text, start + 1, _at - start - 1);
        return true;
    }

    // [display-name] "<" addr-spec ">": the text before the bracket was the name.
    private bool ReadAngle()
    {
        if (_closed) return false;
        Clear();
        _at++;
        while (_at < _text.Length && _text[_at] != '>')
        {
            var c = _text[_at];
            var ok = c switch
            {
                ' ' or '\t' or '\r' or '\n' => Skip(),
                '(' => SkipComment(),
                '"' => CopyUntil('"'),
                '[' => CopyUntil(']'),
                '<' or ',' or ';' or ':' => false,
                _ => Append(c) && ++_at > 0,
            };
            if (!ok) return false;
        }

        _closed = true;
        return _at++ < _text.Length;
    }

    private bool Append(char c)
    {
        if (_closed) return false; // text after the angle bracket
        if (_spaced && _current.Length > 0 && c is not ('@' or '.') && _current[^1] is not ('@' or '.')) _torn = true;
        _spaced = false;
        _current.Append(c);
        return true;
    }

    // A name that some reader could mistake for an address invalidates the whole value.
    private bool EndGroupName() => !_closed && !_current.ToString().Contains('@', StringComparison.Ordinal) && Clear();

    private bool Finish()
    {
        if (_current.Length == 0 && !_closed) return true; // empty list elements are allowed (RFC 5322 §4.4)
        if (_torn || !EmailAddress.TryParse(_current.ToString(), out var address)) return false;
        _found.Add(address);
        return Clear();
    }

    private bool Clear()
    {
        _current.Clear();
        _torn = _closed = _spaced = false;
        return true;
    }
}
