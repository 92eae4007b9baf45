using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;

namespace MailServer.Storage.Postgres;

/// <summary>
/// The directory in PostgreSQL, for the nodes of a cluster. Safe for use from any thread.
/// <para>
/// Results are cached until the listener reports a change by any node; a node's own changes take effect with its next lookup. While the database is unavailable,
/// cached lookups succeed and others fail temporarily (<see cref="DirectoryRefusal.DatabaseUnusable"/>). When it is available again, the cache is cleared.
/// </para>
/// </summary>
public sealed class PostgresDirectory : IDirectoryStore
{
    private readonly Lock _lock = new();
    private readonly PostgresExecutor _work;
    private readonly ChangeListener? _listener;
    private readonly AnswerCache<EmailAddress, RecipientResolution> _resolutions;
    private readonly AnswerCache<string, HostedDomain?> _domains;
    private readonly AnswerCache<EmailAddress, AccountCredentials?> _logins;
    private readonly AnswerCache<(AccountId, EmailAddress), bool> _senders;
    private readonly AnswerCache<AccountId, Account?> _accounts;
    private readonly AnswerCache<AccountId, IReadOnlyList<EmailAddress>> _addresses;
    private readonly AnswerCache<AccountId, IReadOnlyList<Account>> _sharers;
    private readonly InvalidatingDatabase _changes;
    private long _version;

    private PostgresDirectory(PostgresExecutor work, ChangeListener? listener, TimeProvider time, Action<string, string, string>? audit, AccountFolders? folders)
    {
        _work = work;
        _listener = listener;
        var administration = new DirectoryAdministration(_changes = new InvalidatingDatabase(this), time, folders);
        Administration = audit is null ? administration : new AuditedAdministration(administration, audit);
        _resolutions = new(this, static (q, address) => new AddressResolver(q).Resolve(address));
        _domains = new(this, static (q, domain) => q.FindDomain(domain));
        _logins = new(this, static (q, login) => q.FindLogin(login));
        _senders = new(this, static (q, key) => new AddressResolver(q).LeadsTo(key.Item1, key.Item2));
        _accounts = new(this, static (q, id) => q.FindAccount(id));
        _addresses = new(this, static (q, account) => new AddressResolver(q).AddressesOf(account));
        _sharers = new(this, static (q, guest) => q.Sharers(guest));
        if (listener is not null) listener.Subscribe(OnChanged);
    }

    public IDirectoryAdministration Administration { get; }

    public int MigrationsApplied { get; private init; }

    private PostgresDatabase? Owned { get; init; }

    public long Version => Volatile.Read(ref _version);

    /// <summary>Opens the directory and applies missing migrations.</summary>
    /// <param name="database">The shared database; without a listener it is owned and closed by the directory.</param>
    /// <param name="create">Create the tables if they are missing; otherwise missing tables are an error.</param>
    /// <param name="listener">Reports changes; null disables caching.</param>
    /// <param name="time">Time source for creation dates.</param>
    /// <param name="audit">Called after each change with kind, account and detail.</param>
    /// <param name="folders">The account folders, which prevent reuse of ids; null if there are none.</param>
    public static PostgresDirectory Open(
        PostgresDatabase database, bool create, ChangeListener? listener, TimeProvider time, Action<string, string, string>? audit = null, AccountFolders? folders = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        var steps = database.Migrate(create);
        return new PostgresDirectory(new PostgresExecutor(database, time), listener, time, audit, folders) { MigrationsApplied = steps, Owned = listener is null ? database : null };
    }

    public async ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) =>
        DirectoryCache.WithRequestedSpelling(await _resolutions.GetAsync(address, cancel), address);

    public async ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => await _domains.GetAsync(domain, cancel) is not null;

    public ValueTask<HostedDomain?> FindDomainAsync(string domain, CancellationToken cancel) => _domains.GetAsync(domain, cancel);

    public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => _logins.GetAsync(login, cancel);

    public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => _senders.GetAsync((account, sender), cancel);

    public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => _addresses.GetAsync(account, cancel);

    public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => _accounts.GetAsync(account, cancel);

    public ValueTask<IReadOnlyList<Account>> SharersAsync(AccountId guest, CancellationToken cancel) => _sharers.GetAsync(guest, cancel);

    public async ValueTask AddShareAsync(AccountId owner, AccountId? guest, CancellationToken cancel) =>
        await _changes.ChangeAsync(connection => connection.Execute(DirectorySql.AddShare, ("@owner", owner.Value), ("@guest", guest?.Value ?? 0)));

    public void Dispose()
    {
        if (_listener is not null) _listener.Unsubscribe(OnChanged);
        _work.Dispose();
        Owned?.Dispose();
    }

    private void OnChanged(string what)
    {
        if (what == ChangeListener.Directory) Forget();
    }

    private void Forget()
    {
        lock (_lock)
        {
            _version++;
            _resolutions.Clear();
            _domains.Clear();
            _logins.Clear();
            _senders.Clear();
            _accounts.Clear();
            _addresses.Clear();
            _sharers.Clear();
        }
    }

    /// <summary>Clears the cache after each change of this node, so that its next lookup sees the change without waiting for the notification.</summary>
    private sealed class InvalidatingDatabase(PostgresDirectory directory) : IDirectoryDatabase
    {
        public async ValueTask<T> ChangeAsync<T>(Func<System.Data.Common.DbConnection, T> change)
        {
            try
            {
                return await directory._work.ChangeAsync(change);
            }
            finally
            {
                directory.Forget();
            }
        }

        public void RaiseAccountIds(System.Data.Common.DbConnection connection, long id) => directory._work.RaiseAccountIds(connection, id);

        public ValueTask<T> ReadAsync<T>(Func<System.Data.Common.DbConnection, T> read, CancellationToken cancel) => directory._work.ReadAsync(read, cancel);
    }

    /// <summary>A cache of results of one kind, including negative ones.</summary>
    private sealed class AnswerCache<TKey, TAnswer>(PostgresDirectory directory, Func<IDirectoryQueries, TKey, TAnswer> find) where TKey : notnull
    {
        // Clients choose which addresses are looked up, so the cache is bounded and cleared when it is full.
        private const int MaxAnswers = 50_000;

        private readonly Dictionary<TKey, TAnswer> _answers = [];

        public ValueTask<TAnswer> GetAsync(TKey key, CancellationToken cancel)
        {
            long version;
            lock (directory._lock)
            {
                if (_answers.TryGetValue(key, out var answer)) return new ValueTask<TAnswer>(answer);
                version = directory._version;
            }

            return FindAsync(key, version, cancel);
        }

        /// <summary>Must be called under the lock of the directory.</summary>
        public void Clear() => _answers.Clear();

        private async ValueTask<TAnswer> FindAsync(TKey key, long version, CancellationToken cancel)
        {
            var answer = await directory._work.ReadAsync(connection => find(new PostgresDirectoryQueries((Npgsql.NpgsqlConnection)connection), key), cancel);
            lock (directory._lock)
            {
                // A result read before a change must not be cached after it.
                if (directory._listener is null || directory._version != version) return answer;
                if (_answers.Count >= MaxAnswers) _answers.Clear();
                _answers[key] = answer;
            }

            return answer;
        }
    }
}
