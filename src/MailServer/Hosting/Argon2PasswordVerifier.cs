using MailServer.Actors.Authentication;
using MailServer.Configuration;
using MailServer.Storage.Directory;

namespace MailServer.Hosting;

/// <summary>Verifies passwords against the Argon2id hashes of the directory.</summary>
internal sealed class Argon2PasswordVerifier(SecurityOptions options) : IPasswordVerifier
{
    private readonly PasswordHasher _hasher = new(options.HasherOptions);

    // No hash: comparing with it takes as much work as with any other.
    public string UnknownHash => "";

    public bool Verify(string password, string hash) => _hasher.VerifyAtEqualCost(password, hash);

    public string? Upgrade(string password, string hash) => _hasher.NeedsRehash(hash) ? _hasher.Hash(password).Hash : null;
}
