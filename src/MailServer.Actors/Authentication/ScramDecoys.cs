using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Authentication;

/// <summary>
/// SCRAM keys for logins that have none. Salt and iteration count look like those of an account: the same at every try, for every spelling,
/// on every node and after every restart (RFC 5802 §9).
/// </summary>
public sealed class ScramDecoys
{
    /// <summary>Octets of the server's secret.</summary>
    public const int SecretLength = 32;

    private const int SaltLength = 16;
    private readonly byte[] _secret;
    private readonly int _iterations;

    /// <param name="secret">Of the server, the same on all nodes; it never changes.</param>
    /// <param name="iterations">As accounts have it.</param>
    public ScramDecoys(ReadOnlySpan<byte> secret, int iterations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, SecretLength);
        (_secret, _iterations) = (secret.ToArray(), iterations);
    }

    /// <summary>Keys that no password fits.</summary>
    public ScramKeys Of(LoginName login)
    {
        ArgumentNullException.ThrowIfNull(login);
        var salt = HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes("scram-salt\0" + login.Key));
        return new ScramKeys(salt.AsMemory(0, SaltLength), _iterations, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
    }
}
