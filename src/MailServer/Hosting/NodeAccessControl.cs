using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Actors.Queue;
using MailServer.Configuration;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Storage.Access;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Access control of a node: authentication, bans and the audit log.</summary>
internal sealed class NodeAccessControl : IDisposable
{
    private readonly AccessStore _store;

    public NodeAccessControl(MailServerOptions options, SharedStores shared, Limits limits, StoreProblems stores, ILoggerFactory loggers)
    {
        _store = AccessStore.Open(options.Storage.AccessPath, stores);
        Audit = new AuditWriter(_store, limits, TimeProvider.System, loggers.CreateLogger<AuditWriter>());
        Bans = new BanList(shared.Bans ?? _store, limits, TimeProvider.System, Audit, loggers.CreateLogger<BanList>());
        shared.WhenBansChange(Bans.Reload);
        Pauses = new QueuePauses(shared.Pauses ?? _store, TimeProvider.System, Audit, loggers.CreateLogger<QueuePauses>());
        shared.WhenPausesChange(Pauses.Reload);
        var patience = new LoginGuardOptions { BanAfter = options.Security.BanAfter, BanTime = options.Security.BanTime, Exempt = options.Security.BanExempt };
        Guard = new LoginGuard(patience, Bans, limits, TimeProvider.System, Audit);
    }

    public AuditWriter Audit { get; }

    /// <summary>The sessions of the web page; each node has its own.</summary>
    public IPageSessionStore PageSessions => _store;

    public BanList Bans { get; }

    /// <summary>The destinations to which nothing is sent for now.</summary>
    public QueuePauses Pauses { get; }

    public LoginGuard Guard { get; }

    /// <summary>Creates the authenticator.</summary>
    /// <param name="directory">The credentials.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="keys">Has the secret for unknown logins.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="loggers">Creates its logger.</param>
    public Authenticator Authenticator(IDirectoryStore directory, MailServerOptions options, KeyFiles keys, Limits limits, ILoggerFactory loggers) =>
        new(directory, new Argon2PasswordVerifier(options.Security), Guard, Audit, limits, TimeProvider.System, loggers.CreateLogger<Authenticator>())
        {
            Decoys = new ScramDecoys(keys.OpenSignInKey(), options.Security.HasherOptions.ScramIterations),
            AppPasswordUsed = password => directory.Administration.MarkAppPasswordUsedAsync(password.Id, CancellationToken.None),
            ReplaceHash = (credentials, hash) => directory.Administration.ReplaceHashAsync(credentials.Account.Id, credentials.PasswordHash, hash, CancellationToken.None),
        };

    /// <summary>The newest matching audit events.</summary>
    public AuditPage ReadAudit(AuditFilter filter) => _store.Find(filter);

    /// <summary>The newest <paramref name="max"/> audit events of an account.</summary>
    public IReadOnlyList<AuditEvent> ReadAuditOf(string account, int max) => _store.Read(DateTimeOffset.UnixEpoch, account, max);

    /// <summary>Records a change of the directory by this process in the audit log.</summary>
    public void NoteChange(string kind, string account, string detail) =>
        Audit.Note(new AuditEvent(TimeProvider.System.GetUtcNow(), kind, account, "server", null, detail));

    /// <summary>Closes the store. Call it after <see cref="AuditWriter.DisposeAsync"/>.</summary>
    public void Dispose() => _store.Dispose();
}
