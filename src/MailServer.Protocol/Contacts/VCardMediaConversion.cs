using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Contacts;

/// <summary>Converts inline photos, logos, sounds and keys: <c>ENCODING=b</c> in vCard 3.0 (RFC 2426 §2.4.1), a <c>data:</c> URI in 4.0 (RFC 6350 §6.2.4).</summary>
internal static class VCardMediaConversion
{
    private const string Base64Mark = ";base64,";

    /// <summary>Null if the line has no inline media in vCard 3.0 form.</summary>
    public static ContentLine? ToV4(ContentLine line)
    {
        if (line.Parameter("ENCODING")?.ToUpperInvariant() is not ("B" or "BASE64"))
            return null;
        var type = line.Parameter("TYPE") is { Length: > 0 } written ? written.ToLowerInvariant() : "octet-stream";
        var media = type.Contains('/', StringComparison.Ordinal) ? type : $"{Family(line.Name)}/{type}";
        // Some programs write ENCODING=b beside a URI. Base64 has no colon, so such a value is never inline media.
        if (line.Text.Contains(':', StringComparison.Ordinal) || string.Equals(line.Parameter("VALUE"), "uri", StringComparison.OrdinalIgnoreCase))
        {
            var kept = line.Parameters.Where(p => p.Name is not ("ENCODING" or "TYPE" or "VALUE" or "CHARSET"));
            return VCardConversion.Changed(line, line.Text, type == "octet-stream" ? [.. kept] : [.. kept, new ContentParameter("MEDIATYPE", [media])]);
        }

        var parameters = line.Parameters.Where(p => p.Name is not ("ENCODING" or "TYPE" or "VALUE" or "CHARSET")).ToArray();
        return VCardConversion.Changed(line, $"data:{media}{Base64Mark}{line.Text.Replace(" ", "", StringComparison.Ordinal)}", parameters);
    }

    /// <summary>Null if the value is not a <c>data:</c> URI.</summary>
    public static ContentLine? ToV3(ContentLine line)
    {
        var mark = line.Text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? line.Text.IndexOf(Base64Mark, StringComparison.OrdinalIgnoreCase) : -1;
        if (mark < 0)
            return null;
        var media = line.Text["data:".Length..mark].Split(';')[0];
        var type = media[(media.IndexOf('/', StringComparison.Ordinal) + 1)..].ToUpperInvariant();
        var parameters = line.Parameters.Where(p => p.Name is not ("VALUE" or "MEDIATYPE" or "PREF" or "ALTID" or "PID"))
            .Append(new ContentParameter("ENCODING", ["b"]))
            .Append(new ContentParameter("TYPE", [type]));
        return VCardConversion.Changed(line, line.Text[(mark + Base64Mark.Length)..], [.. parameters]);
    }

    private static string Family(string property) => property switch
    {
        "SOUND" => "audio",
        "KEY" => "application",
        _ => "image",
    };
}
