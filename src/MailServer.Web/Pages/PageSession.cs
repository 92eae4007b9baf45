using System.Diagnostics.CodeAnalysis;
using System.Net;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Web.Pages;

/// <summary>The session of a signed-in browser.</summary>
/// <param name="account">The account.</param>
/// <param name="address">The address of the account.</param>
/// <param name="password">The account's own password at sign-in. The session ends if the password changes.</param>
/// <param name="startedAt">The time of sign-in.</param>
public sealed class PageSession(AccountId account, EmailAddress address, CredentialFingerprint password, DateTimeOffset startedAt)
{
    private PageNotice? _notice;

    public AccountId Account { get; } = account;

    public EmailAddress Address { get; } = address;

    public CredentialFingerprint Password { get; set; } = password;

    public DateTimeOffset StartedAt { get; } = startedAt;

    /// <summary>True if a code was proved in this session.</summary>
    public bool HasSecondFactor { get; set; }

    /// <summary>The address that signed in; null if it was not recorded.</summary>
    public IPAddress? Peer { get; init; }

    /// <summary>The browser that signed in (<see cref="BrowserName"/>); empty if unknown.</summary>
    public string Browser { get; init; } = "";

    public DateTimeOffset LastUsedAt { get; set; } = startedAt;

    /// <summary>The last use as it is stored, which is written less often.</summary>
    internal DateTimeOffset StoredUse { get; set; } = startedAt;

    /// <summary>A new TOTP secret that is not confirmed yet.</summary>
    public byte[]? NewTotpKey { get; set; }

    /// <summary>The results of the forms that the session has posted recently; null until the session is added.</summary>
    internal FormOutcomes? Outcomes { get; set; }

    /// <summary>Whether the account still exists, is enabled and has the password of this session.</summary>
    public bool IsValidFor([NotNullWhen(true)] AccountCredentials? credentials) =>
        credentials is { Account.Enabled: true } && credentials.Account.Id == Account && credentials.OwnPasswordFingerprint == Password;

    /// <summary>Sets the notice for the next page.</summary>
    public void SetNotice(PageNotice notice) => _notice = notice;

    public PageNotice? TakeNotice() => Interlocked.Exchange(ref _notice, null);
}

/// <summary>The result of the last action, shown on the next page.</summary>
public sealed record PageNotice(string Text, bool IsError);
