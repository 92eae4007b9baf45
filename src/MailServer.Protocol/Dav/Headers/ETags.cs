using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav.Headers;

/// <summary>Parses If-Match and If-None-Match (RFC 9110 §13.1) and writes entity tags.</summary>
public static class ETags
{
    /// <summary>Null if the header is missing. Weak tags are ignored if <paramref name="strong"/> comparison is required.</summary>
    public static ETagList? Parse(string? header, bool strong)
    {
        if (string.IsNullOrWhiteSpace(header)) return null;
        var rest = header.AsSpan().Trim();
        if (rest is "*") return new ETagList(Any: true, []);
        var tags = new List<string>();
        while (!rest.IsEmpty)
        {
            var weak = rest.StartsWith("W/", StringComparison.Ordinal);
            if (weak) rest = rest[2..];
            if (rest is not ['"', ..] || rest[1..].IndexOf('"') is var end && end < 0) throw DavException.BadRequest("an entity tag must be quoted");
            if (!weak || !strong) tags.Add(rest.Slice(1, end).ToString());
            rest = rest[(end + 2)..].TrimStart(" \t,");
        }

        return new ETagList(Any: false, tags);
    }

    public static string Quote(string etag) => $"\"{etag}\"";
}
