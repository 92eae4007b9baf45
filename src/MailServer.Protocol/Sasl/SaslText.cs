using System.Text;
using System.Text.Unicode;
using MailServer.Domain;
using MailServer.Domain.Accounts;

namespace MailServer.Protocol.Sasl;

/// <summary>The strings in SASL messages: UTF-8, bounded, without NUL, names prepared for comparison.</summary>
internal static class SaslText
{
    /// <summary>A name or password; false when it is empty, too long, not UTF-8 or holds NUL.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, Limits limits, out string text)
    {
        text = string.Empty;
        if (octets.IsEmpty || octets.Length > limits.Credential || octets.Contains((byte)0) || !Utf8.IsValid(octets)) return false;
        text = Encoding.UTF8.GetString(octets);
        return true;
    }

    /// <summary>The name in the form in which logins are compared.</summary>
    public static string PrepareName(string name) => LoginName.Prepare(name);

    /// <summary>An authorization identity is taken only when it says what the login says already (RFC 4616 §2).</summary>
    public static bool IsSameIdentity(string? authorizeAs, string login) =>
        authorizeAs is null || string.Equals(PrepareName(authorizeAs), login, StringComparison.OrdinalIgnoreCase);

    /// <summary>The end of an exchange in which the service saw the password.</summary>
    public static SaslStep Conclude(AuthenticationReply reply) => reply switch
    {
        AuthenticationReply.Accepted accepted => new SaslStep.Succeeded(accepted.Account),
        AuthenticationReply.Unavailable => new SaslStep.Failed(Temporary: true),
        _ => new SaslStep.Failed(Temporary: false),
    };
}
