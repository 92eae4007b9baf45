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

    /// <summary>Of the account's own password, which has another hash whenever it is set.</summary>
    public static CredentialStamp Of(string passwordHash) => new($"own {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(passwordHash)))[..Length]}");
}
