namespace MailServer.Protocol.Reports;

/// <summary>The tags of a record of DMARC or TLSRPT: <c>v=DMARC1; rua=mailto:…</c>. What is malformed counts as not written; the first of a name counts.</summary>
internal static class RecordTags
{
    /// <summary>Null when the record is not of that version.</summary>
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
