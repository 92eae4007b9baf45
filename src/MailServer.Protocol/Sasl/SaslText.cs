using System.Text;
using System.Text.Unicode;
using MailServer.Domain;
using MailServer.Domain.Accounts;

namespace MailServer.Protocol.Sasl;

/// <summary>Strings in SASL messages: UTF-8, of bounded length, without NUL; names are prepared for comparison.</summary>
internal static class SaslText
{
    /// <summary>Reads a name or password; false when it is empty, too long, not UTF-8 or contains NUL.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, Limits limits, out string text)
    {
        text = string.Empty;
        if (octets.IsEmpty || octets.Length > limits.CredentialLength || octets.Contains((byte)0) || !Utf8.IsValid(octets)) return false;
        text = Encoding.UTF8.GetString(octets);
        return true;
    }

    /// <summary>Prepares a login name for comparison.</summary>
    public static string PrepareName(string name) => LoginName.Prepare(name);

    /// <summary>An authorization identity is only accepted when it equals the login name (RFC 4616 §2).</summary>
    public static bool IsSameIdentity(string? authorizeAs, string login) =>
        authorizeAs is null || string.Equals(PrepareName(authorizeAs), login, StringComparison.OrdinalIgnoreCase);

    /// <summary>The last step of an exchange in which the service checked the password.</summary>
    public static SaslStep Conclude(AuthenticationReply reply) => reply switch
    {
        AuthenticationReply.Accepted accepted => new SaslStep.Succeeded(accepted.Account),
        AuthenticationReply.Unavailable => new SaslStep.Failed(Temporary: true),
        _ => new SaslStep.Failed(Temporary: false),
    };
}
