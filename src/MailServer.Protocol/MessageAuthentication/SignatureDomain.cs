namespace MailServer.Protocol.MessageAuthentication;

/// <summary>The signing domain of a DKIM signature.</summary>
public static class SignatureDomain
{
    /// <summary>The d= tag in the value of a DKIM-Signature field, in lower case; null when it is missing (RFC 6376 §3.5).</summary>
    public static string? Parse(string value) => TagList.TryParse(value, out var tags) ? tags.Compact("d")?.ToLowerInvariant() : null;
}
