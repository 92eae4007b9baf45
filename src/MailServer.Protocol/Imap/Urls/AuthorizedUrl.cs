using System.Globalization;

namespace MailServer.Protocol.Imap.Urls;

/// <summary>Who may use a URL (RFC 4467 §3).</summary>
internal enum UrlAccess
{
    /// <summary>Everybody who may send mail in the name of the user; nobody here, since there is no BURL.</summary>
    Submission,

    /// <summary>The named user.</summary>
    User,

    /// <summary>All who have signed in.</summary>
    SignedIn,

    /// <summary>All sessions; there are none without a sign-in.</summary>
    Anyone,
}

/// <summary>A URL that authorizes others to read a message or a section of it (RFC 4467): complete, or without its token.</summary>
internal sealed record AuthorizedUrl
{
    private const string Parameter = ";URLAUTH=";
    private const string Expire = ";EXPIRE=";
    private const int LeastTokenLength = 32;

    public required ImapUrl Url { get; init; }

    /// <summary>The URL up to the access, as it was written: what is signed.</summary>
    public required string Rump { get; init; }

    public required UrlAccess Access { get; init; }

    /// <summary>The user of <see cref="UrlAccess.User"/> and <see cref="UrlAccess.Submission"/>.</summary>
    public string? AccessUser { get; private init; }

    public DateTimeOffset? Expiry { get; private init; }

    /// <summary>The token; null if the URL is not signed.</summary>
    public string? Token { get; private init; }

    /// <summary>Reads an absolute URL of a message with its access; null if it is none, or by a mechanism other than INTERNAL.</summary>
    public static AuthorizedUrl? Parse(string text)
    {
        if (text.Length > ImapUrl.MaxLength) return null;
        var at = text.LastIndexOf(Parameter, StringComparison.OrdinalIgnoreCase);
        if (at < 0 || !TryReadExpiry(text[..at], out var place, out var expiry)) return null;
        if (ImapUrl.Parse(place) is not { Host: not null, User: not null } url) return null;
        var parts = text[(at + Parameter.Length)..].Split(':');
        if (ReadAccess(parts[0]) is not { } access || parts.Length is not (1 or 3) || (parts.Length == 3 && !IsToken(parts[1], parts[2]))) return null;
        return new AuthorizedUrl
        {
            Url = url,
            Rump = text[..(at + Parameter.Length + parts[0].Length)],
            Access = access.Access,
            AccessUser = access.User,
            Expiry = expiry,
            Token = parts.Length == 3 ? parts[2] : null,
        };
    }

    private static bool IsToken(string mechanism, string token) =>
        mechanism.Equals("INTERNAL", StringComparison.OrdinalIgnoreCase) && token.Length >= LeastTokenLength && token.All(char.IsAsciiHexDigit);

    private static (UrlAccess Access, string? User)? ReadAccess(string text)
    {
        if (text.Equals("authuser", StringComparison.OrdinalIgnoreCase)) return (UrlAccess.SignedIn, null);
        if (text.Equals("anonymous", StringComparison.OrdinalIgnoreCase)) return (UrlAccess.Anyone, null);
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        if (plus < 0 || plus == text.Length - 1 || !PercentText.TryDecode(text[(plus + 1)..], out var user)) return null;
        return text[..plus].ToUpperInvariant() switch
        {
            "SUBMIT" => (UrlAccess.Submission, user),
            "USER" => (UrlAccess.User, user),
            _ => null,
        };
    }

    // expire = ";EXPIRE=" date-time of RFC 3339, after the rest of the URL.
    private static bool TryReadExpiry(string text, out string place, out DateTimeOffset? expiry)
    {
        (place, expiry) = (text, null);
        var at = text.LastIndexOf(Expire, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return true;
        place = text[..at];
        var time = text[(at + Expire.Length)..].ToUpperInvariant();
        if (!time.EndsWith('Z') && time is not [.., '+' or '-', _, _, ':', _, _]) return false;
        if (!DateTimeOffset.TryParseExact(time, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read)) return false;
        expiry = read;
        return true;
    }
}
