using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MailServer.Storage.Directory;

/// <summary>Directory lookups on one SQLite connection. Not thread-safe.</summary>
internal sealed class SqliteDirectoryQueries : IDirectoryQueries, IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly sqlite3_stmt _dataVersion;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _end;
    private readonly SqliteCommand _domain;
    private readonly SqliteCommand _accountByKey;
    private readonly SqliteCommand _accountById;
    private readonly SqliteCommand _login;
    private readonly SqliteCommand _appPasswords;
    private readonly SqliteCommand _aliasTargets;
    private readonly SqliteCommand _firstAccount;
    private readonly SqliteCommand _aliasesOf;
    private readonly SqliteCommand _patterns;
    private readonly SqliteCommand _otherNames;
    private readonly SqliteCommand _list;
    private readonly SqliteCommand _listMembers;
    private readonly SqliteCommand _sharers;

    public SqliteDirectoryQueries(string path)
    {
        _path = path;
        _connection = DirectoryConnection.Open(path, create: false);
        if (raw.sqlite3_prepare_v2(_connection.Handle, "PRAGMA data_version", out _dataVersion) != raw.SQLITE_OK) throw Unusable();
        _begin = _connection.Prepare("BEGIN");
        _end = _connection.Prepare("COMMIT");
        _domain = _connection.Prepare(DirectorySql.Domain, "@name");
        _accountByKey = _connection.Prepare(DirectorySql.AccountByKey, "@key");
        _accountById = _connection.Prepare(DirectorySql.AccountById, "@id");
        _login = _connection.Prepare(DirectorySql.Login, "@key");
        _appPasswords = _connection.Prepare(DirectorySql.AppPasswords, "@id");
        _aliasTargets = _connection.Prepare(DirectorySql.AliasTargets, "@key");
        _aliasesOf = _connection.Prepare(DirectorySql.AliasesOf, "@key");
        _firstAccount = _connection.Prepare(DirectorySql.FirstAccount, "@name");
        _patterns = _connection.Prepare(DirectorySql.Patterns, "@name");
        _otherNames = _connection.Prepare(DirectorySql.OtherNames, "@name");
        _list = _connection.Prepare(DirectorySql.List, "@key");
        _listMembers = _connection.Prepare(DirectorySql.ListMembers, "@key");
        _sharers = _connection.Prepare(DirectorySql.Sharers, "@id");
    }

    /// <summary>Returns a number that changes when another connection of any process commits.</summary>
    public long DataVersion()
    {
        if (raw.sqlite3_step(_dataVersion) != raw.SQLITE_ROW) throw Unusable();
        var version = raw.sqlite3_column_int64(_dataVersion, 0);
        raw.sqlite3_reset(_dataVersion);
        return version;
    }

    /// <summary>Runs a lookup of several statements on one snapshot, so that concurrent changes cannot produce an inconsistent result.</summary>
    public T InSnapshot<T>(Func<T> question)
    {
        _begin.ExecuteNonQuery();
        try
        {
            return question();
        }
        finally
        {
            _end.ExecuteNonQuery();
        }
    }

    public void CopyTo(string file)
    {
        using var copy = _connection.Prepare("VACUUM INTO @file", "@file");
        copy.Parameters[0].Value = file;
        copy.ExecuteNonQuery();
    }

    public HostedDomain? FindDomain(string domain) => First(_domain, domain, DirectoryRows.Domain);

    public Account? FindAccount(EmailAddress address) => First(_accountByKey, address.Key, DirectoryRows.Account);

    public Account? FindAccount(AccountId id) => First(_accountById, id.Value, DirectoryRows.Account);

    public Account? FirstAccount(string domain) => First(_firstAccount, domain, DirectoryRows.Account);

    /// <summary>Requires several statements; see <see cref="InSnapshot"/>.</summary>
    public AccountCredentials? FindLogin(EmailAddress login)
    {
        if (First(_login, login.Key, DirectoryRows.Credentials) is not { } found) return null;
        _appPasswords.Parameters[0].Value = found.Account.Id.Value;
        using var rows = _appPasswords.ExecuteReader();
        var passwords = new List<AppPassword>();
        while (rows.Read()) passwords.Add(DirectoryRows.AppPassword(rows));
        return passwords.Count == 0 ? found : found with { AppPasswords = passwords };
    }

    /// <summary>Returns the targets of the alias with <paramref name="key"/>, and whether it is enabled; empty if there is none.</summary>
    public (List<EmailAddress> Targets, bool Enabled) AliasTargets(string key)
    {
        _aliasTargets.Parameters[0].Value = key;
        using var rows = _aliasTargets.ExecuteReader();
        var targets = new List<EmailAddress>();
        var isEnabled = true;
        while (rows.Read())
        {
            targets.Add(EmailAddress.Parse(rows.GetString(0)));
            isEnabled = rows.GetInt32(1) != 0;
        }

        return (targets, isEnabled);
    }

    public List<string> PatternsOf(string domain) => All(_patterns, domain, static row => EmailAddress.Parse(row.GetString(0)).Local);

    public List<string> OtherNamesOf(string domain) => All(_otherNames, domain, static row => row.GetString(0));

    /// <summary>Requires several statements; see <see cref="InSnapshot"/>.</summary>
    public MailingList? FindList(string key) => First(_list, key, DirectoryRows.List) is { } list
        ? list with { Members = All(_listMembers, key, static row => EmailAddress.Parse(row.GetString(0))) }
        : null;

    /// <summary>Returns the enabled aliases with this target, except catch-alls and patterns.</summary>
    public List<EmailAddress> AliasesOf(string targetKey)
    {
        _aliasesOf.Parameters[0].Value = targetKey;
        using var rows = _aliasesOf.ExecuteReader();
        var aliases = new List<EmailAddress>();
        while (rows.Read())
            if (EmailAddress.TryParse(rows.GetString(0), out var alias)) aliases.Add(alias);
        return aliases;
    }

    public IReadOnlyList<Account> Sharers(AccountId guest)
    {
        _sharers.Parameters[0].Value = guest.Value;
        using var rows = _sharers.ExecuteReader();
        var sharers = new List<Account>();
        while (rows.Read()) sharers.Add(DirectoryRows.Account(rows));
        return sharers;
    }

    public void Dispose()
    {
        foreach (var command in new[] { _begin, _end, _domain, _accountByKey, _accountById, _login, _appPasswords, _aliasTargets, _aliasesOf, _firstAccount, _patterns, _otherNames, _list, _listMembers, _sharers }) command.Dispose();
        _dataVersion.Dispose();
        _connection.Dispose();
    }

    private static T? First<T>(SqliteCommand command, object parameter, Func<SqliteDataReader, T> row)
    {
        command.Parameters[0].Value = parameter;
        using var rows = command.ExecuteReader();
        return rows.Read() ? row(rows) : default;
    }

    private static List<T> All<T>(SqliteCommand command, object parameter, Func<SqliteDataReader, T> row)
    {
        command.Parameters[0].Value = parameter;
        using var rows = command.ExecuteReader();
        var found = new List<T>();
        while (rows.Read()) found.Add(row(rows));
        return found;
    }

    private DirectoryException Unusable() =>
        new(DirectoryRefusal.DatabaseUnusable, _path, new InvalidOperationException(raw.sqlite3_errmsg(_connection.Handle).utf8_to_string()));
}
