using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Addresses;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>A <c>mailto</c> URI (RFC 6068) as a method of notification (RFC 5436 §2).</summary>
/// <param name="To">The recipients.</param>
/// <param name="Cc">The recipients of copies.</param>
/// <param name="Subject">The subject; null without one.</param>
/// <param name="Body">The text; null without one.</param>
/// <param name="Fields">Other header fields that may be set.</param>
public sealed record MailtoUri(IReadOnlyList<string> To, IReadOnlyList<string> Cc, string? Subject, string? Body, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    private const string Scheme = "mailto:";
    private const int MaxRecipients = 8;
    private const int MaxLength = 4_096;

    // Fields that the server sets itself, or that would make the notification another one's (RFC 5436 §2.3).
    private static readonly HashSet<string> Ignored = new(
        ["From", "Sender", "Reply-To", "Date", "Message-ID", "Received", "Return-Path", "Auto-Submitted", "Bcc", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "DKIM-Signature",
            "Authentication-Results", "In-Reply-To", "References"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a URI; false if it is no <c>mailto</c> URI with at least one valid recipient and no invalid one.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out MailtoUri? uri)
    {
        uri = null;
        if (text is null || text.Length > MaxLength || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || text.Any(char.IsControl)) return false;
        var rest = text[Scheme.Length..];
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var to = new List<string>();
        var cc = new List<string>();
        if (!TryAddAddresses(question < 0 ? rest : rest[..question], to)) return false;
        var fields = new List<KeyValuePair<string, string>>();
        string? subject = null, body = null;
        foreach (var pair in question < 0 ? [] : rest[(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) return false;
            var (name, value) = (Uri.UnescapeDataString(pair[..equals]), pair[(equals + 1)..]);
            if (name.Any(static c => c is < '!' or > '~' or ':')) return false;
            var plain = Uri.UnescapeDataString(value);
            if (name.Equals("to", StringComparison.OrdinalIgnoreCase)) { if (!TryAddAddresses(value, to)) return false; }
            else if (name.Equals("cc", StringComparison.OrdinalIgnoreCase)) { if (!TryAddAddresses(value, cc)) return false; }
            else if (name.Equals("subject", StringComparison.OrdinalIgnoreCase)) subject = OneLine(plain);
            else if (name.Equals("body", StringComparison.OrdinalIgnoreCase)) body = plain;
            else if (!Ignored.Contains(name) && !name.StartsWith("Resent-", StringComparison.OrdinalIgnoreCase)) fields.Add(new KeyValuePair<string, string>(name, OneLine(plain)));
        }

        if (to.Count + cc.Count is 0 or > MaxRecipients) return false;
        uri = new MailtoUri(to, cc, subject, body, fields);
        return true;
    }

    private static bool TryAddAddresses(string text, List<string> addresses)
    {
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var plain = Uri.UnescapeDataString(part);
            // Older URIs encode the comma between addresses too (the URIs before RFC 6068).
            foreach (var one in EmailAddress.TryParse(plain.Trim(), out _) ? [plain] : plain.Split(','))
            {
                if (!EmailAddress.TryParse(one.Trim(), out var address)) return false;
                addresses.Add(address.ToString());
            }
        }

        return true;
    }

    // A line break in a field would begin another one.
    private static string OneLine(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
}
