namespace MailServer.Actors.Authentication;

/// <summary>The expensive comparison of a password with its hash (Argon2id). Implementations are thread-safe and take as long for a wrong password as for the right one.</summary>
public interface IPasswordVerifier
{
    bool Verify(string password, string hash);

    /// <summary>A new hash for a verified password whose <paramref name="hash"/> is cheaper to guess than the configuration demands; otherwise null.</summary>
    string? Upgrade(string password, string hash) => null;

    /// <summary>A hash that no password fits, as expensive as a real one: what unknown logins are compared with.</summary>
    string UnknownHash { get; }
}
