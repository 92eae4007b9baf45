using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav.Headers;

/// <summary>If-Match and If-None-Match (RFC 9110 §13.1), and the tags we give.</summary>
public static class ETags
{
    /// <summary>Null when the header was not sent. Weak tags are left out where <paramref name="strong"/> comparison is asked for.</summary>
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
            if (rest is not ['"', ..] || rest[1..].IndexOf('"') is var end && end < 0) throw DavException.BadRequest("an entity tag stands in quotes");
            if (!weak || !strong) tags.Add(rest.Slice(1, end).ToString());
            rest = rest[(end + 2)..].TrimStart(" \t,");
        }

        return new ETagList(Any: false, tags);
    }

    public static string Quote(string etag) => $"\"{etag}\"";
}
