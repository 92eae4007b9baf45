using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;

namespace MailServer.Storage.Postgres;

/// <summary>
/// The directory in PostgreSQL, for the nodes of a cluster. Any thread may ask.
/// <para>
/// Answers are remembered until the listener hears of a change, on whichever node it was made; a node's own changes are seen by its next question.
/// Without the database, questions with a remembered answer are answered, the others fail (<see cref="DirectoryRefusal.DatabaseUnusable"/>), and
/// sessions say that it is temporary. When it is back, everything remembered is dropped.
/// </para>
/// </summary>
public sealed class PostgresDirectory : IDirectoryStore
{
    private readonly Lock _lock = new();
    private readonly PostgresWork _work;
    private readonly ChangeListener? _listener;
    private readonly Remembered<EmailAddress, RecipientResolution> _resolutions;
    private readonly Remembered<string, bool> _hosted;
    private readonly Remembered<EmailAddress, AccountCredentials?> _logins;
    private readonly Remembered<(AccountId, EmailAddress), bool> _senders;
    private readonly Remembered<AccountId, Account?> _accounts;
    private readonly Remembered<AccountId, IReadOnlyList<EmailAddress>> _addresses;
    private long _version;

    private PostgresDirectory(PostgresWork work, ChangeListener? listener, TimeProvider time, Action<string, string, string>? audit, AccountFolders? folders)
    {
        _work = work;
        _listener = listener;
        var administration = new DirectoryAdministration(new Noticed(this), time, folders);
        Administration = audit is null ? administration : new AuditedAdministration(administration, audit);
        _resolutions = new(this, static (q, address) => new AddressResolver(q).Resolve(address));
        _hosted = new(this, static (q, domain) => q.IsHosted(domain));
        _logins = new(this, static (q, login) => q.FindLogin(login));
        _senders = new(this, static (q, key) => new AddressResolver(q).LeadsTo(key.Item1, key.Item2));
        _accounts = new(this, static (q, id) => q.FindAccount(id));
        _addresses = new(this, static (q, account) => new AddressResolver(q).AddressesOf(account));
        if (listener is not null) listener.Subscribe(OnChanged);
    }

    public IDirectoryAdministration Administration { get; }

    public int MigrationsApplied { get; private init; }

    private PostgresDatabase? Owned { get; init; }

    public long Version => Volatile.Read(ref _version);

    /// <summary>Opens the directory and brings its tables up to date.</summary>
    /// <param name="database">The shared database; without a listener it is the directory's own and closed with it.</param>
    /// <param name="create">Make the tables when there are none; otherwise their absence is refused.</param>
    /// <param name="listener">Who hears of changes; null: nothing is remembered.</param>
    /// <param name="time">The clock for the dates of what is added.</param>
    /// <param name="audit">Is told what was changed: kind, account, detail.</param>
    /// <param name="folders">The accounts' folders, which keep ids from being given twice; null: there are none.</param>
    public static PostgresDirectory Open(
        PostgresDatabase database, bool create, ChangeListener? listener, TimeProvider time, Action<string, string, string>? audit = null, AccountFolders? folders = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        var steps = database.Prepare(create);
        return new PostgresDirectory(new PostgresWork(database, time), listener, time, audit, folders) { MigrationsApplied = steps, Owned = listener is null ? database : null };
    }

    public async ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) =>
        DirectoryCache.AsAsked(await _resolutions.GetAsync(address, cancel), address);

    public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => _hosted.GetAsync(domain, cancel);

    public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => _logins.GetAsync(login, cancel);

    public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => _senders.GetAsync((account, sender), cancel);

    public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => _addresses.GetAsync(account, cancel);

    public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => _accounts.GetAsync(account, cancel);

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
            _hosted.Clear();
            _logins.Clear();
            _senders.Clear();
            _accounts.Clear();
            _addresses.Clear();
        }
    }

    /// <summary>Changes of this node, which its own next question sees without waiting to hear of them.</summary>
    private sealed class Noticed(PostgresDirectory directory) : IDirectoryDatabase
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

    /// <summary>Answers of one kind, "there is none" among them.</summary>
    private sealed class Remembered<TKey, TAnswer>(PostgresDirectory directory, Func<IDirectoryQuestions, TKey, TAnswer> find) where TKey : notnull
    {
        // A peer chooses which addresses are asked for: past this many answers they begin anew.
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

        /// <summary>Under the directory's lock.</summary>
        public void Clear() => _answers.Clear();

        private async ValueTask<TAnswer> FindAsync(TKey key, long version, CancellationToken cancel)
        {
            var answer = await directory._work.ReadAsync(connection => find(new PostgresQuestions((Npgsql.NpgsqlConnection)connection), key), cancel);
            lock (directory._lock)
            {
                // What was read before a change and comes back after it is not worth remembering.
                if (directory._listener is null || directory._version != version) return answer;
                if (_answers.Count >= MaxAnswers) _answers.Clear();
                _answers[key] = answer;
            }

            return answer;
        }
    }
}
