using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;
using MailServer.Domain.Addresses;

namespace MailServer.Protocol.Smtp;

/// <summary>A path in angle brackets (RFC 5321 §4.1.2): an address, <c>&lt;&gt;</c>, or a name without domain.</summary>
/// <param name="Address">Null when the path is empty or has no domain.</param>
/// <param name="Text">The text between the brackets, without source route.</param>
/// <param name="IsAscii">False when the path requires SMTPUTF8 (RFC 6531 §3.3).</param>
internal sealed record SmtpPath(EmailAddress? Address, string Text, bool IsAscii)
{
    // RFC 5321 §4.5.3.1.3, with room for a source route.
    private const int MaxLength = 512;

    public bool IsEmpty => Text.Length == 0;

    /// <summary>Reads <c>FROM:&lt;path&gt;</c>; a space after the colon is tolerated. <paramref name="rest"/> is empty or begins with a space.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, ReadOnlySpan<byte> keyword, [NotNullWhen(true)] out SmtpPath? path, out ReadOnlySpan<byte> rest)
    {
        path = null;
        rest = default;
        if (text.Length < keyword.Length || !Ascii.EqualsIgnoreCase(text[..keyword.Length], keyword)) return false;
        text = text[keyword.Length..].TrimStart((byte)' ');
        if (text.IsEmpty || text[0] != '<') return false;
        var end = IndexOfClose(text);
        if (end < 0 || end > MaxLength) return false;
        rest = text[(end + 1)..];
        if (!rest.IsEmpty && rest[0] != ' ') return false;
        return TryReadMailbox(WithoutRoute(text[1..end]), out path);
    }

    private static bool TryReadMailbox(ReadOnlySpan<byte> mailbox, [NotNullWhen(true)] out SmtpPath? path)
    {
        path = null;
        if (!Utf8.IsValid(mailbox)) return false;
        var text = Encoding.UTF8.GetString(mailbox);
        EmailAddress? address = null;
        // A name without domain is kept unchanged: RCPT TO:<postmaster> (RFC 5321 §4.1.1.3).
        if (text.Contains('@', StringComparison.Ordinal) && (!EmailAddress.TryParse(text, out address) || !IsHost(address.Domain))) return false;
        path = new SmtpPath(address, text, Ascii.IsValid(mailbox));
        return true;
    }

    // The first ">" outside a quoted local part.
    private static int IndexOfClose(ReadOnlySpan<byte> text)
    {
        var quoted = false;
        for (var i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'"':
                    quoted = !quoted;
                    break;
                case (byte)'\\' when quoted:
                    i++;
                    break;
                case (byte)'>' when !quoted:
                    return i;
            }
        }

        return -1;
    }

    // RFC 5321 §4.1.1.3: source routes must be accepted and should be ignored.
    private static ReadOnlySpan<byte> WithoutRoute(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty || path[0] != '@') return path;
        var colon = path.IndexOf((byte)':');
        return colon < 0 ? path : path[(colon + 1)..];
    }

    // RFC 5321 §4.1.3: [192.0.2.1] or [IPv6:2001:db8::1].
    private static bool IsHost(string domain)
    {
        if (domain[0] != '[') return true;
        var literal = domain.AsSpan(1, domain.Length - 2);
        const string version6 = "ipv6:";
        return literal.StartsWith(version6, StringComparison.Ordinal)
            ? IPAddress.TryParse(literal[version6.Length..], out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6
            : literal.Count('.') == 3 && IPAddress.TryParse(literal, out var v4) && v4.AddressFamily == AddressFamily.InterNetwork;
    }
}
