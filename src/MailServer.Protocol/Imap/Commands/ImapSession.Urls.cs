using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Imap.Urls;

namespace MailServer.Protocol.Imap.Commands;

// URLs that name messages (RFC 5092).
public sealed partial class ImapSession
{
    /// <summary>The answer to the last <see cref="ImapEffect.FindAccount"/>; null if there is no such account.</summary>
    internal AccountId? FoundAccount { get; private set; }

    /// <summary>The directory could not be asked.</summary>
    internal bool IsDirectoryUnavailable { get; private set; }

    /// <summary>Answers <see cref="ImapEffect.FindAccount"/>.</summary>
    /// <param name="account">The account; null if there is none.</param>
    /// <param name="isUnavailable">The directory could not be asked.</param>
    public void AnswerAccount(AccountId? account, bool isUnavailable) => (FoundAccount, IsDirectoryUnavailable) = (account, isUnavailable);

    /// <summary>Whether a URL leads to this account on this server: an absolute path, or the name of the server and the login.</summary>
    internal bool IsOwn(ImapUrl url) => url.Host is null || (IsHere(url.Host) && IsUser(url.User));

    /// <summary>Whether a name is that of the account.</summary>
    internal bool IsUser(string? name) => Account is { } account && EmailAddress.TryParse(name, out var address) && address.Key == account.Address.Key;

    // The name that the client has connected to is a name of the server too.
    private bool IsHere(string host) =>
        host.Equals(_options.Hostname, StringComparison.OrdinalIgnoreCase) || (Tls?.ServerName is { } name && host.Equals(name, StringComparison.OrdinalIgnoreCase));
}
