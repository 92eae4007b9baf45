using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Timing;

namespace MailServer.Domain.Accounts;

/// <summary>An invitation: with its link the user of an account chooses the password, once. Only a digest of the secret in the link is stored.</summary>
/// <param name="Address">The account.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it stops working.</param>
/// <param name="UsedAt">When it was used; null if it was not.</param>
public sealed record Invitation(EmailAddress Address, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt)
{
    /// <summary>How long invitations are valid unless another time is chosen.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(7);

    /// <summary>The longest time for which an invitation can be valid.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(90);

    /// <summary>Whether it can no longer be used. An end that is further away than when it was made was set by a wrong clock, and has passed.</summary>
    public bool HasEndedAt(DateTimeOffset now) => UsedAt is not null || StoredTime.IsDue(ExpiresAt, now, ExpiresAt - CreatedAt);

    /// <summary>open, used or expired.</summary>
    public string StateAt(DateTimeOffset now) => UsedAt is not null ? "used" : HasEndedAt(now) ? "expired" : "open";
}

/// <summary>An invitation to be stored: the digest of its secret, and when it expires.</summary>
public sealed record NewInvitation(byte[] Digest, DateTimeOffset ExpiresAt);

/// <summary>The secrets in the links of invitations: 256 random bits. They cannot be guessed, so one round of SHA-256 is enough.</summary>
public static class InvitationSecret
{
    /// <summary>The path of the page that accepts an invitation, followed by the secret.</summary>
    public const string PathAndName = "/invitation?key=";

    private const int Octets = 32;
    private const int Length = 43;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Octets));

    /// <summary>The digest of a secret; null if the text cannot be one.</summary>
    public static byte[]? DigestOf(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        // Base64Url.IsValid skips blanks, so it would accept a shorter text.
        return secret.Length == Length && Base64Url.IsValid(secret, out var octets) && octets == Octets ? SHA256.HashData(Encoding.ASCII.GetBytes(secret)) : null;
    }
}
