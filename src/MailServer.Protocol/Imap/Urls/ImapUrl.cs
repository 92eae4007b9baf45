using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Fetching;

namespace MailServer.Protocol.Imap.Urls;

/// <summary>The URL of a message or of a section of it (RFC 5092 §6).</summary>
internal sealed record ImapUrl
{
    /// <summary>The longest URL that is understood, in characters.</summary>
    public const int MaxLength = 4096;

    private const string Scheme = "imap://";

    /// <summary>The host, in lower case and without the port; null for an absolute path on this server.</summary>
    public string? Host { get; private init; }

    /// <summary>Whose folder it is; null if the URL does not say.</summary>
    public string? User { get; private init; }

    public FolderName Folder { get; private init; }

    /// <summary>The UIDVALIDITY that the folder must have.</summary>
    public uint? Validity { get; private init; }

    public uint Uid { get; private init; }

    /// <summary>The section, with the range if one is given.</summary>
    public required BodySection Section { get; init; }

    /// <summary>Reads an absolute URL or an absolute path; null if it is neither, or does not name a message. Relative paths are not allowed (RFC 5092 §7.2).</summary>
    public static ImapUrl? Parse(string text)
    {
        if (text.Length > MaxLength || text.AsSpan().ContainsAnyExceptInRange('!', '~') || text.Contains('?', StringComparison.Ordinal)) return null;
        if (text.StartsWith("//", StringComparison.Ordinal)) text = string.Concat("imap:", text);
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return text.StartsWith('/') ? ReadPath(text[1..]) : null;
        var rest = text[Scheme.Length..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !TryReadServer(rest[..slash], out var user, out var host)) return null;
        return ReadPath(rest[(slash + 1)..]) is { } path ? path with { Host = host, User = user } : null;
    }

    // iserver = [iuserinfo "@"] host [":" port], iuserinfo = enc-user [";AUTH=" mechanism]
    private static bool TryReadServer(string text, out string? user, out string host)
    {
        var at = text.LastIndexOf('@');
        user = null;
        host = text[(at + 1)..].ToLowerInvariant();
        var port = host.LastIndexOf(':');
        if (port > host.LastIndexOf(']')) host = host[..port];
        if (host.Length == 0 || at == 0) return false;
        if (at < 0) return true;
        var name = text[..at];
        var mechanism = name.IndexOf(";AUTH=", StringComparison.OrdinalIgnoreCase);
        if (mechanism >= 0) name = name[..mechanism];
        return name.Length == 0 || PercentText.TryDecode(name, out user);
    }

    // imessagepart = enc-mailbox [";UIDVALIDITY=" n] "/;UID=" n ["/;SECTION=" section] ["/;PARTIAL=" range]
    private static ImapUrl? ReadPath(string path)
    {
        var uidAt = path.IndexOf("/;UID=", StringComparison.OrdinalIgnoreCase);
        if (uidAt <= 0) return null;
        var parameters = path[(uidAt + 1)..].Split("/;");
        if (!TryReadFolder(path[..uidAt], out var folder, out var validity) || !TryReadNumber(parameters[0][";UID=".Length..], out var uid)) return null;
        string section = "", range = "";
        for (var i = 1; i < parameters.Length; i++)
        {
            if (Value(parameters[i], "SECTION=") is { } spec && section.Length == 0 && range.Length == 0) section = spec;
            else if (Value(parameters[i], "PARTIAL=") is { } partial && range.Length == 0) range = partial;
            else return null;
        }

        return ReadSection(section, range) is { } found ? new ImapUrl { Folder = folder, Validity = validity, Uid = uid, Section = found } : null;
    }

    private static string? Value(string parameter, string name) =>
        parameter.Length > name.Length && parameter.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? parameter[name.Length..] : null;

    private static bool TryReadFolder(string text, out FolderName folder, out uint? validity)
    {
        (folder, validity) = (default, null);
        var at = text.LastIndexOf(";UIDVALIDITY=", StringComparison.OrdinalIgnoreCase);
        if (at >= 0)
        {
            if (!TryReadNumber(text[(at + ";UIDVALIDITY=".Length)..], out var number)) return false;
            (text, validity) = (text[..at], number);
        }

        // An encoded name may contain anything, but a semicolon of its own begins a parameter that is not known.
        return !text.Contains(';', StringComparison.Ordinal) && PercentText.TryDecode(text, out var name) && FolderName.TryParse(name, out folder);
    }

    private static bool TryReadNumber(string text, out uint number)
    {
        number = 0;
        var reader = new ImapReader(Encoding.ASCII.GetBytes(text), 0);
        return reader.ReadNonZero(out number) && reader.AtEnd;
    }

    private static BodySection? ReadSection(string section, string range)
    {
        if (!PercentText.TryDecode(section, out var spec) || !TryReadRange(range, out var partial)) return null;
        var reader = new ImapReader(Encoding.UTF8.GetBytes($"[{spec}]"), 1);
        return BodySection.Read(ref reader, peek: true) is { Partial: null } found && reader.AtEnd ? found with { Partial = partial } : null;
    }

    // partial-range = number ["." nz-number]: without the length up to the end.
    private static bool TryReadRange(string text, out (uint Offset, uint Count)? range)
    {
        range = null;
        if (text.Length == 0) return true;
        var reader = new ImapReader(Encoding.ASCII.GetBytes(text), 0);
        if (!reader.ReadNumber(out var offset)) return false;
        var count = uint.MaxValue;
        if (reader.TryRead((byte)'.') && !reader.ReadNonZero(out count)) return false;
        range = (offset, count);
        return reader.AtEnd;
    }
}
