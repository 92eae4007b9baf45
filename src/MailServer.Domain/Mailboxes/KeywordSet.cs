namespace MailServer.Domain.Mailboxes;

/// <summary>
/// The keywords of a message (<c>$Forwarded</c>, <c>$Junk</c>, client-defined ones),
/// case-insensitive and sorted. Immutable; most messages share <see cref="Empty"/>.
/// </summary>
public sealed class KeywordSet : IEquatable<KeywordSet>
{
    private readonly string[] _keywords;

    private KeywordSet(string[] sorted) => _keywords = sorted;

    public static KeywordSet Empty { get; } = new([]);

    public int Count => _keywords.Length;

    public IReadOnlyList<string> Keywords => _keywords;

    public static KeywordSet Of(params IEnumerable<string> keywords)
    {
        var sorted = keywords.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToArray();
        return sorted.Length == 0 ? Empty : new KeywordSet(sorted);
    }

    public bool Contains(string keyword) => Array.BinarySearch(_keywords, keyword, StringComparer.OrdinalIgnoreCase) >= 0;

    public KeywordSet Union(KeywordSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.Count == 0 ? this : Count == 0 ? other : Of(_keywords.Concat(other._keywords));
    }

    public KeywordSet Except(KeywordSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.Count == 0 || Count == 0 ? this : Of(_keywords.Where(k => !other.Contains(k)));
    }

    /// <summary>The keywords separated by spaces, for storage. Keywords are atoms (RFC 9051 §9 <c>flag-keyword</c>) and contain no spaces.</summary>
    public override string ToString() => string.Join(' ', _keywords);

    public static KeywordSet FromStorage(string? text) =>
        string.IsNullOrEmpty(text) ? Empty : Of(text.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public bool Equals(KeywordSet? other) =>
        other is not null && _keywords.AsSpan().SequenceEqual(other._keywords, StringComparer.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => Equals(obj as KeywordSet);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var keyword in _keywords) hash.Add(keyword, StringComparer.OrdinalIgnoreCase);
        return hash.ToHashCode();
    }
}
