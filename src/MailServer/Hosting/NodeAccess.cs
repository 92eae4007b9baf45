using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Configuration;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Storage.Access;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Who comes in, who is kept out, and what is written down of it.</summary>
internal sealed class NodeAccess : IDisposable
{
    private readonly AccessStore _store;

    public NodeAccess(MailServerOptions options, SharedParts shared, Limits limits, StoreProblems stores, ILoggerFactory loggers)
    {
        _store = AccessStore.Open(options.Storage.AccessPath, stores);
        Audit = new AuditWriter(_store, limits, TimeProvider.System, loggers.CreateLogger<AuditWriter>());
        Bans = new BanList(shared.Bans ?? _store, limits, TimeProvider.System, Audit, loggers.CreateLogger<BanList>());
        shared.WhenBansChange(Bans.Reload);
        var patience = new LoginGuardOptions { BanAfter = options.Security.BanAfter, BanTime = options.Security.BanTime, Exempt = options.Security.BanExempt };
        Guard = new LoginGuard(patience, Bans, limits, TimeProvider.System, Audit);
    }

    public AuditWriter Audit { get; }

    public BanList Bans { get; }

    private LoginGuard Guard { get; }

    public Authenticator Authenticator(IDirectoryStore directory, IPasswordVerifier passwords, ILoggerFactory loggers) =>
        new(directory, passwords, TimeProvider.System, loggers.CreateLogger<Authenticator>())
        {
            Guard = Guard,
            Audit = Audit,
            AppPasswordUsed = password => directory.Administration.MarkAppPasswordUsedAsync(password.Id, CancellationToken.None),
        };

    /// <summary>The newest events, at most so many.</summary>
    public IReadOnlyList<AuditEvent> ReadAudit(int max) => _store.Read(DateTimeOffset.UnixEpoch, null, max);

    /// <summary>Writes down what this process changes in the directory.</summary>
    public void NoteChange(string kind, string account, string detail) =>
        Audit.Note(new AuditEvent(TimeProvider.System.GetUtcNow(), kind, account, "server", null, detail));

    /// <summary>After <see cref="AuditWriter.DisposeAsync"/>.</summary>
    public void Dispose() => _store.Dispose();
}
