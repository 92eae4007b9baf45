using System.Security.Cryptography;
using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Configuration;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Health;
using MailServer.Storage.Access;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Who comes in, who is kept out, and what is written down of it.</summary>
internal sealed class NodeAccess : IDisposable
{
    private const string SecretFileName = "sign-in.key";

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

    /// <param name="directory">Where the credentials are.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="problems">Is told when the secret of unknown logins cannot be used.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="loggers">For its log.</param>
    public Authenticator Authenticator(IDirectoryStore directory, MailServerOptions options, NodeProblems problems, Limits limits, ILoggerFactory loggers) =>
        new(directory, new StoredPasswords(options.Security), Guard, Audit, limits, TimeProvider.System, loggers.CreateLogger<Authenticator>())
        {
            Decoys = new ScramDecoys(OpenSecret(options.Storage, problems), options.Security.HasherOptions.ScramIterations),
            AppPasswordUsed = password => directory.Administration.MarkAppPasswordUsedAsync(password.Id, CancellationToken.None),
            ReplaceHash = (credentials, hash) => directory.Administration.ReplaceHashAsync(credentials.Account.Id, credentials.PasswordHash, hash, CancellationToken.None),
        };

    /// <summary>From it the salts of unknown logins are derived. Without the file everybody can sign in all the same, so it never stops a start.</summary>
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
                $"{file} cannot be used ({e.Message}), so until the next restart SCRAM tells unknown logins other salts than before",
                $"make it readable for the server, or remove it so that a new one is made, then restart"));
            return RandomNumberGenerator.GetBytes(ScramDecoys.SecretLength);
        }
    }

    /// <summary>The newest events, at most so many.</summary>
    public IReadOnlyList<AuditEvent> ReadAudit(int max) => _store.Read(DateTimeOffset.UnixEpoch, null, max);

    /// <summary>Writes down what this process changes in the directory.</summary>
    public void NoteChange(string kind, string account, string detail) =>
        Audit.Note(new AuditEvent(TimeProvider.System.GetUtcNow(), kind, account, "server", null, detail));

    /// <summary>After <see cref="AuditWriter.DisposeAsync"/>.</summary>
    public void Dispose() => _store.Dispose();
}
