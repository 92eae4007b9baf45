using System.Net;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>A session of the web page as it is stored.</summary>
/// <param name="Digest">The SHA-256 digest of its cookie. The cookie itself is never stored.</param>
/// <param name="Account">The account.</param>
/// <param name="Address">The address of the account.</param>
/// <param name="Password">The fingerprint of the account's own password at sign-in.</param>
/// <param name="StartedAt">The time of sign-in.</param>
/// <param name="LastUsedAt">About the time of the last request.</param>
public sealed record StoredPageSession(string Digest, AccountId Account, EmailAddress Address, CredentialFingerprint Password, DateTimeOffset StartedAt, DateTimeOffset LastUsedAt)
{
    /// <summary>True if a second factor was proved in this session.</summary>
    public bool HasSecondFactor { get; init; }

    /// <summary>The address that signed in; null if it was not recorded.</summary>
    public IPAddress? Peer { get; init; }

    /// <summary>The browser and system, such as <c>Firefox on Linux</c>; empty if unknown.</summary>
    public string Browser { get; init; } = "";
}
