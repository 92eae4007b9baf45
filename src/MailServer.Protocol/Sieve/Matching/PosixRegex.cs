using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MailServer.Protocol.Sieve.Bounds;

namespace MailServer.Protocol.Sieve.Matching;

/// <summary>
/// Converts an extended regular expression of POSIX (draft-ietf-sieve-regex) to one of .NET that is matched without backtracking. The size of its automaton
/// is bounded before it is built.
/// </summary>
internal sealed class PosixRegex
{
    private const int MaxRepetitions = 255;
    private const int MaxGroups = 100;

    private static readonly Dictionary<string, string> Classes = new(StringComparer.Ordinal)
    {
        ["alnum"] = @"\p{L}\p{Nd}",
        ["alpha"] = @"\p{L}",
        ["blank"] = @" \t",
        ["cntrl"] = @"\p{Cc}",
        ["digit"] = "0-9",
        ["graph"] = @"!-~\u00A1-\uFFFF",
        ["lower"] = @"\p{Ll}",
        ["print"] = @" -~\u00A0-\uFFFF",
        ["punct"] = @"\p{P}\p{S}",
        ["space"] = @"\s",
        ["upper"] = @"\p{Lu}",
        ["xdigit"] = "0-9A-Fa-f",
    };

    private readonly string _pattern;
    private readonly SieveLimits _limits;
    private readonly StringBuilder _output = new();
    private readonly Stack<long> _groups = new();
    private int _at;
    private long _size;
    private long _atom;
    private string? _error;

    private PosixRegex(string pattern, SieveLimits limits)
    {
        _pattern = pattern;
        _limits = limits;
    }

    /// <summary>Compiles a pattern; false with what is wrong with it.</summary>
    public static bool TryCompile(string pattern, bool ignoresCase, SieveLimits limits, [NotNullWhen(true)] out Regex? regex, [NotNullWhen(false)] out string? error)
    {
        regex = null;
        var converter = new PosixRegex(pattern, limits);
        if (pattern.Length > limits.MaxPattern) converter._error = $"the regular expression is longer than {limits.MaxPattern} characters";
        else converter.Convert();
        error = converter._error;
        if (error is not null) return false;
        try
        {
            var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (ignoresCase ? RegexOptions.IgnoreCase : RegexOptions.None);
            regex = new Regex(converter._output.ToString(), options, TimeSpan.FromSeconds(1));
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            error = "the regular expression is not valid";
            return false;
        }
    }

    private void Convert()
    {
        while (_at < _pattern.Length && _error is null)
        {
            var c = _pattern[_at++];
            switch (c)
            {
                case '\\':
                    AddEscaped();
                    break;
                case '[':
                    AddAtom(ReadBracket());
                    break;
                case '(':
                    OpenGroup();
                    break;
                case ')':
                    CloseGroup();
                    break;
                case '*' or '+' or '?':
                    Repeat(c.ToString(), 1);
                    break;
                case '{':
                    ReadInterval();
                    break;
                case '|':
                    _output.Append('|');
                    _atom = 0;
                    break;
                case '^':
                    _output.Append('^');
                    break;
                case '$':
                    _output.Append(@"\z");
                    break;
                default:
                    AddAtom(c == '.' ? "." : Regex.Escape(c.ToString()));
                    break;
            }

            if (_size > _limits.MaxPatternStates) Fail("the regular expression is too complex");
        }

        if (_error is null && _groups.Count > 0) Fail("the regular expression has '(' without ')'");
    }

    private void Fail(string error) => _error ??= error;

    private void AddAtom(string text)
    {
        _output.Append(text);
        _atom = 1;
        _size++;
    }

    private void AddEscaped()
    {
        if (_at == _pattern.Length)
        {
            Fail("the regular expression ends with a backslash");
            return;
        }

        var c = _pattern[_at++];
        if (char.IsAsciiDigit(c)) Fail("back-references are not supported in regular expressions");
        AddAtom(c is 'd' or 'w' or 's' or 'D' or 'W' or 'S' ? $@"\{c}" : Regex.Escape(c.ToString()));
    }

    private void OpenGroup()
    {
        if (_groups.Count >= MaxGroups) Fail("the regular expression has too many groups");
        if (_at < _pattern.Length && _pattern[_at] == '?') Fail("'(?' is not part of extended regular expressions");
        _groups.Push(_size);
        _output.Append('(');
        _atom = 0;
    }

    private void CloseGroup()
    {
        if (!_groups.TryPop(out var before))
        {
            Fail("the regular expression has ')' without '('");
            return;
        }

        _output.Append(')');
        _atom = Math.Max(1, _size - before);
    }

    private void Repeat(string quantifier, int times)
    {
        if (_atom == 0)
        {
            // After another repetition "?" changes nothing about what matches.
            if (quantifier != "?" || _output.Length == 0 || _output[^1] is not ('*' or '+' or '}' or '?')) Fail($"'{quantifier}' repeats nothing in the regular expression");
            return;
        }

        _output.Append(quantifier);
        _size += _atom * (Math.Max(1, times) - 1);
        _atom = 0;
    }

    // {n}, {n,} and {n,m}; anything else is literal text
    private void ReadInterval()
    {
        var end = _pattern.IndexOf('}', _at);
        var inside = end < 0 ? [] : _pattern[_at..end].Split(',');
        if (inside.Length is 0 or > 2 || !TryReadCount(inside[0], out var least))
        {
            AddAtom(@"\{");
            return;
        }

        var most = least;
        if (inside.Length == 2 && inside[1].Length > 0 && !TryReadCount(inside[1], out most)) Fail("a repetition of the regular expression is not valid");
        if (Math.Max(least, most) > MaxRepetitions) Fail($"a repetition of the regular expression is larger than {MaxRepetitions}");
        if (most < least) Fail("a repetition of the regular expression ends before it begins");
        _at = end + 1;
        Repeat($"{{{string.Join(',', inside)}}}", Math.Max(least, most));
    }

    private static bool TryReadCount(string text, out int count) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);

    private string ReadBracket()
    {
        var set = new StringBuilder("[");
        if (_at < _pattern.Length && _pattern[_at] == '^')
        {
            set.Append('^');
            _at++;
        }

        for (var first = true; _at < _pattern.Length; first = false)
        {
            var c = _pattern[_at++];
            if (c == ']' && !first) return set.Append(']').ToString();
            if (c == '[' && _at < _pattern.Length && _pattern[_at] is ':' or '=' or '.') ReadNamed(set, _pattern[_at]);
            else if (c == '-' && !first && _at < _pattern.Length && _pattern[_at] != ']') set.Append('-');
            // Scripts that were written for other engines escape inside brackets too.
            else if (c == '\\' && _at < _pattern.Length && _pattern[_at] is '\\' or ']' or '[' or '-' or '.' or '^') set.Append('\\').Append(_pattern[_at++]);
            else if (c is '\\' or ']' or '[' or '-' or '^') set.Append('\\').Append(c);
            else set.Append(c);
        }

        Fail("the regular expression has '[' without ']'");
        return "";
    }

    private void ReadNamed(StringBuilder set, char kind)
    {
        var end = _pattern.IndexOf($"{kind}]", _at + 1, StringComparison.Ordinal);
        var name = end < 0 ? "" : _pattern[(_at + 1)..end];
        if (kind == ':' && Classes.TryGetValue(name, out var members)) set.Append(members);
        else if (kind != ':' && name.Length == 1) set.Append(Regex.Escape(name).Replace("]", "\\]", StringComparison.Ordinal));
        else Fail($"'[{kind}{name}{kind}]' is not known in regular expressions");
        _at = Math.Max(_at, end + 2);
    }
}
