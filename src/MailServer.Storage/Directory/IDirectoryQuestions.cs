using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

/// <summary>The single questions to the tables of a directory, of which the answers of <see cref="IDirectory"/> are made.</summary>
internal interface IDirectoryQuestions
{
    bool IsHosted(string domain);

    Account? FindAccount(EmailAddress address);

    Account? FindAccount(AccountId id);

    /// <summary>The oldest enabled account of a domain.</summary>
    Account? FirstAccount(string domain);

    AccountCredentials? FindLogin(EmailAddress login);

    /// <summary>Where the alias with <paramref name="key"/> leads; empty when there is none.</summary>
    List<EmailAddress> AliasTargets(string key);

    /// <summary>The aliases with this target; a catch-all is none.</summary>
    List<EmailAddress> AliasesOf(string targetKey);
}
