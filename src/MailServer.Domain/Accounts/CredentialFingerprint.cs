using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Access;

namespace MailServer.Domain.Accounts;

/// <summary>Identifies the credential with which a session signed in, without revealing it. The session ends when the account no longer has this credential.</summary>
public readonly record struct CredentialFingerprint(string Value)
{
    private const int Length = 16;

    public static CredentialFingerprint Of(AppPassword password) => new(string.Create(CultureInfo.InvariantCulture, $"app {password.Id}"));

    /// <summary>
    /// Identifies the account's own password by its SCRAM keys, which change whenever a password is set, but not when the hash is upgraded
    /// to a higher cost. Passwords without SCRAM keys are identified by their hash.
    /// </summary>
    public static CredentialFingerprint Of(string passwordHash, ScramKeys? scram) =>
        new($"own {Convert.ToHexStringLower(SHA256.HashData(scram is null ? Encoding.UTF8.GetBytes(passwordHash) : scram.StoredKey.Span))[..Length]}");
}
