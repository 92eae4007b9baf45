namespace MailServer.Actors.Authentication;

/// <summary>
/// The expensive comparison of a password with its Argon2id hash. Implementations are thread-safe and do the same work for wrong and correct passwords, and for every hash.
/// </summary>
public interface IPasswordVerifier
{
    bool Verify(string password, string hash);

    /// <summary>A new hash for a verified password whose <paramref name="hash"/> is cheaper to guess than the configuration demands; otherwise null.</summary>
    string? Upgrade(string password, string hash) => null;

    /// <summary>A hash that matches no password; used for unknown logins.</summary>
    string UnknownHash { get; }
}
