using System.Buffers;
using System.Text;

namespace MailServer.Protocol.Sieve.Syntax;

/// <summary>Splits a script into tokens (RFC 5228 §8.1). Lines may end with LF alone; in strings they become CRLF.</summary>
/// <param name="script">The script.</param>
/// <param name="errors">Receives the errors.</param>
/// <param name="comments">Receives the comments; null: nobody asks for them.</param>
internal sealed class SieveLexer(string script, SieveErrors errors, ICollection<SieveComment>? comments = null)
{
    private const long MaxNumber = long.MaxValue;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    private static readonly SearchValues<char> EndsPlain = SearchValues.Create("\"\\\r\n\0");
    private static readonly Dictionary<char, string> Marks = ";,(){}[]".ToDictionary(static c => c, static c => c.ToString());

    private int _at;

    /// <summary>Whether the script ends inside a string or comment: what is missing after it says nothing more.</summary>
    public bool IsCutOff { get; private set; }

    public SieveToken Next()
    {
        SkipSpace();
        var start = _at;
        if (_at == script.Length) return new SieveToken(SieveTokenKind.End, start, "");
        var first = script[_at];
        if (Marks.TryGetValue(first, out var mark))
        {
            _at++;
            return new SieveToken(SieveTokenKind.Mark, start, mark);
        }

        if (first == '"') return ReadQuoted();
        if (char.IsAsciiDigit(first)) return ReadNumber();
        if (first == ':' && _at + 1 < script.Length && IsNameStart(script[_at + 1]))
        {
            _at++;
            return new SieveToken(SieveTokenKind.Tag, start, ReadName());
        }

        if (!IsNameStart(first)) return Unknown(start, first);
        var name = ReadName();
        if (_at < script.Length && script[_at] == ':' && name.Equals("text", StringComparison.OrdinalIgnoreCase)) return ReadMultiLine(start);
        return new SieveToken(SieveTokenKind.Identifier, start, name);
    }

    private void CutOff(int start, string message, string suggestion)
    {
        errors.Add(start, message, suggestion);
        IsCutOff = true;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private SieveToken Unknown(int start, char first)
    {
        _at += char.IsHighSurrogate(first) && _at + 1 < script.Length ? 2 : 1;
        var shown = char.IsControl(first) ? $"the control character {(int)first:X2}" : $"'{script[start.._at]}'";
        errors.Add(start, $"{shown} is not allowed here", first is '\u201c' or '\u201d' or '\'' ? "strings are written with \"" : null);
        return new SieveToken(SieveTokenKind.Invalid, start, "");
    }

    private string ReadName()
    {
        var rest = script.AsSpan(_at);
        var length = rest.IndexOfAnyExcept(NameCharacters) is >= 0 and var end ? end : rest.Length;
        _at += length;
        return rest[..length].ToString();
    }

    // number = 1*DIGIT [ QUANTIFIER ]
    private SieveToken ReadNumber()
    {
        var start = _at;
        Int128 number = 0;
        for (; _at < script.Length && char.IsAsciiDigit(script[_at]); _at++)
            if (number <= MaxNumber) number = (number * 10) + (script[_at] - '0');
        if (_at < script.Length && char.ToUpperInvariant(script[_at]) is 'K' or 'M' or 'G')
        {
            number <<= char.ToUpperInvariant(script[_at]) switch { 'K' => 10, 'M' => 20, _ => 30 };
            _at++;
        }

        if (_at < script.Length && (char.IsAsciiLetterOrDigit(script[_at]) || script[_at] == '_'))
        {
            errors.Add(_at, "a number ends with a digit or one of K, M and G");
            ReadName();
        }

        if (number <= MaxNumber) return new SieveToken(SieveTokenKind.Number, start, "", (long)number);
        errors.Add(start, $"the number is larger than {MaxNumber}");
        return new SieveToken(SieveTokenKind.Number, start, "", MaxNumber);
    }

    // quoted-string = DQUOTE quoted-text DQUOTE
    private SieveToken ReadQuoted()
    {
        var start = _at++;
        var plain = script.AsSpan(_at).IndexOfAny(EndsPlain);
        if (plain >= 0 && script[_at + plain] == '"')
        {
            var text = script.Substring(_at, plain);
            _at += plain + 1;
            return new SieveToken(SieveTokenKind.Text, start, text);
        }

        var value = new StringBuilder();
        while (_at < script.Length && script[_at] != '"')
        {
            if (script[_at] == '\\' && _at + 1 < script.Length) _at++;
            AddCharacter(value);
        }

        if (_at == script.Length) CutOff(start, "the string has no end", "close it with \"");
        else _at++;
        return new SieveToken(SieveTokenKind.Text, start, value.ToString());
    }

    private void AddCharacter(StringBuilder value)
    {
        var c = script[_at++];
        if (c == '\0') errors.Add(_at - 1, "a string cannot contain a NUL character");
        if (c == '\r' && _at < script.Length && script[_at] == '\n') return;
        value.Append(c is '\n' or '\r' ? "\r\n" : c.ToString());
    }

    // multi-line = "text:" *(SP / HTAB) (hash-comment / CRLF) *(multiline-literal / multiline-dotstart) "." CRLF
    private SieveToken ReadMultiLine(int start)
    {
        _at++;
        while (_at < script.Length && script[_at] is ' ' or '\t') _at++;
        if (_at < script.Length && script[_at] is not ('#' or '\r' or '\n')) errors.Add(_at, "the text begins on the line after 'text:'");
        SkipLine();
        var value = new StringBuilder();
        while (_at < script.Length)
        {
            var line = ReadLine();
            if (line is ".") return new SieveToken(SieveTokenKind.Text, start, value.ToString());
            if (line.Contains('\0')) errors.Add(_at - line.Length, "a string cannot contain a NUL character");
            value.Append(line.StartsWith("..", StringComparison.Ordinal) ? line[1..] : line).Append("\r\n");
        }

        CutOff(start, "the text has no end", "close it with a line that contains only a dot");
        return new SieveToken(SieveTokenKind.Text, start, value.ToString());
    }

    private ReadOnlySpan<char> ReadLine()
    {
        var line = script.AsSpan(_at);
        var end = line.IndexOf('\n');
        _at += end < 0 ? line.Length : end + 1;
        if (end < 0) return line;
        return end > 0 && line[end - 1] == '\r' ? line[..(end - 1)] : line[..end];
    }

    private void SkipLine() => _at = script.IndexOf('\n', _at) is >= 0 and var end ? end + 1 : script.Length;

    private void SkipSpace()
    {
        while (_at < script.Length)
        {
            var c = script[_at];
            if (c is ' ' or '\t' or '\r' or '\n') _at++;
            else if (c == '#') Skip(SkipLine);
            else if (c == '/' && _at + 1 < script.Length && script[_at + 1] == '*') Skip(SkipComment);
            else return;
        }
    }

    private void Skip(Action comment)
    {
        var start = _at;
        comment();
        comments?.Add(new SieveComment(start, script[start.._at].TrimEnd()));
    }

    private void SkipComment()
    {
        var end = script.IndexOf("*/", _at + 2, StringComparison.Ordinal);
        if (end < 0) CutOff(_at, "the comment has no end", "close it with */");
        _at = end < 0 ? script.Length : end + 2;
    }
}
