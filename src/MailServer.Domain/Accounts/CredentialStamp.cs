using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Access;

namespace MailServer.Domain.Accounts;

/// <summary>Which credential a session signed in with, without telling it: the session ends when the account no longer holds that one.</summary>
public readonly record struct CredentialStamp(string Value)
{
    private const int Length = 16;

    public static CredentialStamp Of(AppPassword password) => new(string.Create(CultureInfo.InvariantCulture, $"app {password.Id}"));

    /// <summary>
    /// The account's own password. SCRAM keys get a new salt whenever a password is set, but survive an upgrade of the hash to a higher cost;
    /// the hash identifies only passwords without such keys.
    /// </summary>
    public static CredentialStamp Of(string passwordHash, ScramKeys? scram) =>
        new($"own {Convert.ToHexStringLower(SHA256.HashData(scram is null ? Encoding.UTF8.GetBytes(passwordHash) : scram.StoredKey.Span))[..Length]}");
}
