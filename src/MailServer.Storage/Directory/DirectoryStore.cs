using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Directory;

/// <summary>
/// The directory in SQLite (<c>mail.db</c>): domains, accounts, aliases, credentials. Safe for use from any thread.
/// <para>
/// Results are cached. Every lookup first checks whether any process has committed a change (<c>PRAGMA data_version</c>, about a microsecond), so the next lookup
/// after a change by the command line sees it. Changes of this process use a second connection and are detected in the same way. One lock guards the reading
/// connection; a cached lookup holds it for about a microsecond, so a connection pool would not help.
/// </para>
/// </summary>
public sealed class DirectoryStore : IDirectoryStore
{
    private readonly Lock _lock = new();
    private readonly DirectoryCache _cache = new();
    private readonly string _path;
    private readonly SqliteDirectoryQueries _reader;
    private readonly SqliteDirectoryDatabase _database;
    private readonly Func<EmailAddress, RecipientResolution> _resolve;
    private readonly Func<string, HostedDomain?> _findDomain;
    private readonly Func<EmailAddress, AccountCredentials?> _findLogin;
    private readonly Func<(AccountId, EmailAddress), bool> _maySendAs;
    private readonly Func<AccountId, Account?> _findAccount;
    private readonly Func<AccountId, IReadOnlyList<EmailAddress>> _addresses;
    private readonly Func<AccountId, IReadOnlyList<Account>> _sharers;
    private long _dataVersion;
    private long _version;

    private DirectoryStore(string path, SqliteDirectoryDatabase database, TimeProvider time, Action<string, string, string>? audit, AccountFolders? folders)
    {
        _path = path;
        _database = database;
        var administration = new DirectoryAdministration(database, time, folders);
        Administration = audit is null ? administration : new AuditedAdministration(administration, audit);
        _reader = new SqliteDirectoryQueries(path);
        var resolver = new AddressResolver(_reader);
        _resolve = address => _reader.InSnapshot(() => resolver.Resolve(address));
        _findDomain = _reader.FindDomain;
        _findLogin = login => _reader.InSnapshot(() => _reader.FindLogin(login));
        _maySendAs = key => _reader.InSnapshot(() => resolver.LeadsTo(key.Item1, key.Item2));
        _findAccount = _reader.FindAccount;
        _sharers = _reader.Sharers;
        _addresses = account => _reader.InSnapshot(() => resolver.AddressesOf(account));
    }

    /// <summary>Performs changes.</summary>
    public IDirectoryAdministration Administration { get; }

    /// <summary>Number of migrations applied when the database was opened.</summary>
    public int MigrationsApplied => _database.MigrationsApplied;

    /// <summary>A number that increases with every change of the directory by any process. Compare it to detect changes of cached data.</summary>
    public long Version
    {
        get
        {
            lock (_lock)
            {
                Refresh();
                return _version;
            }
        }
    }

    /// <summary>Opens mail.db and applies missing migrations.</summary>
    /// <param name="path">The database file.</param>
    /// <param name="create">Create the file if it is missing; otherwise a missing file is an error.</param>
    /// <param name="time">Time source for creation dates.</param>
    /// <param name="audit">Called after each change with kind, account and detail.</param>
    /// <param name="folders">The account folders, which prevent reuse of ids; null if there are none.</param>
    public static DirectoryStore Open(string path, bool create, TimeProvider time, Action<string, string, string>? audit = null, AccountFolders? folders = null)
    {
        var database = SqliteDirectoryDatabase.Open(path, create);
        try
        {
            return new DirectoryStore(path, database, time, audit, folders);
        }
        catch (DirectoryException)
        {
            database.Dispose();
            throw;
        }
    }

    public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) =>
        Ask((this, address), static q => q.Item1._cache.Resolution(q.address, q.Item1._resolve));

    public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) =>
        Ask((this, domain), static q => q.Item1._cache.Domain(q.domain, q.Item1._findDomain) is not null);

    public ValueTask<HostedDomain?> FindDomainAsync(string domain, CancellationToken cancel) =>
        Ask((this, domain), static q => q.Item1._cache.Domain(q.domain, q.Item1._findDomain));

    public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) =>
        Ask((this, login), static q => q.Item1._cache.Login(q.login, q.Item1._findLogin));

    public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) =>
        Ask((this, account, sender), static q => q.Item1._cache.MaySendAs(q.account, q.sender, q.Item1._maySendAs));

    public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) =>
        Ask((this, account), static q => q.Item1._cache.Account(q.account, q.Item1._findAccount));

    public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) =>
        Ask((this, account), static q => q.Item1._cache.Addresses(q.account, q.Item1._addresses));

    public ValueTask<IReadOnlyList<Account>> SharersAsync(AccountId guest, CancellationToken cancel) =>
        Ask((this, guest), static q => q.Item1._cache.Sharers(q.guest, q.Item1._sharers));

    public async ValueTask AddShareAsync(AccountId owner, AccountId? guest, CancellationToken cancel) =>
        await _database.ChangeAsync(connection => connection.Execute(DirectorySql.AddShare, ("@owner", owner.Value), ("@guest", guest?.Value ?? 0)));

    /// <summary>Writes a copy of the database to a new file, even if the open file has been unlinked.</summary>
    internal void CopyTo(string file)
    {
        lock (_lock) _reader.CopyTo(file);
    }

    public void Dispose()
    {
        lock (_lock) _reader.Dispose();
        _database.Dispose();
    }

    private ValueTask<TAnswer> Ask<TQuestion, TAnswer>(TQuestion question, Func<TQuestion, TAnswer> answer)
    {
        lock (_lock)
        {
            try
            {
                Refresh();
                return new ValueTask<TAnswer>(answer(question));
            }
            catch (SqliteException e)
            {
                throw DirectoryConnection.Translate(e, _path);
            }
        }
    }

    private void Refresh()
    {
        var seen = _reader.DataVersion();
        if (seen == _dataVersion) return;
        _dataVersion = seen;
        _version++;
        _cache.Clear();
    }
}
