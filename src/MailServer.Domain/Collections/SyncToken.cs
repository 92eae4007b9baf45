using System.Globalization;

namespace MailServer.Domain.Collections;

/// <summary>A sync token (RFC 6578 §4): the id of the collection and a mod-sequence, as a URI.</summary>
public readonly record struct SyncToken(long Collection, long ModSeq)
{
    private const string Prefix = "data:,sync-";

    public static bool TryParse(string text, out SyncToken token)
    {
        token = default;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        var rest = text.AsSpan(Prefix.Length);
        var dash = rest.IndexOf('-');
        if (dash < 0) return false;
        if (!long.TryParse(rest[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var collection)) return false;
        if (!long.TryParse(rest[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var modSeq)) return false;
        token = new SyncToken(collection, modSeq);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Collection}-{ModSeq}");
}
