using MailServer.Domain.Accounts;

namespace MailServer.Web.Pages;

/// <summary>A browser that is signed in.</summary>
/// <param name="account">Who.</param>
/// <param name="passwordHash">Of the password that it signed in with: the session ends when that changes.</param>
/// <param name="startedAt">When.</param>
public sealed class PageSession(Account account, string passwordHash, DateTimeOffset startedAt)
{
    private Notice? _notice;

    public Account Account { get; } = account;

    public string PasswordHash { get; set; } = passwordHash;

    public DateTimeOffset StartedAt { get; } = startedAt;

    public DateTimeOffset LastUsedAt { get; set; } = startedAt;

    /// <summary>A secret for codes that waits for the first code of it.</summary>
    public byte[]? NewTotpKey { get; set; }

    /// <summary>Says something on the next page.</summary>
    public void Say(Notice notice) => _notice = notice;

    public Notice? TakeNotice() => Interlocked.Exchange(ref _notice, null);
}

/// <summary>What came of the last action.</summary>
public sealed record Notice(string Text, bool IsFault);
