using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

/// <summary>Elementary lookups in the directory tables, from which <see cref="IDirectory"/> is implemented.</summary>
internal interface IDirectoryQueries
{
    /// <summary>Returns a hosted domain; null if it is not hosted here.</summary>
    HostedDomain? FindDomain(string domain);

    Account? FindAccount(EmailAddress address);

    Account? FindAccount(AccountId id);

    /// <summary>Returns the oldest enabled account of a domain.</summary>
    Account? FirstAccount(string domain);

    AccountCredentials? FindLogin(EmailAddress login);

    /// <summary>Returns the targets of the alias with <paramref name="key"/>, and whether it is enabled; empty if there is none.</summary>
    (List<EmailAddress> Targets, bool Enabled) AliasTargets(string key);

    /// <summary>Returns the enabled aliases with this target, except catch-alls and patterns.</summary>
    List<EmailAddress> AliasesOf(string targetKey);

    /// <summary>Returns the local parts of the patterns of a domain.</summary>
    List<string> PatternsOf(string domain);

    /// <summary>Returns the domains that are aliases of this one.</summary>
    List<string> OtherNamesOf(string domain);

    /// <summary>Returns a mailing list with its members; null if there is none.</summary>
    MailingList? FindList(string key);

    /// <summary>Returns the accounts that may share mail folders with this one.</summary>
    IReadOnlyList<Account> Sharers(AccountId guest);
}
