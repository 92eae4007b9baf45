using MailServer.Common;
using MailServer.Storage;

namespace MailServer.Commands;

/// <summary>How a command uses the data directory.</summary>
internal enum DataAccessMode
{
    /// <summary>Uses only configuration and keys, no other data of the server.</summary>
    None,

    /// <summary>Reads files and databases that allow concurrent readers.</summary>
    ReadOnly,

    /// <summary>Writes to databases that accept concurrent writers; each change is one transaction.</summary>
    SharedDatabase,

    /// <summary>Writes configuration or keys, which the server only reads.</summary>
    ConfigurationFiles,

    /// <summary>Needs the running server.</summary>
    RunningServer,

    /// <summary>Uses the running server; if none runs, takes the lock and works on the files.</summary>
    ServerOrLock,

    /// <summary>Takes the lock: the server must be stopped.</summary>
    ExclusiveLock,

    /// <summary>Runs the server, which takes the lock itself.</summary>
    RunsServer,
}

/// <summary>
/// The data access of every command, and the lock for those that write without the server. A command without a row throws; a test checks that every
/// command has one.
/// </summary>
internal static class DataAccess
{
    private static readonly Dictionary<string, DataAccessMode> Uses = new(StringComparer.Ordinal)
    {
        ["config check"] = DataAccessMode.None,
        ["version"] = DataAccessMode.None,
        ["help"] = DataAccessMode.None,
        ["completion"] = DataAccessMode.None,
        ["man"] = DataAccessMode.None,
        ["preflight"] = DataAccessMode.None,
        ["spf check"] = DataAccessMode.None,
        ["dmarc check"] = DataAccessMode.None,
        ["arc verify"] = DataAccessMode.None,
        ["sieve check"] = DataAccessMode.None,
        ["mta-sts show"] = DataAccessMode.None,
        ["dane show"] = DataAccessMode.None,
        ["dkim verify"] = DataAccessMode.None,
        ["dkim list"] = DataAccessMode.None,
        ["dkim dns"] = DataAccessMode.None,
        ["backup verify"] = DataAccessMode.None,
        ["backup list"] = DataAccessMode.None,
        ["backup status"] = DataAccessMode.RunningServer,
        ["export"] = DataAccessMode.ReadOnly,
        ["dns records"] = DataAccessMode.ReadOnly,
        ["dns check"] = DataAccessMode.ReadOnly,
        ["domain list"] = DataAccessMode.ReadOnly,
        ["domain show"] = DataAccessMode.ReadOnly,
        ["user list"] = DataAccessMode.ReadOnly,
        ["user show"] = DataAccessMode.ReadOnly,
        ["shared list"] = DataAccessMode.ReadOnly,
        ["user app-password list"] = DataAccessMode.ReadOnly,
        ["user admin list"] = DataAccessMode.ReadOnly,
        ["user invitation list"] = DataAccessMode.ReadOnly,
        ["user totp status"] = DataAccessMode.ReadOnly,
        ["alias list"] = DataAccessMode.ReadOnly,
        ["lists list"] = DataAccessMode.ReadOnly,
        ["lists show"] = DataAccessMode.ReadOnly,
        ["audit"] = DataAccessMode.ReadOnly,
        ["log show"] = DataAccessMode.None,
        ["domain add"] = DataAccessMode.SharedDatabase,
        ["domain quota"] = DataAccessMode.SharedDatabase,
        ["domain catch-all"] = DataAccessMode.SharedDatabase,
        ["domain mta-sts"] = DataAccessMode.SharedDatabase,
        ["domain alias-of"] = DataAccessMode.SharedDatabase,
        ["domain comment"] = DataAccessMode.SharedDatabase,
        ["domain disable"] = DataAccessMode.SharedDatabase,
        ["domain enable"] = DataAccessMode.SharedDatabase,
        ["domain remove"] = DataAccessMode.SharedDatabase,
        ["user import"] = DataAccessMode.SharedDatabase,
        ["user invitation add"] = DataAccessMode.SharedDatabase,
        ["user invitation remove"] = DataAccessMode.SharedDatabase,
        ["user add"] = DataAccessMode.SharedDatabase,
        ["shared add"] = DataAccessMode.SharedDatabase,
        ["shared remove"] = DataAccessMode.SharedDatabase,
        ["user passwd"] = DataAccessMode.SharedDatabase,
        ["user quota"] = DataAccessMode.SharedDatabase,
        ["user remove"] = DataAccessMode.SharedDatabase,
        ["user disable"] = DataAccessMode.SharedDatabase,
        ["user enable"] = DataAccessMode.SharedDatabase,
        ["user app-password add"] = DataAccessMode.SharedDatabase,
        ["user app-password remove"] = DataAccessMode.SharedDatabase,
        ["user app-password require"] = DataAccessMode.SharedDatabase,
        ["user admin grant"] = DataAccessMode.SharedDatabase,
        ["user admin revoke"] = DataAccessMode.SharedDatabase,
        ["user totp enable"] = DataAccessMode.SharedDatabase,
        ["user totp disable"] = DataAccessMode.SharedDatabase,
        ["user totp recovery-codes"] = DataAccessMode.SharedDatabase,
        ["alias add"] = DataAccessMode.SharedDatabase,
        ["alias remove"] = DataAccessMode.SharedDatabase,
        ["alias comment"] = DataAccessMode.SharedDatabase,
        ["alias disable"] = DataAccessMode.SharedDatabase,
        ["alias enable"] = DataAccessMode.SharedDatabase,
        ["lists add"] = DataAccessMode.SharedDatabase,
        ["lists set"] = DataAccessMode.SharedDatabase,
        ["lists subscribe"] = DataAccessMode.SharedDatabase,
        ["lists unsubscribe"] = DataAccessMode.SharedDatabase,
        ["lists disable"] = DataAccessMode.SharedDatabase,
        ["lists enable"] = DataAccessMode.SharedDatabase,
        ["lists remove"] = DataAccessMode.SharedDatabase,
        ["setup"] = DataAccessMode.ConfigurationFiles,
        ["dkim generate"] = DataAccessMode.ConfigurationFiles,
        ["dkim rotate"] = DataAccessMode.ConfigurationFiles,
        ["dkim activate"] = DataAccessMode.ConfigurationFiles,
        ["dkim retire"] = DataAccessMode.ConfigurationFiles,
        ["doctor"] = DataAccessMode.RunningServer,
        ["tls show"] = DataAccessMode.RunningServer,
        ["tls reload"] = DataAccessMode.RunningServer,
        ["tls renew"] = DataAccessMode.RunningServer,
        ["dmarc report list"] = DataAccessMode.RunningServer,
        ["dmarc report summary"] = DataAccessMode.RunningServer,
        ["tls-report summary"] = DataAccessMode.RunningServer,
        ["dmarc report show"] = DataAccessMode.RunningServer,
        ["dmarc report send"] = DataAccessMode.RunningServer,
        ["tls-report list"] = DataAccessMode.RunningServer,
        ["tls-report show"] = DataAccessMode.RunningServer,
        ["tls-report send"] = DataAccessMode.RunningServer,
        ["queue list"] = DataAccessMode.RunningServer,
        ["queue show"] = DataAccessMode.RunningServer,
        ["queue trace"] = DataAccessMode.RunningServer,
        ["queue test"] = DataAccessMode.RunningServer,
        ["queue retry"] = DataAccessMode.RunningServer,
        ["queue hold"] = DataAccessMode.RunningServer,
        ["queue release"] = DataAccessMode.RunningServer,
        ["queue delete"] = DataAccessMode.RunningServer,
        ["queue pause"] = DataAccessMode.RunningServer,
        ["queue resume"] = DataAccessMode.RunningServer,
        ["queue paused"] = DataAccessMode.RunningServer,
        ["status"] = DataAccessMode.RunningServer,
        ["history"] = DataAccessMode.RunningServer,
        ["sessions list"] = DataAccessMode.RunningServer,
        ["sessions show"] = DataAccessMode.RunningServer,
        ["sessions kick"] = DataAccessMode.RunningServer,
        ["sessions tail"] = DataAccessMode.RunningServer,
        ["sessions page list"] = DataAccessMode.RunningServer,
        ["sessions page end"] = DataAccessMode.RunningServer,
        ["sessions top"] = DataAccessMode.RunningServer,
        ["mailboxes list"] = DataAccessMode.RunningServer,
        ["mailboxes show"] = DataAccessMode.RunningServer,
        ["shared grant"] = DataAccessMode.RunningServer,
        ["shared revoke"] = DataAccessMode.RunningServer,
        ["shared rights"] = DataAccessMode.RunningServer,
        ["actors tree"] = DataAccessMode.RunningServer,
        ["log level"] = DataAccessMode.RunningServer,
        ["bans list"] = DataAccessMode.RunningServer,
        ["bans add"] = DataAccessMode.RunningServer,
        ["bans remove"] = DataAccessMode.RunningServer,
        ["bans allow list"] = DataAccessMode.RunningServer,
        ["bans allow add"] = DataAccessMode.RunningServer,
        ["bans allow remove"] = DataAccessMode.RunningServer,
        ["cluster show"] = DataAccessMode.RunningServer,
        ["cluster shards"] = DataAccessMode.RunningServer,
        ["cluster events"] = DataAccessMode.RunningServer,
        ["cluster leave"] = DataAccessMode.RunningServer,
        ["cluster down"] = DataAccessMode.RunningServer,
        ["cluster move"] = DataAccessMode.RunningServer,
        ["backup"] = DataAccessMode.ServerOrLock,
        ["import maildir"] = DataAccessMode.ServerOrLock,
        ["import mbox"] = DataAccessMode.ServerOrLock,
        ["import imap"] = DataAccessMode.ServerOrLock,
        ["check"] = DataAccessMode.ServerOrLock,
        ["user recover"] = DataAccessMode.ServerOrLock,
        ["sieve list"] = DataAccessMode.ServerOrLock,
        ["sieve get"] = DataAccessMode.ServerOrLock,
        ["sieve put"] = DataAccessMode.ServerOrLock,
        ["sieve delete"] = DataAccessMode.ServerOrLock,
        ["sieve rename"] = DataAccessMode.ServerOrLock,
        ["sieve activate"] = DataAccessMode.ServerOrLock,
        ["sieve deactivate"] = DataAccessMode.ServerOrLock,
        ["sieve test"] = DataAccessMode.ServerOrLock,
        ["sieve import"] = DataAccessMode.ServerOrLock,
        ["sieve run"] = DataAccessMode.RunningServer,
        ["rules list"] = DataAccessMode.ServerOrLock,
        ["rules add"] = DataAccessMode.ServerOrLock,
        ["rules change"] = DataAccessMode.ServerOrLock,
        ["rules enable"] = DataAccessMode.ServerOrLock,
        ["rules disable"] = DataAccessMode.ServerOrLock,
        ["rules remove"] = DataAccessMode.ServerOrLock,
        ["rules move"] = DataAccessMode.ServerOrLock,
        ["rules activate"] = DataAccessMode.ServerOrLock,
        ["rules include"] = DataAccessMode.ServerOrLock,
        ["rules replace"] = DataAccessMode.ServerOrLock,
        ["rules try"] = DataAccessMode.RunningServer,
        ["rules apply"] = DataAccessMode.RunningServer,
        ["forwarding show"] = DataAccessMode.ServerOrLock,
        ["forwarding ask"] = DataAccessMode.RunningServer,
        ["forwarding confirm"] = DataAccessMode.RunningServer,
        ["forwarding set"] = DataAccessMode.RunningServer,
        ["forwarding off"] = DataAccessMode.RunningServer,
        ["forwarding forget"] = DataAccessMode.RunningServer,
        ["out-of-office show"] = DataAccessMode.ServerOrLock,
        ["out-of-office set"] = DataAccessMode.ServerOrLock,
        ["out-of-office off"] = DataAccessMode.ServerOrLock,
        ["dav list"] = DataAccessMode.ServerOrLock,
        ["dav export"] = DataAccessMode.ServerOrLock,
        ["dav import"] = DataAccessMode.ServerOrLock,
        ["dav share"] = DataAccessMode.ServerOrLock,
        ["dav unshare"] = DataAccessMode.ServerOrLock,
        ["dav link"] = DataAccessMode.ServerOrLock,
        ["dav unlink"] = DataAccessMode.ServerOrLock,
        ["restore"] = DataAccessMode.ServerOrLock,
        ["migrate"] = DataAccessMode.ExclusiveLock,
        ["cluster migrate"] = DataAccessMode.ExclusiveLock,
        ["serve"] = DataAccessMode.RunsServer,
        ["localserve"] = DataAccessMode.RunsServer,
    };

    /// <summary>All commands in the table.</summary>
    public static IReadOnlyCollection<string> Commands => Uses.Keys;

    public static DataAccessMode Of(string command) =>
        Uses.TryGetValue(command, out var use) ? use : throw new InvalidOperationException($"'{command}' has no row in {nameof(DataAccess)}");

    /// <summary>How long a command waits for another one that holds the lock.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Takes the lock if the command needs it; otherwise returns null. A <see cref="DataAccessMode.ServerOrLock"/> command waits for another command that holds
    /// the lock; a <see cref="DataAccessMode.ExclusiveLock"/> command fails at once.
    /// </summary>
    public static async Task<DataDirectoryLock?> EnterAsync(string command, CommandContext context, CancellationToken cancel)
    {
        var use = Of(command);
        if (use is not (DataAccessMode.ExclusiveLock or DataAccessMode.ServerOrLock)) return null;
        var storage = context.Options.Storage;
        if (AdminClient.IsRunning(storage.AdminSocketPath))
            return use == DataAccessMode.ServerOrLock ? null : throw new CommandFailure($"the server is running: stop it before '{command}'");
        // Nothing is set up there yet; the command reports that itself.
        if (command != "restore" && !Directory.Exists(storage.NodeDir)) return null;
        return use == DataAccessMode.ExclusiveLock
            ? DataDirectoryLock.Take(storage.NodeDir, command)
            : await DataDirectoryLock.TakeAsync(storage.NodeDir, command, Patience, context.Shell.WriteError, context.Shell.Time, cancel);
    }
}
