using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;
using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>Directory lookups on one PostgreSQL connection.</summary>
internal sealed class PostgresDirectoryQueries(NpgsqlConnection connection) : IDirectoryQueries
{
    public HostedDomain? FindDomain(string domain) => connection.ReadAll(DirectorySql.Domain, DirectoryRows.Domain, ("@name", domain)).FirstOrDefault();

    public Account? FindAccount(EmailAddress address) =>
        connection.ReadAll(DirectorySql.AccountByKey, DirectoryRows.Account, ("@key", address.Key)).FirstOrDefault();

    public Account? FindAccount(AccountId id) => connection.ReadAll(DirectorySql.AccountById, DirectoryRows.Account, ("@id", id.Value)).FirstOrDefault();

    public Account? FirstAccount(string domain) =>
        connection.ReadAll(DirectorySql.FirstAccount, DirectoryRows.Account, ("@name", domain)).FirstOrDefault();

    public AccountCredentials? FindLogin(EmailAddress login)
    {
        var found = connection.ReadAll(DirectorySql.Login, DirectoryRows.Credentials, ("@key", login.Key)).FirstOrDefault();
        if (found is null) return null;
        var passwords = connection.ReadAll(DirectorySql.AppPasswords, DirectoryRows.AppPassword, ("@id", found.Account.Id.Value));
        return passwords.Count == 0 ? found : found with { AppPasswords = passwords };
    }

    public (List<EmailAddress> Targets, bool Enabled) AliasTargets(string key)
    {
        var rows = connection.ReadAll(DirectorySql.AliasTargets, static row => (Target: EmailAddress.Parse(row.GetString(0)), Enabled: row.GetInt32(1) != 0), ("@key", key));
        return ([.. rows.Select(static r => r.Target)], rows.TrueForAll(static r => r.Enabled));
    }

    public IReadOnlyList<Account> Sharers(AccountId guest) => connection.ReadAll(DirectorySql.Sharers, DirectoryRows.Account, ("@id", guest.Value));

    public List<EmailAddress> AliasesOf(string targetKey) =>
    [
        .. connection.ReadAll(DirectorySql.AliasesOf, static row => EmailAddress.TryParse(row.GetString(0), out var alias) ? alias : null, ("@key", targetKey))
            .OfType<EmailAddress>(),
    ];

    public List<string> PatternsOf(string domain) => connection.ReadAll(DirectorySql.Patterns, static row => EmailAddress.Parse(row.GetString(0)).Local, ("@name", domain));

    public List<string> OtherNamesOf(string domain) => connection.ReadAll(DirectorySql.OtherNames, static row => row.GetString(0), ("@name", domain));

    public MailingList? FindList(string key)
    {
        if (connection.ReadAll(DirectorySql.List, DirectoryRows.List, ("@key", key)).FirstOrDefault() is not { } list) return null;
        return list with { Members = connection.ReadAll(DirectorySql.ListMembers, static row => EmailAddress.Parse(row.GetString(0)), ("@key", key)) };
    }
}
