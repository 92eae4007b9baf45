using MailServer.Actors.Authentication;
using MailServer.Configuration;
using MailServer.Storage.Directory;

namespace MailServer.Hosting;

/// <summary>Verifies passwords against the Argon2id hashes of the directory.</summary>
internal sealed class StoredPasswords(SecurityOptions options) : IPasswordVerifier
{
    private readonly Lazy<string> _unknown = new(() =>
        new PasswordHasher(options.HasherOptions).Hash(Guid.NewGuid().ToString("N")).Hash);

    public string UnknownHash => _unknown.Value;

    public bool Verify(string password, string hash) => PasswordHasher.Verify(password, hash);
}
