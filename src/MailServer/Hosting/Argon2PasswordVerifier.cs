using MailServer.Actors.Authentication;
using MailServer.Configuration;
using MailServer.Storage.Directory;

namespace MailServer.Hosting;

/// <summary>Verifies passwords against the Argon2id hashes of the directory.</summary>
internal sealed class Argon2PasswordVerifier(SecurityOptions options) : IPasswordVerifier
{
    private readonly PasswordHasher _hasher = new(options.HasherOptions);
    private readonly Lazy<string> _unknown = new(() => new PasswordHasher(options.HasherOptions).Hash(Guid.NewGuid().ToString("N")).Hash);

    public string UnknownHash => _unknown.Value;

    public bool Verify(string password, string hash) => PasswordHasher.Verify(password, hash);

    public string? Upgrade(string password, string hash) => _hasher.NeedsRehash(hash) ? _hasher.Hash(password).Hash : null;
}
