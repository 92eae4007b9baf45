using System.Diagnostics.CodeAnalysis;

namespace MailServer.Protocol.MessageAuthentication;

/// <summary>A tag-list (RFC 6376 §3.2): <c>name=value; name=value</c>. Names are case-sensitive and unique.</summary>
internal sealed class TagList
{
    private readonly List<(string Name, int Start, int End)> _tags = [];
    private readonly string _text;

    private TagList(string text) => _text = text;

    /// <summary>The name of the first tag; null when there are no tags.</summary>
    public string? FirstName => _tags.Count > 0 ? _tags[0].Name : null;

    /// <summary>The value without surrounding white space; null when the tag is absent.</summary>
    public string? this[string name] => _tags.Find(t => t.Name == name) is { Name: not null } tag ? _text[tag.Start..tag.End].Trim() : null;

    /// <summary>Parses octets given as chars.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TagList? list)
    {
        list = new TagList(text);
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf(';', start) is >= 0 and var at ? at : text.Length;
            if (end == text.Length && string.IsNullOrWhiteSpace(text[start..]) && list._tags.Count > 0) return true;
            if (!list.Add(start, end)) return false;
            start = end + 1;
        }

        return list._tags.Count > 0;
    }

    /// <summary>The value without any white space, for base64 and lists.</summary>
    public string? Compact(string name) => this[name] is { } value ? string.Concat(value.Where(c => !IsSpace(c))) : null;

    /// <summary>The text with the value of one tag removed, as a signature signs its own field (§3.5, b=).</summary>
    public string Without(string name) =>
        _tags.Find(t => t.Name == name) is { Name: not null } tag ? string.Concat(_text.AsSpan(0, tag.Start), _text.AsSpan(tag.End)) : _text;

    // [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
    private bool Add(int start, int end)
    {
        var equals = _text.IndexOf('=', start, end - start);
        if (equals < 0) return false;
        var name = _text[start..equals].Trim();
        if (name.Length == 0 || !char.IsAsciiLetter(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) return false;
        foreach (var c in _text.AsSpan(equals + 1, end - equals - 1))
            if (c < '!' && !IsSpace(c)) return false;
        if (_tags.Exists(t => t.Name == name)) return false;
        _tags.Add((name, equals + 1, end));
        return true;
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';
}
