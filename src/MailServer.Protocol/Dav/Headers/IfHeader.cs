using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav.Headers;

/// <summary>Parses the If header (RFC 4918 §10.4): lists of lock tokens and entity tags, with or without a resource tag.</summary>
public sealed class IfHeader
{
    private const int MaxLists = 100;
    private const int MaxStates = 100;

    private readonly string _text;
    private readonly EmailAddress _account;
    private readonly Limits _limits;
    private readonly List<IfConditionList> _lists = [];
    private int _at;

    private IfHeader(string text, EmailAddress account, Limits limits)
    {
        _text = text;
        _account = account;
        _limits = limits;
    }

    public static IReadOnlyList<IfConditionList> Parse(string? header, EmailAddress account, Limits limits)
    {
        if (string.IsNullOrWhiteSpace(header)) return [];
        var parser = new IfHeader(header, account, limits);
        parser.ReadLists();
        return parser._lists;
    }

    private void ReadLists()
    {
        CollectionPath? resource = null;
        var elsewhere = false;
        while (Next() is { } next)
        {
            if (next == '<')
            {
                resource = Resolve(ReadUntil('<', '>'));
                elsewhere = resource is null;
                if (Next() != '(') throw Malformed();
            }
            else if (next == '(')
            {
                if (_lists.Count == MaxLists) throw Malformed();
                _lists.Add(new IfConditionList(resource, elsewhere, ReadStates()));
            }
            else
            {
                throw Malformed();
            }
        }

        if (_lists.Count == 0) throw Malformed();
    }

    private List<IfCondition> ReadStates()
    {
        var states = new List<IfCondition>();
        _at++;
        while (Next() is { } next && next != ')')
        {
            if (states.Count == MaxStates) throw Malformed();
            var not = _text.AsSpan(_at).StartsWith("Not", StringComparison.OrdinalIgnoreCase);
            if (not)
            {
                _at += 3;
                next = Next() ?? throw Malformed();
            }

            states.Add(next switch
            {
                '<' => new IfCondition(not, ReadUntil('<', '>'), null),
                '[' => new IfCondition(not, null, ReadTag()),
                _ => throw Malformed(),
            });
        }

        if (states.Count == 0 || Next() != ')') throw Malformed();
        _at++;
        return states;
    }

    private string ReadTag()
    {
        var tag = ReadUntil('[', ']').Trim();
        if (tag.StartsWith("W/", StringComparison.Ordinal)) tag = tag[2..];
        return tag is ['"', .. var inner, '"'] ? inner : throw Malformed();
    }

    private char? Next()
    {
        while (_at < _text.Length && (_text[_at] is ' ' or '\t')) _at++;
        return _at < _text.Length ? _text[_at] : null;
    }

    private string ReadUntil(char open, char close)
    {
        if (_text[_at] != open) throw Malformed();
        var end = _text.IndexOf(close, _at);
        if (end < 0) throw Malformed();
        var inner = _text[(_at + 1)..end];
        _at = end + 1;
        return inner;
    }

    private CollectionPath? Resolve(string reference) =>
        DavUrl.PathOf(reference) is { } path && DavUrl.TryParse(path, _limits, out var target)
        && target is DavTarget.StoredResource member && member.Address.Equals(_account) ? member.Path : null;

    private static DavException Malformed() => DavException.BadRequest("the If header is malformed");
}
