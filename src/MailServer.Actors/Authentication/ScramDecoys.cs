using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Authentication;

/// <summary>
/// SCRAM keys for unknown logins. Salt and iteration count look like those of an account: the same for every attempt and spelling, on every node and after
/// every restart (RFC 5802 §9).
/// </summary>
public sealed class ScramDecoys
{
    /// <summary>Length of the server's secret in octets.</summary>
    public const int SecretLength = 32;

    private const int SaltLength = 16;
    private readonly byte[] _secret;
    private readonly int _iterations;

    /// <param name="secret">The server's secret: the same on all nodes, never changed.</param>
    /// <param name="iterations">The iteration count of real accounts.</param>
    public ScramDecoys(ReadOnlySpan<byte> secret, int iterations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, SecretLength);
        (_secret, _iterations) = (secret.ToArray(), iterations);
    }

    /// <summary>Returns keys that match no password.</summary>
    public ScramKeys Of(LoginName login)
    {
        ArgumentNullException.ThrowIfNull(login);
        var salt = HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes("scram-salt\0" + login.Key));
        return new ScramKeys(salt.AsMemory(0, SaltLength), _iterations, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
    }
}
