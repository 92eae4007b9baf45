namespace MailServer.Protocol.MessageAuthentication;

/// <summary>Whose a DKIM signature is.</summary>
public static class SignatureDomain
{
    /// <summary>The d= of a DKIM-Signature field's value, in lower case; null when it has none (RFC 6376 §3.5).</summary>
    public static string? Of(string value) => TagList.TryParse(value, out var tags) ? tags.Compact("d")?.ToLowerInvariant() : null;
}
