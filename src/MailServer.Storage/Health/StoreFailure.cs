using MailServer.Domain.Accounts;
using MailServer.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Health;

/// <summary>A failure of a database.</summary>
/// <param name="Reason">The message of SQLite or the file system.</param>
/// <param name="Kind">What it says about the file.</param>
public readonly record struct StoreFailure(string Reason, SqliteFaultKind Kind)
{
    private const int InputOutput = 5;
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;
    private const long LeastFree = 256 * 1024;

    /// <summary>True if the file is damaged, false if it cannot currently be read or written.</summary>
    public bool IsDamage => Kind == SqliteFaultKind.Damage;

    /// <summary>What an administrator can do; for damage it depends on the database.</summary>
    public string Remedy => Kind switch
    {
        SqliteFaultKind.Damage => "run 'mailserver check --repair', or restore the file from a backup",
        SqliteFaultKind.DiskFull => "free space on the disk; the file is not damaged, and the server retries automatically",
        SqliteFaultKind.NotAccessible => "make the file, its folder and the file system readable and writable for the server's user; the server retries automatically",
        SqliteFaultKind.Device => "check the disk and the messages of the kernel ('dmesg'); the server retries automatically",
        SqliteFaultKind.Busy => "end the other program that uses the file; the server retries automatically",
        SqliteFaultKind.Memory => "give the server more memory; it retries automatically",
        _ => "look for the cause in the log; the server retries automatically",
    };

    /// <summary>Classifies an exception; null if it is not a failure of the database, or the database is only busy.</summary>
    public static StoreFailure? Of(Exception e) => Classify(e) is { Kind: not SqliteFaultKind.Busy } failure ? failure : null;

    /// <summary>Classifies an exception; null if it is not a failure of the database.</summary>
    public static StoreFailure? Classify(Exception e) => e switch
    {
        SqliteNativeException failure => new StoreFailure(failure.Message, failure.Kind),
        SqliteException sqlite => new StoreFailure(sqlite.Message, SqliteFault.Of(sqlite.SqliteExtendedErrorCode, sqlite.Message)),
        DamagedStoreException damaged => new StoreFailure(damaged.Message, SqliteFaultKind.Damage),
        DirectoryException { InnerException: { } cause } => Classify(cause),
        UnauthorizedAccessException => new StoreFailure(e.Message, SqliteFaultKind.NotAccessible),
        IOException => new StoreFailure(e.Message, OfSystem(e.HResult)),
        _ => null,
    };

    /// <summary>The same failure, but as a full disk if there is no space where the file is: SQLite then reports that files beside it cannot be opened.</summary>
    public StoreFailure At(string path) =>
        Kind is SqliteFaultKind.NotAccessible or SqliteFaultKind.Device or SqliteFaultKind.Other && FreeSpace(path) < LeastFree ? this with { Kind = SqliteFaultKind.DiskFull } : this;

    private static long FreeSpace(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue;
        }
    }

    private static SqliteFaultKind OfSystem(int error) => error switch
    {
        NoSpace or QuotaExceeded => SqliteFaultKind.DiskFull,
        ReadOnlyFileSystem => SqliteFaultKind.NotAccessible,
        InputOutput => SqliteFaultKind.Device,
        _ => SqliteFaultKind.Other,
    };
}
