namespace MailServer.Actors.Authentication;

/// <summary>
/// The expensive comparison of a password with its Argon2id hash. Implementations are thread-safe and take the same time for wrong and correct passwords.
/// </summary>
public interface IPasswordVerifier
{
    bool Verify(string password, string hash);

    /// <summary>A hash that matches no password, as expensive as a real one; used for unknown logins.</summary>
    string UnknownHash { get; }
}
