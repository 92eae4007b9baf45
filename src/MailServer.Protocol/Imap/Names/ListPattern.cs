using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Imap.Names;

/// <summary>
/// A LIST pattern (RFC 3501 §6.3.8): <c>*</c> matches anything, <c>%</c> anything within one level. All alternatives are followed in parallel, so
/// matching a name costs at most its length times the pattern's length, whatever the pattern.
/// </summary>
internal sealed class ListPattern(string pattern)
{
    private readonly string _pattern = Simplify(pattern);
    private readonly bool[] _now = new bool[pattern.Length + 1];
    private readonly bool[] _next = new bool[pattern.Length + 1];

    /// <summary>Whether one of the patterns matches.</summary>
    public static bool Any(List<ListPattern> patterns, FolderName name)
    {
        foreach (var pattern in patterns)
            if (pattern.Matches(name)) return true;
        return false;
    }

    /// <summary>INBOX matches case-insensitively, also as the parent of other folders; other names match exactly.</summary>
    public bool Matches(FolderName name) => Matches(name.Value, name.IsInbox || name.IsBelow(FolderName.Inbox) ? FolderName.Inbox.Value.Length : 0);

    /// <param name="name">The name.</param>
    /// <param name="ignoreCase">The number of leading characters that match case-insensitively.</param>
    public bool Matches(string name, int ignoreCase = 0)
    {
        Span<bool> now = _now.AsSpan(0, _pattern.Length + 1), next = _next.AsSpan(0, _pattern.Length + 1);
        now.Clear();
        now[0] = true;
        SkipWildcards(now);
        for (var at = 0; at < name.Length; at++)
        {
            next.Clear();
            if (!Step(now, next, name[at], at < ignoreCase)) return false;
            var done = now;
            now = next;
            next = done;
        }

        return now[_pattern.Length];
    }

    private bool Step(ReadOnlySpan<bool> now, Span<bool> next, char c, bool ignoreCase)
    {
        var any = false;
        for (var at = 0; at < _pattern.Length; at++)
        {
            if (!now[at]) continue;
            var wanted = _pattern[at];
            if (wanted == '*' || (wanted == '%' && c != FolderName.Separator)) next[at] = any = true;
            else if (wanted is not '%' && (ignoreCase ? char.ToUpperInvariant(wanted) : wanted) == c) next[at + 1] = any = true;
        }

        SkipWildcards(next);
        return any;
    }

    // A wildcard may match nothing.
    private void SkipWildcards(Span<bool> places)
    {
        for (var at = 0; at < _pattern.Length; at++)
            if (places[at] && _pattern[at] is '*' or '%') places[at + 1] |= places[at];
    }

    // Adjacent wildcards are merged.
    private static string Simplify(string pattern)
    {
        var simple = new System.Text.StringBuilder(pattern.Length);
        foreach (var c in pattern)
        {
            var last = simple.Length > 0 ? simple[^1] : ' ';
            if (c == '*' && last == '%') simple[^1] = '*';
            else if (!(c is '*' or '%' && last == '*') && !(c == '%' && last == '%')) simple.Append(c);
        }

        return simple.ToString();
    }
}
