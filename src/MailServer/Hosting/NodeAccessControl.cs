using System.Security.Cryptography;
using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Configuration;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Storage.Access;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Access control of a node: authentication, bans and the audit log.</summary>
internal sealed class NodeAccessControl : IDisposable
{
    private const string SecretFileName = "sign-in.key";

    private readonly AccessStore _store;

    public NodeAccessControl(MailServerOptions options, SharedStores shared, Limits limits, StoreProblems stores, ILoggerFactory loggers)
    {
        _store = AccessStore.Open(options.Storage.AccessPath, stores);
        Audit = new AuditWriter(_store, limits, TimeProvider.System, loggers.CreateLogger<AuditWriter>());
        Bans = new BanList(shared.Bans ?? _store, limits, TimeProvider.System, Audit, loggers.CreateLogger<BanList>());
        shared.WhenBansChange(Bans.Reload);
        var patience = new LoginGuardOptions { BanAfter = options.Security.BanAfter, BanTime = options.Security.BanTime, Exempt = options.Security.BanExempt };
        Guard = new LoginGuard(patience, Bans, limits, TimeProvider.System, Audit);
    }

    public AuditWriter Audit { get; }

    /// <summary>The sessions of the web page; each node has its own.</summary>
    public IPageSessionStore PageSessions => _store;

    public BanList Bans { get; }

    public LoginGuard Guard { get; }

    /// <summary>Creates the authenticator.</summary>
    /// <param name="directory">The credentials.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="problems">Receives a report when the secret for unknown logins is unusable.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="loggers">Creates its logger.</param>
    public Authenticator Authenticator(IDirectoryStore directory, MailServerOptions options, NodeProblems problems, Limits limits, ILoggerFactory loggers) =>
        new(directory, new Argon2PasswordVerifier(options.Security), Guard, Audit, limits, TimeProvider.System, loggers.CreateLogger<Authenticator>())
        {
            Decoys = new ScramDecoys(OpenSecret(options.Storage, problems), options.Security.HasherOptions.ScramIterations),
            AppPasswordUsed = password => directory.Administration.MarkAppPasswordUsedAsync(password.Id, CancellationToken.None),
            ReplaceHash = (credentials, hash) => directory.Administration.ReplaceHashAsync(credentials.Account.Id, credentials.PasswordHash, hash, CancellationToken.None),
        };

    /// <summary>Reads the secret from which the SCRAM salts of unknown logins are derived. Sign-ins work without it, so a failure does not prevent the start.</summary>
    private static byte[] OpenSecret(StorageOptions storage, NodeProblems problems)
    {
        var file = Path.Combine(storage.DataDir, SecretFileName);
        try
        {
            return SecretFile.ReadOrMakeKey(file, ScramDecoys.SecretLength);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            problems.Report(new NodeProblem(
                SecretFileName,
                $"{file} cannot be used ({e.Message}): until the next restart, SCRAM salts of unknown logins differ from the previous ones",
                "make it readable for the server, or remove it so that a new one is created, then restart"));
            return RandomNumberGenerator.GetBytes(ScramDecoys.SecretLength);
        }
    }

    /// <summary>The newest <paramref name="max"/> audit events.</summary>
    public IReadOnlyList<AuditEvent> ReadAudit(int max) => _store.Read(DateTimeOffset.UnixEpoch, null, max);

    /// <summary>Records a change of the directory by this process in the audit log.</summary>
    public void NoteChange(string kind, string account, string detail) =>
        Audit.Note(new AuditEvent(TimeProvider.System.GetUtcNow(), kind, account, "server", null, detail));

    /// <summary>Closes the store. Call it after <see cref="AuditWriter.DisposeAsync"/>.</summary>
    public void Dispose() => _store.Dispose();
}
