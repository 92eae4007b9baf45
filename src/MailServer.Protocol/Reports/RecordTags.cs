namespace MailServer.Protocol.Reports;

/// <summary>The tags of a DMARC or TLSRPT record: <c>v=DMARC1; rua=mailto:…</c>. Malformed tags are ignored; of repeated tags the first one counts.</summary>
internal static class RecordTags
{
    /// <summary>Parses a record; null when it does not have the given version.</summary>
    public static Dictionary<string, string>? Read(string text, string version)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        if (string.Concat(parts[0].Where(static c => c is not (' ' or '\t'))) != "v=" + version) return null;
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in parts.AsSpan(1))
        {
            if (part.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals) tags.TryAdd(part[..equals].TrimEnd(), part[(equals + 1)..].TrimStart());
        }

        return tags;
    }
}
