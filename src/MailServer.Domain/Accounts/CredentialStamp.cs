using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Access;

namespace MailServer.Domain.Accounts;

/// <summary>Identifies the credential with which a session signed in, without revealing it. The session ends when the account no longer has this credential.</summary>
public readonly record struct CredentialStamp(string Value)
{
    private const int Length = 16;

    public static CredentialStamp Of(AppPassword password) => new(string.Create(CultureInfo.InvariantCulture, $"app {password.Id}"));

    /// <summary>Identifies the account's own password. Its hash changes whenever a password is set.</summary>
    public static CredentialStamp Of(string passwordHash) => new($"own {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(passwordHash)))[..Length]}");
}
