using MailServer.Common;
using MailServer.Storage;

namespace MailServer.Commands;

/// <summary>How a command uses the data directory.</summary>
internal enum DataUse
{
    /// <summary>Uses only configuration and keys, no other data of the server.</summary>
    Nothing,

    /// <summary>Reads files and databases that allow concurrent readers.</summary>
    Reads,

    /// <summary>Writes to databases that accept concurrent writers; each change is one transaction.</summary>
    SharedDatabase,

    /// <summary>Writes configuration or keys, which the server only reads.</summary>
    OwnFiles,

    /// <summary>Needs the running server.</summary>
    Server,

    /// <summary>Uses the running server; if none runs, takes the lock and works on the files.</summary>
    ServerOrLock,

    /// <summary>Takes the lock: the server must be stopped.</summary>
    Lock,

    /// <summary>Runs the server, which takes the lock itself.</summary>
    Serves,
}

/// <summary>
/// The data access of every command, and the lock for those that write without the server. A command without a row throws; a test checks that every
/// command has one.
/// </summary>
internal static class DataAccess
{
    private static readonly Dictionary<string, DataUse> s_uses = new(StringComparer.Ordinal)
    {
        ["config check"] = DataUse.Nothing,
        ["version"] = DataUse.Nothing,
        ["preflight"] = DataUse.Nothing,
        ["spf check"] = DataUse.Nothing,
        ["dmarc check"] = DataUse.Nothing,
        ["arc verify"] = DataUse.Nothing,
        ["mta-sts show"] = DataUse.Nothing,
        ["dane show"] = DataUse.Nothing,
        ["dns records"] = DataUse.Nothing,
        ["dns check"] = DataUse.Nothing,
        ["dkim verify"] = DataUse.Nothing,
        ["dkim list"] = DataUse.Nothing,
        ["dkim dns"] = DataUse.Nothing,
        ["backup verify"] = DataUse.Nothing,
        ["backup list"] = DataUse.Nothing,
        ["export"] = DataUse.Reads,
        ["domain list"] = DataUse.Reads,
        ["user list"] = DataUse.Reads,
        ["user show"] = DataUse.Reads,
        ["user app-password list"] = DataUse.Reads,
        ["user admin list"] = DataUse.Reads,
        ["user totp status"] = DataUse.Reads,
        ["alias list"] = DataUse.Reads,
        ["audit"] = DataUse.Reads,
        ["domain add"] = DataUse.SharedDatabase,
        ["domain quota"] = DataUse.SharedDatabase,
        ["domain remove"] = DataUse.SharedDatabase,
        ["user add"] = DataUse.SharedDatabase,
        ["user passwd"] = DataUse.SharedDatabase,
        ["user quota"] = DataUse.SharedDatabase,
        ["user remove"] = DataUse.SharedDatabase,
        ["user disable"] = DataUse.SharedDatabase,
        ["user enable"] = DataUse.SharedDatabase,
        ["user app-password add"] = DataUse.SharedDatabase,
        ["user app-password remove"] = DataUse.SharedDatabase,
        ["user app-password require"] = DataUse.SharedDatabase,
        ["user admin grant"] = DataUse.SharedDatabase,
        ["user admin revoke"] = DataUse.SharedDatabase,
        ["user totp enable"] = DataUse.SharedDatabase,
        ["user totp disable"] = DataUse.SharedDatabase,
        ["alias add"] = DataUse.SharedDatabase,
        ["alias remove"] = DataUse.SharedDatabase,
        ["setup"] = DataUse.OwnFiles,
        ["dkim generate"] = DataUse.OwnFiles,
        ["dkim rotate"] = DataUse.OwnFiles,
        ["dkim activate"] = DataUse.OwnFiles,
        ["dkim retire"] = DataUse.OwnFiles,
        ["doctor"] = DataUse.Server,
        ["tls show"] = DataUse.Server,
        ["tls reload"] = DataUse.Server,
        ["tls renew"] = DataUse.Server,
        ["dmarc report list"] = DataUse.Server,
        ["dmarc report show"] = DataUse.Server,
        ["dmarc report send"] = DataUse.Server,
        ["tls-report list"] = DataUse.Server,
        ["tls-report show"] = DataUse.Server,
        ["tls-report send"] = DataUse.Server,
        ["queue list"] = DataUse.Server,
        ["queue show"] = DataUse.Server,
        ["queue trace"] = DataUse.Server,
        ["queue retry"] = DataUse.Server,
        ["queue hold"] = DataUse.Server,
        ["queue release"] = DataUse.Server,
        ["queue delete"] = DataUse.Server,
        ["status"] = DataUse.Server,
        ["sessions list"] = DataUse.Server,
        ["sessions show"] = DataUse.Server,
        ["sessions kick"] = DataUse.Server,
        ["sessions tail"] = DataUse.Server,
        ["sessions top"] = DataUse.Server,
        ["mailboxes list"] = DataUse.Server,
        ["mailboxes show"] = DataUse.Server,
        ["actors tree"] = DataUse.Server,
        ["log level"] = DataUse.Server,
        ["bans list"] = DataUse.Server,
        ["bans add"] = DataUse.Server,
        ["bans remove"] = DataUse.Server,
        ["cluster show"] = DataUse.Server,
        ["cluster shards"] = DataUse.Server,
        ["cluster events"] = DataUse.Server,
        ["cluster leave"] = DataUse.Server,
        ["cluster down"] = DataUse.Server,
        ["cluster move"] = DataUse.Server,
        ["backup"] = DataUse.ServerOrLock,
        ["import maildir"] = DataUse.ServerOrLock,
        ["import mbox"] = DataUse.ServerOrLock,
        ["import imap"] = DataUse.ServerOrLock,
        ["check"] = DataUse.ServerOrLock,
        ["user recover"] = DataUse.ServerOrLock,
        ["dav list"] = DataUse.ServerOrLock,
        ["dav export"] = DataUse.ServerOrLock,
        ["dav import"] = DataUse.ServerOrLock,
        ["dav share"] = DataUse.ServerOrLock,
        ["dav unshare"] = DataUse.ServerOrLock,
        ["dav link"] = DataUse.ServerOrLock,
        ["dav unlink"] = DataUse.ServerOrLock,
        ["restore"] = DataUse.Lock,
        ["migrate"] = DataUse.Lock,
        ["cluster migrate"] = DataUse.Lock,
        ["serve"] = DataUse.Serves,
        ["localserve"] = DataUse.Serves,
    };

    /// <summary>All commands in the table.</summary>
    public static IReadOnlyCollection<string> Commands => s_uses.Keys;

    public static DataUse Of(string command) =>
        s_uses.TryGetValue(command, out var use) ? use : throw new InvalidOperationException($"'{command}' has no row in {nameof(DataAccess)}");

    /// <summary>How long a command waits for another one that holds the lock.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Takes the lock if the command needs it; otherwise returns null. A <see cref="DataUse.ServerOrLock"/> command waits for another command that holds
    /// the lock; a <see cref="DataUse.Lock"/> command fails at once.
    /// </summary>
    public static async Task<DataLock?> EnterAsync(string command, CommandContext context, CancellationToken cancel)
    {
        var use = Of(command);
        if (use is not (DataUse.Lock or DataUse.ServerOrLock)) return null;
        var storage = context.Options.Storage;
        if (AdminClient.IsRunning(storage.AdminSocketPath))
            return use == DataUse.ServerOrLock ? null : throw new CommandFailure($"the server is running: stop it before '{command}'");
        // Nothing is set up there yet; the command reports that itself.
        if (command != "restore" && !Directory.Exists(storage.NodeDir)) return null;
        return use == DataUse.Lock
            ? DataLock.Take(storage.NodeDir, command)
            : await DataLock.TakeAsync(storage.NodeDir, command, s_patience, context.Shell.Complain, context.Shell.Time, cancel);
    }
}
